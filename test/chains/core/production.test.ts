// Which turns a producer takes, and which it must not: what it has signed binds it for ever.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { publicKeyOf, signEd25519 } from "#core/ed25519.ts";
import { createNodeMachine, type Effect, step } from "../../../src/chains/core/machine.ts";
import type { SignedMark } from "../../../src/chains/core/node-machine.ts";
import { createBlockTree } from "../../../src/chains/ledger/block-tree.ts";
import { START_MS } from "../fixture.ts";
import { manualClock } from "../manual-clock.ts";
import { producerIdentity, producerNode, producerStore, SLOT_MS } from "../producers.ts";

const COUNT = 3;
const START_SLOT = START_MS / BigInt(SLOT_MS);
/** The first slot after genesis that is the first producer's. */
const OWN_SLOT = START_SLOT + (3n - (START_SLOT % 3n));
const OWN_EPOCH = OWN_SLOT / 3n;

async function machineAt(slot: bigint, signed: SignedMark | undefined) {
  const node = await producerNode(manualClock(START_MS), await producerStore(COUNT, 0));
  const { environment, tree } = node.source;
  const { producerSecret } = producerIdentity(COUNT, 0);
  const signer = {
    publicKey: publicKeyOf(producerSecret),
    sign: (message: Uint8Array) => signEd25519(message, producerSecret),
  };
  const genesis = createBlockTree([tree.head]);
  const nowMs = slot * BigInt(SLOT_MS);
  const machine = createNodeMachine(environment, signer, genesis, signed, nowMs - 1n);
  return { machine, effects: step(machine, { type: "tick", nowMs }) };
}

function wakesAt(effects: readonly Effect[]): bigint | undefined {
  const [effect] = effects;
  return effect?.type === "wake" ? effect.atMs / BigInt(SLOT_MS) : undefined;
}

describe("a producer", () => {
  it("makes a block in a turn of its own, and remembers what it has signed", async () => {
    const { machine, effects } = await machineAt(OWN_SLOT, undefined);
    const mark = { slot: OWN_SLOT, sourceEpoch: START_SLOT / 3n };
    expect(effects).toMatchObject([{ type: "persist", signed: mark }]);
    expect(machine.signed).toEqual(mark);
  });

  it("waits for its turn in that of another", async () => {
    const { effects } = await machineAt(OWN_SLOT + 1n, undefined);
    expect(wakesAt(effects)).toBe(OWN_SLOT + 3n);
  });

  it("signs no second block for a turn, though the first is nowhere to be seen", async () => {
    const signed = { slot: OWN_SLOT, sourceEpoch: 0n };
    const { effects } = await machineAt(OWN_SLOT, signed);
    expect(wakesAt(effects)).toBe(OWN_SLOT + 3n);
  });

  it("signs nothing for turns before the last one it took, whatever its clock says", async () => {
    const signed = { slot: OWN_SLOT + 30n, sourceEpoch: 0n };
    const { effects } = await machineAt(OWN_SLOT, signed);
    expect(wakesAt(effects)).toBe(OWN_SLOT + 33n);
  });

  it("does not vote from an older source than it has voted from", async () => {
    const signed = { slot: OWN_SLOT - 3n, sourceEpoch: OWN_EPOCH };
    const { machine, effects } = await machineAt(OWN_SLOT, signed);
    expect(wakesAt(effects)).toBe(OWN_SLOT + 3n);
    const { effects: free } = await machineAt(OWN_SLOT, { ...signed, sourceEpoch: 0n });
    expect(present(free[0], "an effect").type).toBe("persist");
    expect(machine.persisting).toBeUndefined();
  });
});
