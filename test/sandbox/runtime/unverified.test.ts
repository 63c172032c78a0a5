// Code that no verifier lets through ends in a status, harms nothing else, and never throws. [ST3]
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertNever, InvariantError } from "#core/assert.ts";
import {
  chainProfile,
  createInterpreter,
  createMemoryState,
  createNativeRegistry,
  type ExecutionProfile,
  internalGas,
  makeAddress,
  STATUS_CODES,
  statusName,
  UNCHECKED_PUBLISHING,
} from "#sandbox";
import { deserializeModule } from "../../../src/sandbox/binary-format/deserializer.ts";
import type {
  CompiledModule,
  Instruction,
} from "../../../src/sandbox/binary-format/file-format.ts";
import { functionName, selfId } from "../../../src/sandbox/binary-format/module-view.ts";
import { OPCODES, type Opcode } from "../../../src/sandbox/binary-format/opcodes.ts";
import { serializeModule } from "../../../src/sandbox/binary-format/serializer.ts";
import { createHarness } from "../harness.ts";
import type { CodeText, FunctionText, ModuleText, StructText } from "../module-builder.ts";

const STRUCTS: readonly StructText[] = [
  { name: "Potato", fields: { a: "u64" } },
  { name: "Gem", abilities: ["copy", "drop"], fields: { a: "u64" } },
  { name: "Res", abilities: ["key"], fields: { a: "u64" } },
  { name: "Choice", abilities: ["drop"], variants: { No: {}, Yes: { it: "u8" } } },
];

function statusOf(code: readonly CodeText[], rest: Partial<FunctionText> = {}) {
  const harness = createHarness();
  const module: ModuleText = {
    name: "m",
    version: 7,
    structs: STRUCTS,
    functions: [
      { name: "f", code, ...rest },
      { name: "takes", params: ["u8"], code: [["Ret"]] },
    ],
  };
  harness.publish(module);
  return harness.call("0x1::m::f", { mode: "system" }).status;
}

const INVARIANT = "UNKNOWN_INVARIANT_VIOLATION_ERROR";

