// Tables: items in state, rolled back with the call. [TA1] to [TA3].
import { describe, expect, it } from "vitest";
import { toHex } from "#core/bytes.ts";
import { type Outcome, type StateKey, statusName } from "#sandbox";
import { tableHandle } from "../../../src/sandbox/storage/table-handle.ts";
import { ONE, TABLE, u64 } from "../fixtures.ts";
import { createHarness, execute } from "../harness.ts";

function opened() {
  const harness = createHarness();
  harness.publish(TABLE);
  harness.call("0x1::table::open", { mode: "entry", signers: ["0x1"] });
  return harness;
}

function keysOf({ changes }: Outcome): readonly StateKey[] {
  return changes.map(({ key }) => key);
}

describe("a table", () => {
  it("[TA1][TA2] keeps an item under its handle and the BCS of its key", () => {
    const outcome = opened().call("0x1::table::add", { args: [ONE, u64(3), u64(30)] });
    const handle = tableHandle(new Uint8Array(32), 0);
    const key = Uint8Array.from(Buffer.from(u64(3), "hex"));
    expect(keysOf(outcome)).toEqual([{ kind: "tableItem", handle, key }]);
    const [change] = outcome.changes;
    expect(change?.op.type === "new" && toHex(change.op.value)).toBe(u64(30));
  });

  it("[TA2] gives, changes, tests and removes items", () => {
    const harness = opened();
    harness.call("0x1::table::add", { args: [ONE, u64(3), u64(30)] });
    harness.call("0x1::table::set", { args: [ONE, u64(3), u64(31)] });
    const values = [
      harness.call("0x1::table::get", { args: [ONE, u64(3)] }),
      harness.call("0x1::table::contains", { args: [ONE, u64(3)] }),
      harness.call("0x1::table::remove", { args: [ONE, u64(3)] }),
      harness.call("0x1::table::contains", { args: [ONE, u64(3)] }),
    ].map(({ returns }) => returns.map(toHex).join());
    expect(values).toEqual([u64(31), "01", u64(31), "00"]);
  });

  it("[TA2] loses with an abort what was added before it", () => {
    const harness = opened();
    const outcome = harness.call("0x1::table::add_then_abort", {
      args: [ONE, u64(3), u64(30)],
    });
    expect(outcome.status).toMatchObject({ type: "aborted", code: 5n });
    const found = harness.call("0x1::table::contains", { args: [ONE, u64(3)] });
    expect(found.returns.map(toHex)).toEqual(["00"]);
  });

  it("[TA3] aborts at the native for an item too many and for one that is missing", () => {
    const harness = opened();
    harness.call("0x1::table::add", { args: [ONE, u64(3), u64(30)] });
    const again = harness.call("0x1::table::add", { args: [ONE, u64(3), u64(30)] });
    const missing = [
      harness.call("0x1::table::get", { args: [ONE, u64(4)] }),
      harness.call("0x1::table::set", { args: [ONE, u64(4), u64(1)] }),
      harness.call("0x1::table::remove", { args: [ONE, u64(4)] }),
    ];
    const offset = 0;
    expect(again.status).toMatchObject({
      code: 25_607n,
      location: { functionIndex: 1, offset },
    });
    expect(missing.map(({ status }) => status)).toMatchObject([
      { code: 25_863n, location: { functionIndex: 2, offset } },
      { code: 25_863n, location: { functionIndex: 3, offset } },
      { code: 25_863n, location: { functionIndex: 5, offset } },
    ]);
  });

  it("can be closed", () => {
    const outcome = opened().call("0x1::table::close", { args: [ONE] });
    expect(statusName(outcome.status)).toBe("EXECUTED");
    expect(outcome.changes.map(({ op }) => op.type)).toEqual(["delete"]);
  });
});

describe("table handles of a session", () => {
  const handles = (outcome: Outcome) =>
    outcome.changes.map(({ op }) => (op.type === "new" ? `0x${toHex(op.value)}` : ""));

  it("[TA1] count on from call to call", () => {
    const harness = createHarness();
    harness.publish(TABLE);
    const session = harness.begin(7);
    const seed = new Uint8Array(32).fill(7);
    const made = ["0x1", "0x2"].map((signer) =>
      execute(session, "0x1::table::open", { signers: [signer] }),
    );
    expect(made.flatMap(handles)).toEqual([tableHandle(seed, 0), tableHandle(seed, 1)]);
  });

  it("[TA1][EX1] are used again when the call that made them failed or was rolled back", () => {
    const harness = createHarness();
    harness.publish(TABLE);
    const session = harness.begin(7);
    const seed = new Uint8Array(32).fill(7);
    const mark = session.mark();
    execute(session, "0x1::table::open", { signers: ["0x1"] });
    const failed = execute(session, "0x1::table::open", { signers: ["0x1"] });
    expect(statusName(failed.status)).toBe("RESOURCE_ALREADY_EXISTS");
    session.rollback(mark);
    const made = execute(session, "0x1::table::open", { signers: ["0x2"] });
    expect(handles(made)).toEqual([tableHandle(seed, 0)]);
  });
});
