// Code in force, linking, publishing. [CO1] to [CO3], [EX1], [EX2].
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import { sha2_256 } from "#core/hash.ts";
import { parseModuleId } from "#core/identifier.ts";
import {
  chainProfile,
  channelProfile,
  createInterpreter,
  createMemoryState,
  internalGas,
  listedModules,
  makeAddress,
  type Outcome,
  type PublishPolicy,
  pinnedModules,
  statusName,
  VERIFIED_PUBLISHING,
} from "#sandbox";
import { createHarness, execute, GAS_LIMIT } from "../harness.ts";
import {
  buildBytes,
  type CodeText,
  type FunctionText,
  type ModuleText,
} from "../module-builder.ts";

/** `f` returns a number: tells versions of a module apart. */
function version(name: string, number: bigint, rest: Partial<ModuleText> = {}): ModuleText {
  const f: FunctionText = {
    name: "f",
    returns: ["u64"],
    code: [["LdU64", number], ["Ret"]],
  };
  return { name, functions: [f], ...rest };
}

/** Calls `f` of another module. */
function calling(name: string, other: string): ModuleText {
  const f: FunctionText = { name: "f", returns: ["u64"] };
  const code: readonly CodeText[] = [["Call", `${other}::f`], ["Ret"]];
  return { name, imports: { [other]: { functions: [f] } }, functions: [{ ...f, code }] };
}

function number({ returns }: Outcome): number {
  return returns[0]?.[0] ?? -1;
}

const SEED = { uniqueSeed: new Uint8Array(32), chainId: 4 };
const LIMIT = internalGas(GAS_LIMIT);
const OWNER = makeAddress("0x1");

describe("code in force", () => {
  it("[CO1] is the republished one with the next call, in dependents as well", () => {
    const harness = createHarness();
    harness.publish(version("a", 1n), calling("b", "0x1::a"));
    expect(number(harness.call("0x1::b::f"))).toBe(1);
    harness.publish(version("a", 2n));
    expect(number(harness.call("0x1::a::f"))).toBe(2);
    expect(number(harness.call("0x1::b::f"))).toBe(2);
  });

  it("[CO1] changes within a session, and back with a rollback", () => {
    const harness = createHarness();
    harness.publish(version("a", 1n), calling("b", "0x1::a"));
    const session = harness.begin();
    const read = () => number(execute(session, "0x1::b::f"));
    expect(read()).toBe(1);
    const mark = session.mark();
    session.publish(OWNER, [buildBytes(version("a", 2n))], LIMIT);
    expect(read()).toBe(2);
    session.rollback(mark);
    expect(read()).toBe(1);
    expect(session.changes()).toEqual([]);
  });

  it("[CO1] stays what was published, whatever becomes of the bytes that were handed in", () => {
    const harness = createHarness();
    const session = harness.begin();
    const published = buildBytes(version("a", 1n));
    const handedIn = published.slice();
    session.publish(OWNER, [handedIn], LIMIT);
    handedIn.set(buildBytes(version("a", 2n)));
    expect(number(execute(session, "0x1::a::f"))).toBe(1);
    const [change] = session.changes();
    expect(change?.op).toEqual({ type: "new", value: published });
  });

  it("[CO1] of one state is not touched by that of another on one executor", () => {
    const executor = createInterpreter(chainProfile());
    const states = [3n, 4n].map((value) => {
      const state = createMemoryState();
      const session = executor.begin(state, SEED);
      session.publish(OWNER, [buildBytes(version("a", value))], LIMIT);
      state.apply(session.changes());
      return state;
    });
    const read = () =>
      states.map((state) => number(execute(executor.begin(state, SEED), "0x1::a::f")));
    expect([read(), read()]).toEqual([
      [3, 4],
      [3, 4],
    ]);
  });

  it("[CO1] a struct with another layout is another type, not a stale one", () => {
    const holder = (fields: Record<string, string>, code: readonly CodeText[]): ModuleText => ({
      name: "a",
      structs: [{ name: "S", abilities: ["drop"], fields }],
      functions: [{ name: "make", returns: ["S"], code: [...code, ["Pack", "S"], ["Ret"]] }],
    });
    const harness = createHarness();
    harness.publish(holder({ x: "u8" }, [["LdU8", 1n]]));
    expect(harness.call("0x1::a::make").returns.map(toHex)).toEqual(["01"]);
    harness.publish(
      holder({ x: "u8", y: "u8" }, [
        ["LdU8", 1n],
        ["LdU8", 2n],
      ]),
    );
    expect(harness.call("0x1::a::make").returns.map(toHex)).toEqual(["0102"]);
  });

  it("[EX2] is the pinned one in a channel, whatever the state holds", () => {
    const id = present(parseModuleId("0x1::a"), "a name");
    const bytes = buildBytes(version("a", 7n));
    const executor = createInterpreter(channelProfile(pinnedModules([{ id, bytes }])));
    const state = createMemoryState();
    const other = buildBytes(version("a", 8n));
    state.apply([{ key: { kind: "module", module: id }, op: { type: "new", value: other } }]);
    const session = executor.begin(state, SEED);
    expect(number(execute(session, "0x1::a::f"))).toBe(7);
    expect(statusName(session.publish(OWNER, [other], LIMIT).status)).toBe("FEATURE_NOT_ENABLED");
  });
});