describe("ill-typed code", () => {
  const potato: readonly CodeText[] = [
    ["LdU64", 1n],
    ["Pack", "Potato"],
  ];
  const bad: Readonly<Record<string, readonly [readonly CodeText[], Partial<FunctionText>?]>> = {
    "adds two widths": [[["LdU8", 1n], ["LdU64", 1n], ["Add"]]],
    "adds booleans": [[["LdTrue"], ["LdTrue"], ["Add"]]],
    "orders booleans": [[["LdTrue"], ["LdTrue"], ["Lt"]]],
    "shifts by a u64": [[["LdU8", 1n], ["LdU64", 1n], ["Shl"]]],
    "casts a boolean": [[["LdTrue"], ["CastU8"]]],
    "branches on a number": [
      [
        ["LdU8", 1n],
        ["BrTrue", 0],
      ],
    ],
    "negates a number": [[["LdU8", 1n], ["Not"]]],
    "aborts with a u8": [[["LdU8", 1n], ["Abort"]]],
    "compares two types": [[["LdU8", 1n], ["LdU64", 1n], ["Eq"]]],
    "compares what has no drop": [[...potato, ...potato, ["Eq"]]],
    "drops what has no drop": [[...potato, ["Pop"]]],
    "loses a local without drop": [[...potato, ["StLoc", 0], ["Ret"]], { locals: ["Potato"] }],
    "overwrites a local without drop": [
      [...potato, ["StLoc", 0], ...potato, ["StLoc", 0]],
      { locals: ["Potato"] },
    ],
    "copies what has no copy": [[...potato, ["StLoc", 0], ["CopyLoc", 0]], { locals: ["Potato"] }],
    "reads a copy of what has none": [
      [...potato, ["StLoc", 0], ["ImmBorrowLoc", 0], ["ReadRef"]],
      { locals: ["Potato"] },
    ],
    "writes over what has no drop": [
      [...potato, ...potato, ["StLoc", 0], ["MutBorrowLoc", 0], ["WriteRef"]],
      { locals: ["Potato"] },
    ],
    "reads an empty local": [[["MoveLoc", 0]], { locals: ["u8"] }],
    "moves a local twice": [
      [
        ["LdU8", 1n],
        ["StLoc", 0],
        ["MoveLoc", 0],
        ["MoveLoc", 0],
      ],
      { locals: ["u8"] },
    ],
    "borrows an empty local": [[["ImmBorrowLoc", 0]], { locals: ["u8"] }],
    "stores another type": [
      [
        ["LdU64", 1n],
        ["StLoc", 0],
      ],
      { locals: ["u8"] },
    ],
    "writes through an immutable reference": [
      [["LdU8", 1n], ["LdU8", 1n], ["StLoc", 0], ["ImmBorrowLoc", 0], ["WriteRef"]],
      { locals: ["u8"] },
    ],
    "reads through a number": [[["LdU8", 1n], ["ReadRef"]]],
    "freezes an immutable reference": [
      [["LdU8", 1n], ["StLoc", 0], ["ImmBorrowLoc", 0], ["FreezeRef"]],
      { locals: ["u8"] },
    ],
    "borrows a field of another struct": [
      [
        ["LdU64", 1n],
        ["Pack", "Gem"],
        ["StLoc", 0],
        ["ImmBorrowLoc", 0],
        ["ImmBorrowField", "Res.a"],
      ],
      { locals: ["Gem"] },
    ],
    "packs other fields": [
      [
        ["LdU8", 1n],
        ["Pack", "Gem"],
      ],
    ],
    "unpacks another struct": [
      [
        ["LdU64", 1n],
        ["Pack", "Gem"],
        ["Unpack", "Res"],
      ],
    ],
    "packs an enum as a struct": [[["Pack", "Choice"]]],
    "tests a value for its variant": [
      [
        ["PackVariant", "Choice::No"],
        ["TestVariant", "Choice::No"],
      ],
    ],
    "passes another type": [
      [
        ["LdU64", 1n],
        ["Call", "takes"],
      ],
    ],
    "returns another type": [[["LdU64", 1n], ["Ret"]], { returns: ["u8"] }],
    "returns too much": [[["LdU64", 1n], ["LdU64", 1n], ["Ret"]], { returns: ["u64"] }],
    "returns too little": [[["Ret"]], { returns: ["u64"] }],
    "mixes elements": [
      [
        ["LdU8", 1n],
        ["LdU64", 1n],
        ["VecPack", "u64", 2n],
      ],
    ],
    "pushes another type": [
      [
        ["VecPack", "u64", 0n],
        ["StLoc", 0],
        ["MutBorrowLoc", 0],
        ["LdU8", 1n],
        ["VecPushBack", "u64"],
      ],
      { locals: ["vector<u64>"] },
    ],
    "indexes by a u8": [
      [
        ["VecPack", "u64", 0n],
        ["StLoc", 0],
        ["ImmBorrowLoc", 0],
        ["LdU8", 0n],
        ["VecImmBorrow", "u64"],
      ],
      { locals: ["vector<u64>"] },
    ],
    "makes a vector of references": [[["VecPack", "&u8", 0n]]],
    "looks for a resource at a number": [
      [
        ["LdU64", 1n],
        ["Exists", "Res"],
      ],
    ],
    "stores a resource without a signer": [
      [
        ["LdU8", 1n],
        ["LdU64", 1n],
        ["Pack", "Res"],
        ["MoveTo", "Res"],
      ],
    ],
    "keeps a reference to what was moved away": [
      [["LdU8", 1n], ["StLoc", 0], ["ImmBorrowLoc", 0], ["MoveLoc", 0], ["Pop"], ["ReadRef"]],
      { locals: ["u8"] },
    ],
    "keeps a reference to a popped element": [
      [
        ["LdU8", 1n],
        ["VecPack", "u8", 1n],
        ["StLoc", 0],
        ["MutBorrowLoc", 0],
        ["StLoc", 1],
        ["CopyLoc", 1],
        ["LdU64", 0n],
        ["VecMutBorrow", "u8"],
        ["MoveLoc", 1],
        ["VecPopBack", "u8"],
        ["Pop"],
        ["ReadRef"],
      ],
      { locals: ["vector<u8>", "&mut vector<u8>"] },
    ],
  };

  it.each(Object.entries(bad))("%s", (_what, [code, rest]) => {
    const status = statusOf(code, rest);
    expect(statusName(status)).toBe(INVARIANT);
    expect(status).toMatchObject({ location: { functionIndex: 0 } });
  });

  it("takes from an empty stack, or from its caller", () => {
    expect(statusName(statusOf([["Pop"]]))).toBe("EMPTY_VALUE_STACK");
    expect(statusName(statusOf([["VecPack", "u8", 2n ** 64n - 1n]]))).toBe("OUT_OF_GAS");
    expect(statusName(statusOf([["VecPack", "u8", 9n]]))).toBe("EMPTY_VALUE_STACK");
    expect(statusName(statusOf([["Call", "takes"]]))).toBe("EMPTY_VALUE_STACK");
  });

  it("runs off its end", () => {
    expect(statusName(statusOf([["Nop"]]))).toBe("PC_OVERFLOW");
  });

  it("[ST2] unpacks another variant", () => {
    const code: readonly CodeText[] = [
      ["PackVariant", "Choice::No"],
      ["UnpackVariant", "Choice::Yes"],
    ];
    expect(statusName(statusOf(code))).toBe("STRUCT_VARIANT_MISMATCH");
  });
});

const MODULES = new URL("../../vectors/vm-conformance/modules/", import.meta.url);

