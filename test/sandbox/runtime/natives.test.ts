// Natives called from Move code: binding, prices, places. [NA1] to [NA3], [VA2].
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import { parseModuleId } from "#core/identifier.ts";
import { channelProfile, formatTypeTag, type Outcome, pinnedModules, statusName } from "#sandbox";
import { ONE, u64 } from "../fixtures.ts";
import { createHarness } from "../harness.ts";
import {
  buildBytes,
  type CodeText,
  type FunctionText,
  type ModuleText,
} from "../module-builder.ts";

const CALL_BASE = 50;

function hex({ returns }: Outcome): readonly string[] {
  return returns.map(toHex);
}

/** A module with one native and a function that forwards all its arguments to it. */
function forwarding(module: string, native: FunctionText): ModuleText {
  const params = native.params ?? [];
  const typeArgs = (native.typeParameters ?? []).map((_, index) => `#${index}`);
  const call: CodeText =
    typeArgs.length === 0 ? ["Call", native.name] : ["CallGeneric", native.name, typeArgs];
  const code: CodeText[] = params.map((_, index) => ["MoveLoc", index]);
  return {
    name: module,
    functions: [native, { ...native, name: "f", code: [...code, call, ["Ret"]] }],
  };
}

describe("binding", () => {
  it("[NA1] refuses a declaration that is not the implemented one, where it is called", () => {
    const harness = createHarness();
    const native = { name: "sha2_256", params: ["vector<u8>", "u8"], returns: ["vector<u8>"] };
    harness.publish(forwarding("hash", native));
    const { status } = harness.call("0x1::hash::f", { args: ["00", "00"] });
    expect(status).toMatchObject({
      status: "LINKER_ERROR",
      location: { functionIndex: 1, offset: 2 },
    });
  });

  it("[NA1] refuses a native that nobody implements, and one at another address", () => {
    const harness = createHarness();
    harness.publish(forwarding("hash", { name: "md5", params: ["u8"] }));
    harness.publish({
      ...forwarding("hash", { name: "sha2_256", params: ["vector<u8>"], returns: ["vector<u8>"] }),
      address: "0x2",
    });
    const calls = [
      harness.call("0x1::hash::f", { args: ["00"] }),
      harness.call("0x2::hash::f", { args: ["00"] }),
    ];
    expect(calls.map(({ status }) => statusName(status))).toEqual([
      "MISSING_DEPENDENCY",
      "MISSING_DEPENDENCY",
    ]);
  });
});

describe("plain natives", () => {
  it("[NA2] cost base and bytes, and count their result as memory", () => {
    const harness = createHarness();
    const native = { name: "sha3_256", params: ["vector<u8>"], returns: ["vector<u8>"] };
    harness.publish(forwarding("hash", native));
    const outcome = harness.call("0x1::hash::f", { args: [`40${"00".repeat(64)}`] });
    expect(hex(outcome)[0]).toHaveLength(66);
    // Arguments 9; MoveLoc, Call, Ret; 70 and 64 bytes.
    expect(outcome.gasUsed).toBe(CALL_BASE + 9 + 12 + 70 + 64);
  });

  it("[ST1] abort at themselves, offset 0", () => {
    const harness = createHarness();
    harness.publish(
      forwarding("from_bcs", {
        name: "to_address",
        params: ["vector<u8>"],
        returns: ["address"],
      }),
    );
    expect(hex(harness.call("0x1::from_bcs::f", { args: [`20${ONE}`] }))).toEqual([ONE]);
    expect(harness.call("0x1::from_bcs::f", { args: ["00"] }).status).toMatchObject({
      type: "aborted",
      code: 0x10001n,
      location: { functionIndex: 0, offset: 0 },
    });
  });

  it("build the struct that the module declares", () => {
    const harness = createHarness();
    harness.publish({
      name: "type_name",
      structs: [
        { name: "Text", abilities: ["drop"], fields: { bytes: "vector<u8>" } },
        { name: "TypeName", abilities: ["drop"], fields: { name: "Text" } },
      ],
      functions: [{ name: "get", typeParameters: [0], returns: ["TypeName"] }],
    });
    const [bytes] = hex(harness.call("0x1::type_name::get", { typeArgs: ["vector<u8>"] }));
    expect(bytes).toBe(`0a${Buffer.from("vector<u8>").toString("hex")}`);
  });
});