describe("linking", () => {
  function linkStatus(callee: ModuleText, caller: ModuleText) {
    const harness = createHarness();
    harness.publish(callee, caller);
    return statusName(harness.call(`0x1::${caller.name}::f`).status);
  }

  const caller = calling("b", "0x1::a");

  it("[CO2] agrees with the definition or fails where it is used", () => {
    const f: FunctionText = { name: "f", returns: ["u64"], code: [["LdU64", 1n], ["Ret"]] };
    const make = (change: Partial<FunctionText>): ModuleText => ({
      name: "a",
      functions: [{ ...f, ...change }],
    });
    expect(linkStatus(make({}), caller)).toBe("EXECUTED");
    expect(linkStatus(make({ returns: ["u8"] }), caller)).toBe("LINKER_ERROR");
    expect(linkStatus(make({ params: ["u8"] }), caller)).toBe("LINKER_ERROR");
    expect(linkStatus(make({ typeParameters: [0] }), caller)).toBe("LINKER_ERROR");
    expect(linkStatus(make({ visibility: "private" }), caller)).toBe("LINKER_ERROR");
    expect(linkStatus(make({ name: "g" }), caller)).toBe("FUNCTION_RESOLUTION_FAILURE");
  });

  it("[CO2] lets friends in, and nobody else", () => {
    const callee = version("a", 5n);
    const friendly = callee.functions?.map((fn): FunctionText => ({ ...fn, visibility: "friend" }));
    const shared = { ...callee, ...(friendly === undefined ? {} : { functions: friendly }) };
    expect(linkStatus({ ...shared, friends: ["0x1::b"] }, caller)).toBe("EXECUTED");
    expect(linkStatus({ ...shared, friends: ["0x1::c"] }, caller)).toBe("LINKER_ERROR");
  });

  it("[CO2] refuses a struct that is declared otherwise", () => {
    const callee = (abilities: readonly ("copy" | "drop")[]): ModuleText => ({
      name: "a",
      structs: [{ name: "S", abilities, fields: { x: "u8" } }],
      functions: [],
    });
    const user: ModuleText = {
      name: "b",
      imports: { "0x1::a": { structs: [{ name: "S", abilities: ["copy", "drop"] }] } },
      functions: [{ name: "f", code: [["VecPack", "0x1::a::S", 0n], ["Pop"], ["Ret"]] }],
    };
    expect(linkStatus(callee(["copy", "drop"]), user)).toBe("EXECUTED");
    expect(linkStatus(callee(["drop"]), user)).toBe("LINKER_ERROR");
  });

  it("[EX2] names a module that is missing anywhere in the closure", () => {
    const harness = createHarness();
    harness.publish(caller);
    expect(harness.call("0x1::b::f").status).toMatchObject({
      status: "LINKER_ERROR",
      detail: "there is no module 0x1::a",
    });
  });

  it("[CO2] survives modules that name each other", () => {
    const harness = createHarness();
    const even: ModuleText = {
      ...calling("a", "0x1::b"),
      imports: { "0x1::b": { functions: [{ name: "g", returns: ["u64"] }] } },
      functions: [{ name: "f", returns: ["u64"], code: [["Call", "0x1::b::g"], ["Ret"]] }],
    };
    const odd: ModuleText = {
      name: "b",
      imports: { "0x1::a": { functions: [{ name: "f", returns: ["u64"] }] } },
      functions: [
        { name: "g", returns: ["u64"], code: [["LdU64", 6n], ["Ret"]] },
        { name: "h", returns: ["u64"], code: [["Call", "0x1::a::f"], ["Ret"]] },
      ],
    };
    harness.publish(even, odd);
    expect(number(harness.call("0x1::b::h"))).toBe(6);
  });
});

