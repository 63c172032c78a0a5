// Commits that leave a hole, and one node that says something else: votes are made by hand with the
// nodes' keys, on a real root chain, and the nodes themselves fill what is missing.
import { afterEach, describe, expect, it } from "vitest";
import { signTransaction } from "#chains";
import { present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import { gasUnits } from "#core/gas-units.ts";
import { sha2_256 } from "#core/hash.ts";
import { readAccount } from "../../../src/chains/ledger/framework.ts";
import { commitCall, consensusView, readConsensus } from "../../../src/chains/para/contract.ts";
import { encodeStatus, type NodeStatus, statusOf } from "../../../src/chains/para/node-status.ts";
import { CONFIG, paraAccount } from "./para-chain.ts";
import {
  closeWorld,
  consensusOf,
  createParaWorld,
  doneHeights,
  foundGroup,
  headOf,
  type ParaWorld,
  paraNode,
  pass,
  rootNode,
  startPara,
} from "./para-world.ts";

const worlds: ParaWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await closeWorld(world);
});

/** Nodes 0 and 1 run and have committed all they built; two of four agree on nothing. */
async function halfWorld(): Promise<ParaWorld> {
  const world = await createParaWorld({ idleMs: 5_000n });
  worlds.push(world);
  await foundGroup(world);
  for (const index of [0, 1]) await startPara(world, index);
  await pass(world, 180_000);
  expect(await consensusOf(world)).toBe(-1n);
  expect(headOf(paraNode(world, 0))).toBeGreaterThan(7n);
  return world;
}

/** What an honest node says of a height. */
async function honest(world: ParaWorld, height: bigint): Promise<NodeStatus> {
  const { store } = paraNode(world, 0).source;
  return statusOf(CONFIG.title, present(await store.blockAt(height), "a block"));
}

/** A node whose process does not run votes. */
async function vote(
  world: ParaWorld,
  index: number,
  statuses: readonly NodeStatus[],
): Promise<void> {
  const root = rootNode(world);
  const signer = paraAccount(index);
  const { sequenceNumber } = readAccount(root.source.tree.head.state, signer.address);
  const call = commitCall(statuses.map(encodeStatus), 0n);
  const signed = signTransaction(
    {
      sender: signer.address,
      sequenceNumber,
      payload: { type: "entryFunction", call },
      maxGas: gasUnits(500_000n),
      gasUnitPrice: 1n,
      expirationSecs: world.clock.now() / 1_000n + 60n,
      chainId: 4,
    },
    signer,
  );
  const client = root.connect();
  const waiting = client
    .submit(signed.bytes)
    .then((hash) => client.waitForTransaction(hash, 9_000));
  await pass(world, 2_000);
  const { receipt } = await waiting;
  expect(receipt.status.type).toBe("executed");
  client.close();
}

async function agreedHash(world: ParaWorld): Promise<Uint8Array> {
  const client = rootNode(world).connect();
  const [value] = await client.view(consensusView(CONFIG.title));
  client.close();
  return present(value && readConsensus(value), "something is agreed on").blockHash;
}

async function range(world: ParaWorld, from: bigint, to: bigint): Promise<NodeStatus[]> {
  const statuses: NodeStatus[] = [];
  for (let height = from; height <= to; height++) statuses.push(await honest(world, height));
  return statuses;
}

/** Minutes of virtual time, on one processor. */
const TIMEOUT_MS = 120_000;

describe("a hole in what was committed", { timeout: TIMEOUT_MS }, () => {
  it("[P11] is filled by the nodes, one height after the other, when a node comes", async () => {
    const world = await halfWorld();
    await vote(world, 2, await range(world, 0n, 1n));
    expect(await consensusOf(world)).toBe(1n);
    // 2 is the hole: three of four have said the same of 3 to 7.
    await vote(world, 2, await range(world, 3n, 7n));
    await pass(world, 10_000);
    expect(await consensusOf(world)).toBe(1n);
    await startPara(world, 3);
    await pass(world, 60_000);
    expect(await consensusOf(world)).toBeGreaterThan(7n);
    const done = await doneHeights(world);
    expect(done).toEqual(done.map((_, index) => BigInt(index)));
  });

  it("[P11] leaves what waits above it to be sent again, in order", async () => {
    const world = await halfWorld();
    await vote(world, 2, await range(world, 0n, 1n));
    await vote(world, 2, await range(world, 3n, 7n));
    await vote(world, 2, [await honest(world, 2n)]);
    expect(await consensusOf(world)).toBe(2n);
    // The nodes had sent all this before: their prunings see that it does not move.
    await pass(world, 100_000);
    expect(await consensusOf(world)).toBe(7n);
    const done = await doneHeights(world);
    expect(done).toEqual(done.map((_, index) => BigInt(index)));
  });

  it("[P12] is not filled with what the last one says, but with what most say", async () => {
    const world = await halfWorld();
    await vote(world, 2, await range(world, 0n, 1n));
    await vote(world, 2, [await honest(world, 3n)]);
    await vote(world, 2, [await honest(world, 2n)]);
    expect(await consensusOf(world)).toBe(2n);
    const right = await honest(world, 3n);
    const wrong = { ...right, blockHash: sha2_256(right.blockHash) };
    await vote(world, 3, [wrong]);
    expect(await consensusOf(world)).toBe(3n);
    expect(equalBytes(await agreedHash(world), right.blockHash)).toBe(true);
  });

  it("[B8] does not count votes as one that have only the block's hash in common", async () => {
    const world = await halfWorld();
    const right = await honest(world, 0n);
    await vote(world, 2, [{ ...right, stateHash: sha2_256(right.stateHash) }]);
    expect(await consensusOf(world)).toBe(-1n);
    await vote(world, 3, [right]);
    expect(await consensusOf(world)).toBe(0n);
  });
});