describe("host operations", () => {
  it("bcs::to_bytes and serialized_size agree", () => {
    const harness = createHarness();
    harness.publish({
      name: "bcs",
      functions: [
        { name: "to_bytes", typeParameters: [0], params: ["&#0"], returns: ["vector<u8>"] },
        { name: "serialized_size", typeParameters: [0], params: ["&#0"], returns: ["u64"] },
      ],
    });
    const options = { typeArgs: ["vector<u16>"], args: ["020100ffff"] };
    expect(hex(harness.call("0x1::bcs::to_bytes", options))).toEqual(["05020100ffff"]);
    expect(hex(harness.call("0x1::bcs::serialized_size", options))).toEqual([u64(5)]);
  });

  it.each(["emit", "write_module_event_to_store", "emit_event"])(
    "event::%s logs type and bytes",
    (name) => {
      const harness = createHarness();
      const param = name === "emit_event" ? "&#0" : "#0";
      harness.publish(forwarding("event", { name, typeParameters: [6], params: [param] }));
      const { events } = harness.call("0x1::event::f", {
        typeArgs: ["vector<u8>"],
        args: ["0107"],
      });
      const texts = events.map(({ type, data }) => [formatTypeTag(type), toHex(data)]);
      expect(texts).toEqual([["vector<u8>", "0107"]]);
    },
  );

  it("[VA2] cmp::compare says less, equal, greater", () => {
    const harness = createHarness();
    harness.publish({
      name: "cmp",
      version: 7,
      structs: [
        {
          name: "Ordering",
          abilities: ["copy", "drop"],
          variants: { Less: {}, Equal: {}, Greater: {} },
        },
      ],
      functions: [
        { name: "compare", typeParameters: [0], params: ["&#0", "&#0"], returns: ["Ordering"] },
      ],
    });
    const compare = (a: string, b: string) =>
      hex(harness.call("0x1::cmp::compare", { typeArgs: ["vector<u8>"], args: [a, b] }))[0];
    expect([compare("0101", "0102"), compare("0102", "0102"), compare("020100", "0101")]).toEqual([
      "00",
      "01",
      "02",
    ]);
  });

  describe("vector natives by name", () => {
    const OWNED = "vector<#0>";
    const MUTABLE = "&mut vector<#0>";
    const natives: readonly FunctionText[] = [
      { name: "empty", typeParameters: [0], returns: [OWNED] },
      { name: "length", typeParameters: [0], params: [`&${OWNED}`], returns: ["u64"] },
      { name: "borrow", typeParameters: [0], params: [`&${OWNED}`, "u64"], returns: ["&#0"] },
      { name: "borrow_mut", typeParameters: [0], params: [MUTABLE, "u64"], returns: ["&mut #0"] },
      { name: "push_back", typeParameters: [0], params: [MUTABLE, "#0"] },
      { name: "pop_back", typeParameters: [0], params: [MUTABLE], returns: ["#0"] },
      { name: "destroy_empty", typeParameters: [0], params: [OWNED] },
      { name: "swap", typeParameters: [0], params: [MUTABLE, "u64", "u64"] },
      {
        name: "move_range",
        typeParameters: [0],
        params: [MUTABLE, "u64", "u64", MUTABLE, "u64"],
      },
    ];
    const u8 = ["u8"] as const;
    /** Runs a native on vectors in locals 0 and 1 and gives both back. */
    const around = (name: string, ...args: readonly CodeText[]): FunctionText => ({
      name: `with_${name}`,
      params: ["vector<u8>", "vector<u8>"],
      returns: ["vector<u8>", "vector<u8>"],
      code: [
        ...args,
        ["CallGeneric", name, u8],
        ...(name === "pop_back" ? [["Pop"] as const] : []),
        ["MoveLoc", 0],
        ["MoveLoc", 1],
        ["Ret"],
      ],
    });
    const harness = createHarness();
    harness.publish({
      name: "vector",
      functions: [
        ...natives,
        around("push_back", ["MutBorrowLoc", 0], ["LdU8", 9n]),
        around("pop_back", ["MutBorrowLoc", 0]),
        around("swap", ["MutBorrowLoc", 0], ["LdU64", 0n], ["LdU64", 2n]),
        around(
          "move_range",
          ["MutBorrowLoc", 0],
          ["LdU64", 1n],
          ["LdU64", 2n],
          ["MutBorrowLoc", 1],
          ["LdU64", 1n],
        ),
      ],
    });
    const run = (name: string, ...args: readonly string[]) =>
      harness.call(`0x1::vector::${name}`, { args });
    const generic = (name: string, ...args: readonly string[]) =>
      harness.call(`0x1::vector::${name}`, { typeArgs: ["u8"], args });

    it("do what the instructions do", () => {
      expect(hex(generic("empty"))).toEqual(["00"]);
      expect(hex(generic("length", "020506"))).toEqual([u64(2)]);
      expect(hex(generic("borrow", "020506", u64(1)))).toEqual(["06"]);
      expect(hex(generic("borrow_mut", "020506", u64(0)))).toEqual(["05"]);
      expect(hex(run("with_push_back", "0105", "00"))).toEqual(["020509", "00"]);
      expect(hex(run("with_pop_back", "020509", "00"))).toEqual(["0105", "00"]);
      expect(hex(run("with_swap", "03010203", "00"))).toEqual(["03030201", "00"]);
      expect(statusName(generic("destroy_empty", "00").status)).toBe("EXECUTED");
    });

    it("move_range moves elements from one vector into another", () => {
      expect(hex(run("with_move_range", "0401020304", "020708"))).toEqual(["020104", "0407020308"]);
    });

    it.each([
      ["borrow", ["020506", u64(2)], 1],
      ["borrow", ["020506", "ff".repeat(8)], 1],
      ["pop_back", ["00"], 2],
      ["destroy_empty", ["0101"], 3],
      ["move_range", ["0101", u64(0), u64(2), "00", u64(0)], 1],
      ["move_range", ["0101", u64(0), u64(1), "00", u64(1)], 1],
    ] as const)("[ST2] %s refuses %s", (name, args, subStatus) => {
      const { status } = generic(name, ...args);
      expect(status).toMatchObject({ status: "VECTOR_OPERATION_ERROR", subStatus });
    });
  });
});

describe("chain-only natives", () => {
  const module = forwarding("create_signer", {
    name: "create_signer",
    params: ["address"],
    returns: ["signer"],
  });

  it("[NA3] work on a chain", () => {
    const harness = createHarness();
    harness.publish(module);
    expect(hex(harness.call("0x1::create_signer::f", { args: [ONE] }))).toEqual([ONE]);
  });

  it("[NA3] abort with their code inside a channel", () => {
    const id = present(parseModuleId("0x1::create_signer"), "a name");
    const harness = createHarness(
      channelProfile(pinnedModules([{ id, bytes: buildBytes(module) }])),
    );
    expect(harness.call("0x1::create_signer::f", { args: [ONE] }).status).toMatchObject({
      type: "aborted",
      code: 0xd0001n,
      location: { functionIndex: 0, offset: 0 },
    });
  });
});
