// Linking and publishing: a module among others.
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { equalBytes } from "#core/bytes.ts";
import { formatModuleId, type ModuleId } from "#core/identifier.ts";
import type { CompiledModule } from "../../../src/sandbox/binary-format/file-format.ts";
import { selfId } from "../../../src/sandbox/binary-format/module-view.ts";
import { PRODUCTION_CONFIG, type VerifierConfig } from "../../../src/sandbox/verifier/config.ts";
import { verifyPublish } from "../../../src/sandbox/verifier/publish.ts";
import { assemble, assembleBytes } from "../../assembler/assembler.ts";

const LIBRARY = `
module 0x1::lib
friend 0x1::user
struct S<T, phantom P: copy> has copy, drop, store
  x: T
struct Plain has drop
  x: u64
public fun open<T: drop>(a: &T, b: S<T, u64>): u64
  ld_u64 1
  ret
public(friend) fun inner()
  ret
fun hidden()
  ret
`;

function publish(
  sources: readonly string[],
  inForce: readonly string[] = [LIBRARY],
  config: Partial<VerifierConfig> = {},
): string {
  const known = new Map(inForce.map((source) => byName(assemble(source))));
  const result = verifyPublish({
    sender: makeAddress("0x1"),
    modules: sources.map(assembleBytes),
    resolve: (id: ModuleId) => known.get(formatModuleId(id)),
    natives: { has: (module, name) => formatModuleId(module) === "0x1::user" && name === "known" },
    config: { ...PRODUCTION_CONFIG, ...config },
  });
  return result.ok ? "OK" : result.error.status;
}

function byName(module: CompiledModule): [string, CompiledModule] {
  return [formatModuleId(selfId(module)), module];
}

const USER = (declarations: string) => `module 0x1::user\n${declarations}`;
const IMPORT_S = "import struct 0x1::lib::S<T, phantom P: copy> has copy, drop, store\n";

describe("dependencies", () => {
  it.each([
    ["a struct as it is", IMPORT_S],
    ["fewer abilities", "import struct 0x1::lib::S<T, phantom P: copy> has drop"],
    ["a phantom as real", "import struct 0x1::lib::S<T, P: copy> has drop"],
    ["more constraints", "import struct 0x1::lib::S<T: drop, phantom P: copy + drop> has drop"],
    ["a function", `${IMPORT_S}import fun 0x1::lib::open<T: drop>(&T, 0x1::lib::S<T, u64>): u64`],
    [
      "more constraints of a function",
      `${IMPORT_S}import fun 0x1::lib::open<T: drop + copy>(&T, 0x1::lib::S<T, u64>): u64`,
    ],
    ["a friend's function", "import fun 0x1::lib::inner()"],
  ])("may name %s", (_name, source) => {
    expect(publish([USER(source)])).toBe("OK");
  });

  it.each([
    ["LINKER_ERROR", "import fun 0x1::nobody::f()"],
    ["LOOKUP_FAILED", "import struct 0x1::lib::Missing"],
    ["LOOKUP_FAILED", "import fun 0x1::lib::missing()"],
    ["LOOKUP_FAILED", "import fun 0x1::lib::hidden()"],
    ["TYPE_MISMATCH", "import struct 0x1::lib::S<T, phantom P: copy> has copy, drop, store, key"],
    ["TYPE_MISMATCH", "import struct 0x1::lib::S<T> has drop"],
    ["TYPE_MISMATCH", "import struct 0x1::lib::S<phantom T, phantom P: copy> has drop"],
    ["TYPE_MISMATCH", "import struct 0x1::lib::S<T, phantom P> has drop"],
    ["TYPE_MISMATCH", `${IMPORT_S}import fun 0x1::lib::open<T>(&T, 0x1::lib::S<T, u64>): u64`],
    [
      "TYPE_MISMATCH",
      `${IMPORT_S}import fun 0x1::lib::open<T: drop>(&mut T, 0x1::lib::S<T, u64>): u64`,
    ],
    ["TYPE_MISMATCH", `${IMPORT_S}import fun 0x1::lib::open<T: drop>(&T, 0x1::lib::S<T, u8>): u64`],
    ["TYPE_MISMATCH", `${IMPORT_S}import fun 0x1::lib::open<T: drop>(&T, 0x1::lib::S<T, u64>)`],
    ["TYPE_MISMATCH", "import fun 0x1::lib::inner(u64)"],
  ])("refuses with %s: %s", (status, source) => {
    expect(publish([USER(source)])).toBe(status);
  });

  it("opens a friend's functions to friends only", () => {
    expect(publish(["module 0x1::stranger\nimport fun 0x1::lib::inner()"])).toBe("LOOKUP_FAILED");
  });

  it("links modules that are published together", () => {
    const a = "module 0x1::a\npublic fun f()\nret";
    const b = "module 0x1::b\nimport fun 0x1::a::f()\nfun g()\ncall 0x1::a::f\nret";
    expect(publish([b, a], [])).toBe("OK");
    expect(publish([b], [])).toBe("LINKER_ERROR");
  });
});