function read(file: string): CompiledModule {
  const result = deserializeModule(new Uint8Array(readFileSync(new URL(file, MODULES))));
  if (!result.ok) throw new Error(file);
  return result.value;
}

const CORPUS = readdirSync(MODULES).map(read);
const PLAIN: readonly Instruction[] = (Object.keys(OPCODES) as Opcode[])
  .filter((name) => OPCODES[name].operand === "none" && OPCODES[name].since <= 6)
  .map((opcode) => ({ opcode, index: 0, value: 0n }));

/** Replaces some instructions of a module by others of the module, or by ones without operand. */
const mutated = fc
  .record({
    module: fc.constantFrom(...CORPUS),
    edits: fc.array(fc.record({ fn: fc.nat(), at: fc.nat(), by: fc.nat(), plain: fc.boolean() }), {
      minLength: 1,
      maxLength: 8,
    }),
  })
  .map(({ module, edits }) => {
    const { functionDefinitions } = module;
    // Locals and offsets of one function mean nothing in another; all else does.
    const shared = functionDefinitions
      .flatMap(({ code }) => code?.code ?? [])
      .filter(({ opcode }) => !["local", "codeOffset"].includes(OPCODES[opcode].operand));
    const edited = functionDefinitions.map((definition, position) => {
      const { code } = definition;
      if (code === undefined) return definition;
      const lines: Instruction[] = [...code.code];
      for (const { fn, at, by, plain } of edits) {
        if (fn % functionDefinitions.length !== position) continue;
        const source = plain ? PLAIN : [...code.code, ...shared];
        const line = source[by % source.length];
        if (line !== undefined) lines[at % lines.length] = line;
      }
      return { ...definition, code: { ...code, code: lines } };
    });
    return { ...module, functionDefinitions: edited };
  });

function argumentFor(kind: string): Uint8Array {
  const sizes: Readonly<Record<string, number>> = { u16: 2, u32: 4, u64: 8, u128: 16 };
  if (kind === "u256" || kind === "address") return new Uint8Array(32).fill(1);
  return new Uint8Array(sizes[kind] ?? 1);
}

describe("what JavaScript throws inside a call", () => {
  const native = (run: () => never): ExecutionProfile["natives"] =>
    createNativeRegistry([
      {
        kind: "plain",
        module: "0x1::m",
        name: "broken",
        typeParameters: 0,
        parameters: [],
        returns: [],
        gas: () => 0,
        run,
      },
    ]);

  function harnessOver(natives: ExecutionProfile["natives"]) {
    const harness = createHarness({ natives });
    harness.publish({ name: "m", functions: [{ name: "broken" }] });
    return harness;
  }

  it("[ST3] is an invariant violation of that call", () => {
    const harness = harnessOver(
      native(() => {
        throw new RangeError("too far");
      }),
    );
    expect(harness.call("0x1::m::broken").status).toEqual({
      type: "failed",
      status: INVARIANT,
      detail: "too far",
    });
  });

  it("is let through when it is a broken assertion of ours", () => {
    const harness = harnessOver(native(() => assertNever(undefined as never)));
    expect(() => harness.call("0x1::m::broken")).toThrow(InvariantError);
  });
});

describe("mutated code", () => {
  it("[ST3] ends in a status that Move knows, whatever it does", () => {
    const statuses = new Set<string>();
    fc.assert(
      fc.property(mutated, (module) => {
        const state = createMemoryState();
        for (const dependency of [...CORPUS, module]) {
          const value = serializeModule(dependency);
          const key = { kind: "module", module: selfId(dependency) } as const;
          const old = state.get(key);
          state.apply([
            {
              key,
              op: old === undefined ? { type: "new", value } : { type: "modify", old, value },
            },
          ]);
        }
        const executor = createInterpreter(chainProfile(UNCHECKED_PUBLISHING));
        const session = executor.begin(state, { uniqueSeed: new Uint8Array(32), chainId: 4 });
        for (const definition of module.functionDefinitions) {
          const handle = module.functionHandles[definition.handle];
          const parameters = module.signatures[handle?.parameters ?? 0] ?? [];
          const signers = parameters.filter(
            (token) =>
              token.kind === "signer" || (token.kind === "reference" && token.to.kind === "signer"),
          );
          const { status } = session.execute({
            mode: "system",
            function: { module: selfId(module), name: functionName(module, definition) },
            typeArgs: (handle?.typeParameters ?? []).map(() => ({ kind: "u64" })),
            args: parameters.slice(signers.length).map(({ kind }) => argumentFor(kind)),
            signers: signers.map(() => makeAddress("0x1")),
            gasLimit: internalGas(20_000),
          });
          statuses.add(statusName(status));
        }
      }),
      { numRuns: 300 },
    );
    for (const status of statuses) expect(Object.keys(STATUS_CODES)).toContain(status);
    // The mutations reach far more than one way of failing.
    expect(statuses.size).toBeGreaterThan(8);
  });
});
