// Resources as one call sees them: [CH1] to [CH7].
import { describe, expect, it } from "vitest";
import { toHex } from "#core/bytes.ts";
import { formatAddress, type Outcome, statusName } from "#sandbox";
import { CHAIN_LIMITS } from "../../../src/sandbox/runtime/limits.ts";
import { COUNTER, ONE, u64 } from "../fixtures.ts";
import { createHarness, execute } from "../harness.ts";

function opened() {
  const harness = createHarness();
  harness.publish(COUNTER);
  harness.call("0x1::counter::open", { mode: "entry", args: [u64(5)], signers: ["0x1"] });
  return harness;
}

function written(outcome: Outcome): readonly boolean[] {
  return outcome.touched.map((touch) => touch.written);
}

describe("changes of a call", () => {
  it("[CH2] are net: a new resource, a modified one, a deleted one", () => {
    const harness = opened();
    const ops = [
      harness.call("0x1::counter::set", { args: [ONE, u64(9)] }),
      harness.call("0x1::counter::close", { args: [ONE] }),
      harness.call("0x1::counter::open", { args: [u64(1)], signers: ["0x1"] }),
    ].map(({ changes }) => changes.map(({ op }) => op.type));
    expect(ops).toEqual([["modify"], ["delete"], ["new"]]);
  });

  it("[CH1][CH2] a write of the same value is written and changes nothing", () => {
    const outcome = opened().call("0x1::counter::set", { args: [ONE, u64(5)] });
    expect(outcome.changes).toEqual([]);
    expect(written(outcome)).toEqual([true]);
  });

  it("[CH1] a mutable borrow alone writes nothing", () => {
    const outcome = opened().call("0x1::counter::borrow_only", { args: [ONE] });
    expect(written(outcome)).toEqual([false]);
  });

  it("[CH4] what a call makes and removes again leaves no trace but the touch", () => {
    const harness = createHarness();
    harness.publish(COUNTER);
    const options = { args: [ONE], signers: ["0x1"] };
    const outcome = harness.call("0x1::counter::open_and_close", options);
    expect(statusName(outcome.status)).toBe("EXECUTED");
    expect(outcome.changes).toEqual([]);
    expect(written(outcome)).toEqual([false]);
  });

  it("[EX1] vanish with an abort, while the touch is reported", () => {
    const harness = opened();
    const outcome = harness.call("0x1::counter::set_then_abort", { args: [ONE, u64(9)] });
    expect(outcome.status).toMatchObject({ type: "aborted", code: 77n });
    expect(outcome.changes).toEqual([]);
    expect(outcome.touched.map(({ before }) => before && toHex(before))).toEqual([u64(5)]);
    expect(harness.call("0x1::counter::get", { args: [ONE] }).returns.map(toHex)).toEqual([u64(5)]);
  });
});

describe("touched keys", () => {
  it("[CH4] hold absences too, once each, in the order of encoded keys", () => {
    const harness = opened();
    const session = harness.begin();
    const addresses = ["09", "02", "02", "01"].map((digits) => digits.padStart(64, "0"));
    const touched = addresses.map((address) =>
      execute(session, "0x1::counter::has", { args: [address] }).touched.map(({ key, before }) => [
        key.kind === "resource" ? formatAddress(key.address) : key.kind,
        before !== undefined,
      ]),
    );
    expect(touched).toEqual([
      [["0x9", false]],
      [["0x2", false]],
      [["0x2", false]],
      [["0x1", true]],
    ]);
  });

  it("[LI4] are bounded by the profile", () => {
    const harness = createHarness({ limits: { ...CHAIN_LIMITS, touchedKeys: 0 } });
    harness.publish(COUNTER);
    const outcome = harness.call("0x1::counter::has", { args: [ONE] });
    expect(outcome.status).toMatchObject({
      status: "IO_LIMIT_REACHED",
      location: { functionIndex: 5, offset: 1 },
    });
  });

  it("[LI4][CH5] count the bytes found and those that values grow by", () => {
    const statuses = [7, 8].map((touchedBytes) => {
      const harness = createHarness({ limits: { ...CHAIN_LIMITS, touchedBytes } });
      harness.publish(COUNTER);
      const made = harness.call("0x1::counter::open", { args: [u64(1)], signers: ["0x1"] });
      // Found with 8 bytes and written with as many: counted once.
      const changed = harness.call("0x1::counter::set", { args: [ONE, u64(2)] });
      return [made, changed].map(({ status }) => statusName(status));
    });
    expect(statuses).toEqual([
      ["IO_LIMIT_REACHED", "MISSING_DATA"],
      ["EXECUTED", "EXECUTED"],
    ]);
  });

  it("[LI4] a written value is bounded in size", () => {
    const harness = createHarness({ limits: { ...CHAIN_LIMITS, valueBytes: 7 } });
    harness.publish(COUNTER);
    const { status } = harness.call("0x1::counter::open", { args: [u64(1)], signers: ["0x1"] });
    expect(statusName(status)).toBe("STORAGE_WRITE_LIMIT_REACHED");
  });
});

describe("stored bytes", () => {
  it("[CH7] that are not of their type stop the call", () => {
    const harness = opened();
    const [change] = harness.call("0x1::counter::set", { args: [ONE, u64(6)] }).changes;
    expect(change?.op.type).toBe("modify");
    if (change?.op.type !== "modify") return;
    const short = change.op.value.slice(1);
    harness.state.apply([
      { key: change.key, op: { type: "modify", old: change.op.value, value: short } },
    ]);
    const { status } = harness.call("0x1::counter::get", { args: [ONE] });
    expect(statusName(status)).toBe("FAILED_TO_DESERIALIZE_RESOURCE");
  });
});

describe("statuses of global storage", () => {
  it("[ST2] a resource that is missing, and one too many", () => {
    const harness = createHarness();
    harness.publish(COUNTER);
    const names = [
      harness.call("0x1::counter::get", { args: [ONE] }),
      harness.call("0x1::counter::close", { args: [ONE] }),
      harness.call("0x1::counter::open", { args: [u64(1)], signers: ["0x1"] }),
      harness.call("0x1::counter::open", { args: [u64(1)], signers: ["0x1"] }),
    ].map(({ status }) => statusName(status));
    expect(names).toEqual(["MISSING_DATA", "MISSING_DATA", "EXECUTED", "RESOURCE_ALREADY_EXISTS"]);
  });
});