describe("publishing", () => {
  function publish(policy: PublishPolicy, sender: string, ...modules: readonly ModuleText[]) {
    const executor = createInterpreter(chainProfile(policy));
    const session = executor.begin(createMemoryState(), SEED);
    return session.publish(makeAddress(sender), modules.map(buildBytes), LIMIT);
  }

  it("[CO3] takes modules that name each other's functions together", () => {
    const outcome = publish(VERIFIED_PUBLISHING, "0x1", calling("b", "0x1::a"), version("a", 1n));
    expect(statusName(outcome.status)).toBe("EXECUTED");
    expect(outcome.changes.map(({ key, op }) => [key.kind, op.type])).toEqual([
      ["module", "new"],
      ["module", "new"],
    ]);
  });

  it("[CO3] refuses another's address, one name twice, a missing dependency, bad code", () => {
    const bad: ModuleText = { name: "a", functions: [{ name: "f", code: [["Pop"], ["Ret"]] }] };
    const statuses = [
      publish(VERIFIED_PUBLISHING, "0x2", version("a", 1n)),
      publish(VERIFIED_PUBLISHING, "0x1", version("a", 1n), version("a", 2n)),
      publish(VERIFIED_PUBLISHING, "0x1", calling("b", "0x1::a")),
      publish(VERIFIED_PUBLISHING, "0x1", bad),
    ].map(({ status }) => statusName(status));
    expect(statuses).toEqual([
      "MODULE_ADDRESS_DOES_NOT_MATCH_SENDER",
      "DUPLICATE_MODULE_NAME",
      "LINKER_ERROR",
      "NEGATIVE_STACK_SIZE_WITHIN_BLOCK",
    ]);
  });

  it("[CO3] refuses a replacement that breaks who depends on it", () => {
    const executor = createInterpreter(chainProfile());
    const session = executor.begin(createMemoryState(), SEED);
    const put = (module: ModuleText) =>
      statusName(session.publish(OWNER, [buildBytes(module)], LIMIT).status);
    expect(put(version("a", 1n))).toBe("EXECUTED");
    expect(put(version("a", 2n))).toBe("EXECUTED");
    expect(put({ name: "a", functions: [] })).toBe("BACKWARD_INCOMPATIBLE_MODULE_UPDATE");
    expect(number(execute(session, "0x1::a::f"))).toBe(2);
  });

  it("[CO3] admits only listed code where a list is the policy", () => {
    const admitted = version("a", 1n);
    const policy = listedModules([toHex(sha2_256(buildBytes(admitted)))]);
    const statuses = [admitted, version("a", 2n)].map((module) =>
      statusName(publish(policy, "0x1", module).status),
    );
    expect(statuses).toEqual(["EXECUTED", "FEATURE_NOT_ENABLED"]);
  });

  it("[GA6] costs a base and its bytes, and runs out of gas", () => {
    const bytes = buildBytes(version("a", 1n));
    const executor = createInterpreter(chainProfile());
    const run = (gas: number) =>
      executor.begin(createMemoryState(), SEED).publish(OWNER, [bytes], internalGas(gas));
    const cost = 5000 + 20 * bytes.length;
    expect(run(GAS_LIMIT).gasUsed).toBe(cost);
    expect(statusName(run(cost).status)).toBe("EXECUTED");
    expect(statusName(run(cost - 1).status)).toBe("OUT_OF_GAS");
  });

  it("[CO2] answers any bytes with a coded status", () => {
    const executor = createInterpreter(chainProfile());
    const session = executor.begin(createMemoryState(), SEED);
    const { status } = session.publish(OWNER, [Uint8Array.of(1, 2, 3)], LIMIT);
    expect(statusName(status)).toBe("BAD_MAGIC");
  });
});