describe("cycles", () => {
  const MODULE = (name: string, callee: string, extra = "") =>
    `module 0x1::${name}\n${extra}import fun 0x1::${callee}::f()\npublic fun f()\n` +
    `call 0x1::${callee}::f\nret`;

  it("refuses modules that depend on each other, published together or by an upgrade", () => {
    const status = "CYCLIC_MODULE_DEPENDENCY";
    expect(publish([MODULE("a", "b"), MODULE("b", "a")], [])).toBe(status);
    expect(publish([MODULE("a", "b"), MODULE("b", "c"), MODULE("c", "a")], [])).toBe(status);
    const a = "module 0x1::a\npublic fun f()\nret";
    expect(publish([MODULE("a", "b")], [a, MODULE("b", "a")])).toBe(status);
  });

  it("refuses friends in a ring", () => {
    const friend = (name: string, other: string) => `module 0x1::${name}\nfriend 0x1::${other}`;
    expect(publish([friend("a", "b"), friend("b", "a")], [])).toBe("CYCLIC_MODULE_FRIENDSHIP");
    expect(publish([friend("a", "b")], [friend("b", "a")])).toBe("CYCLIC_MODULE_FRIENDSHIP");
  });

  it("lets a friend come later", () => {
    expect(publish(["module 0x1::a\nfriend 0x1::b"], [])).toBe("OK");
  });

  it("refuses a dependency for a friend", () => {
    const b = "module 0x1::b\npublic fun f()\nret";
    expect(publish([MODULE("a", "b", "friend 0x1::b\n")], [b])).toBe(
      "INVALID_FRIEND_DECL_WITH_MODULES_IN_DEPENDENCIES",
    );
  });

  it("follows a bounded number of modules", () => {
    const chain = Array.from({ length: 5 }, (_, index) => MODULE(`m${index + 1}`, `m${index}`));
    const inForce = ["module 0x1::m0\npublic fun f()\nret", ...chain];
    const top = MODULE("top", "m5");
    expect(publish([top], inForce, { dependenciesMax: 6 })).toBe("OK");
    expect(publish([top], inForce, { dependenciesMax: 5 })).toBe("DEPENDENCY_LIMIT_REACHED");
  });
});

describe("publishing", () => {
  it("takes modules of the sender only, each name once", () => {
    expect(publish(["module 0x2::m"])).toBe("MODULE_ADDRESS_DOES_NOT_MATCH_SENDER");
    expect(publish(["module 0x1::m", "module 0x1::m"])).toBe("DUPLICATE_MODULE_NAME");
  });

  it("takes only natives that the host has, and no native structs", () => {
    expect(publish([USER("native fun known()")])).toBe("OK");
    expect(publish([USER("native fun unknown()")])).toBe("MISSING_DEPENDENCY");
    expect(publish([USER("native struct N")])).toBe("MISSING_DEPENDENCY");
  });

  it("says which module is at fault, and where", () => {
    const bytes = [
      assembleBytes("module 0x1::a"),
      assembleBytes("module 0x1::b\nfun f()\npop\nret"),
    ];
    const request = {
      sender: makeAddress("0x1"),
      resolve: () => undefined,
      natives: { has: () => true },
    };
    const result = verifyPublish({ ...request, modules: bytes });
    expect(result).toMatchObject({
      error: {
        moduleIndex: 1,
        status: "NEGATIVE_STACK_SIZE_WITHIN_BLOCK",
        location: { functionIndex: 0, offset: 0 },
      },
    });
    const cut = verifyPublish({
      ...request,
      modules: [bytes[0]?.slice(0, 20) ?? new Uint8Array()],
    });
    expect(cut).toMatchObject({ error: { moduleIndex: 0, byteOffset: expect.any(Number) } });
  });

  it("does not read what is too large", () => {
    expect(publish(["module 0x1::m"], [], { moduleSizeMax: 10 })).toBe("PROGRAM_TOO_COMPLEX");
  });

  it("verifies every module before it links any", () => {
    const unsound = "module 0x1::b\nfun f()\npop\nret";
    const unlinked = "module 0x1::a\nimport fun 0x1::lib::missing()";
    expect(publish([unlinked, unsound])).toBe("NEGATIVE_STACK_SIZE_WITHIN_BLOCK");
  });

  it("[CO3] does not judge known bytes again by themselves, and links them all the same", () => {
    const unsound = "module 0x1::b\nfun f()\npop\nret";
    const unlinked = "module 0x1::a\nimport fun 0x1::lib::missing()";
    const statusOf = (source: string, known: string) => {
      const [bytes, knownBytes] = [assembleBytes(source), assembleBytes(known)];
      const result = verifyPublish({
        sender: makeAddress("0x1"),
        modules: [bytes],
        resolve: () => undefined,
        natives: { has: () => true },
        isKnown: (asked) => equalBytes(asked, knownBytes),
      });
      return result.ok ? "OK" : result.error.status;
    };
    expect(statusOf(unsound, unsound)).toBe("OK");
    expect(statusOf(unsound, unlinked)).toBe("NEGATIVE_STACK_SIZE_WITHIN_BLOCK");
    expect(statusOf(unlinked, unlinked)).toBe("LINKER_ERROR");
  });

  it("lets a module replace itself, or a compatible one", () => {
    expect(publish([LIBRARY])).toBe("OK");
    expect(publish([`${LIBRARY}\npublic fun added()\nret`])).toBe("OK");
    expect(publish([LIBRARY.replace("public fun open", "fun open")])).toBe(
      "BACKWARD_INCOMPATIBLE_MODULE_UPDATE",
    );
  });
});
