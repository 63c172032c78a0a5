// The trace of actions in a receipt: its bytes, and what an ordinary transaction leaves.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { BcsError, decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { parseTypeTag } from "#core/type-tag.ts";
import { type Action, readAction, writeAction } from "../../../src/chains/ledger/action-trace.ts";
import { accountNamed, commit, fund, startChain, transferTo } from "../fixture.ts";

const alice = accountNamed("alice");
const bob = accountNamed("bob");
const TRANSFER = present(parseFunctionId("0x1::aptos_account::transfer"), "a function");
const NOTIFY = present(parseFunctionId("0x50::fees::on_notify"), "a function");

const TRACE: readonly Action[] = [
  { kind: "entry", cause: undefined, function: TRANSFER, typeArgs: [], args: [] },
  {
    kind: "inline",
    cause: 0,
    function: NOTIFY,
    typeArgs: [present(parseTypeTag("vector<u8>"), "a type")],
    args: [Uint8Array.of(1, 2), new Uint8Array()],
  },
  { kind: "notification", cause: 1, function: NOTIFY, typeArgs: [], args: [] },
  { kind: "fee", cause: undefined, function: NOTIFY, typeArgs: [], args: [] },
];

describe("an action", () => {
  it("reads back from its bytes, whatever its kind", () => {
    for (const action of TRACE) {
      const bytes = encodeBcs((writer) => writeAction(writer, action));
      expect(decodeBcs(bytes, readAction)).toEqual(action);
    }
  });

  it("of a kind that there is none of cannot be read", () => {
    const bytes = encodeBcs((writer) => writeAction(writer, present(TRACE[0], "an action")));
    bytes[0] = 4;
    expect(() => decodeBcs(bytes, readAction)).toThrow(BcsError);
  });
});

describe("a receipt", () => {
  it("begins its trace with the entry function, whether it took effect or not", async () => {
    const chain = await startChain();
    await fund(chain, alice.address, 1_000_000n);
    const paid = await commit(chain, transferTo(alice, 0n, bob.address, 5n));
    const failed = await commit(chain, transferTo(alice, 1n, bob.address, 9_000_000n));
    expect(failed.receipt.status.type).toBe("aborted");
    const entry = { kind: "entry", cause: undefined, function: TRANSFER, typeArgs: [], args: [] };
    const fee = { kind: "fee", cause: undefined };
    expect(paid.receipt.actions.slice(0, 2)).toMatchObject([fee, entry]);
    expect(failed.receipt.actions).toMatchObject([fee, entry]);
  });

  it("of what opens a block traces nothing", async () => {
    const chain = await startChain();
    await fund(chain, alice.address, 1_000_000n);
    const { height } = await chain.client.ledger();
    const block = present(await chain.client.block(height), "the newest block");
    expect(block.receipts.map(({ actions }) => actions.length)).toEqual([0, 4]);
  });
});
