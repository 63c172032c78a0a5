import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  BINARY_STATUSES,
  type BinaryError,
} from "../../../src/sandbox/binary-format/binary-error.ts";
import { deserializeModule } from "../../../src/sandbox/binary-format/deserializer.ts";
import type { CompiledModule } from "../../../src/sandbox/binary-format/file-format.ts";
import { serializeModule } from "../../../src/sandbox/binary-format/serializer.ts";
import { assemble } from "../../assembler/assembler.ts";

const CORPUS = join(import.meta.dirname, "../../vectors/vm-conformance");

function filesOf(folder: string): [string, Uint8Array][] {
  return readdirSync(join(CORPUS, folder)).map((name) => [
    name,
    new Uint8Array(readFileSync(join(CORPUS, folder, name))),
  ]);
}

function read(bytes: Uint8Array): CompiledModule | BinaryError {
  const result = deserializeModule(bytes);
  return result.ok ? result.value : result.error;
}

function readHex(text: string): CompiledModule | BinaryError {
  return read(Uint8Array.from(Buffer.from(text.replace(/\s/g, ""), "hex")));
}

const MAGIC = "a11ceb0b";
const V5 = `${MAGIC}05000000`;
const V6 = `${MAGIC}06000000`;
const V7 = `${MAGIC}0700000a`;

/** A module of one table; the own handle index behind it is 0. */
function oneTable(kind: number, contents: string, header = V6): string {
  const size = contents.replace(/\s/g, "").length / 2;
  return `${header} 01 ${uleb(kind)} 00 ${uleb(size)} ${contents} 00`;
}

function uleb(value: number): string {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Buffer.from([...bytes, rest]).toString("hex");
}

describe("real modules", () => {
  it.each(filesOf("modules"))("%s is written as its compiler wrote it", (_name, bytes) => {
    const result = deserializeModule(bytes);
    expect(result.ok && Buffer.from(serializeModule(result.value)).toString("hex")).toBe(
      Buffer.from(bytes).toString("hex"),
    );
  });

  it("of the negative corpus read the same when written and read again", () => {
    const modules = filesOf("neg").flatMap(([, bytes]) => {
      const result = deserializeModule(bytes);
      return result.ok ? [result.value] : [];
    });
    expect(modules.length).toBeGreaterThan(450);
    for (const module of modules) expect(read(serializeModule(module))).toEqual(module);
  });

  it("cut short at any byte are refused, in bounds", () => {
    const [, bytes] = filesOf("modules").find(([name]) => name === "enums.mv") ?? [];
    expect(bytes).toBeDefined();
    for (let size = 0; size < (bytes?.length ?? 0); size++) {
      const error = read(bytes?.slice(0, size) ?? new Uint8Array());
      const offset = "status" in error ? error.offset : Number.POSITIVE_INFINITY;
      expect(offset).toBeLessThanOrEqual(size);
    }
  });
});

describe("the frame", () => {
  it.each<[string, string, number]>([
    ["BAD_MAGIC", "", 0],
    ["BAD_MAGIC", "a11ceb", 0],
    ["BAD_MAGIC", "a11ceb0c06000000000000", 0],
    ["MALFORMED", MAGIC, 4],
    ["MALFORMED", `${MAGIC}060000`, 7],
    ["UNKNOWN_VERSION", `${MAGIC}00000000 00 00`, 4],
    ["UNKNOWN_VERSION", `${MAGIC}04000000 00 00`, 4],
    ["UNKNOWN_VERSION", `${MAGIC}08000000 00 00`, 4],
    ["UNKNOWN_VERSION", `${MAGIC}0800000a 00 00`, 4],
    ["UNKNOWN_VERSION", `${MAGIC}07000005 00 00`, 4],
    ["UNKNOWN_VERSION", `${MAGIC}06010000 00 00`, 4],
    ["MALFORMED", V6, 8],
    ["MALFORMED", `${V6} 01`, 9],
    ["MALFORMED", `${V6} 8000`, 8],
    ["MALFORMED", `${V6} 8002`, 8],
    ["UNKNOWN_TABLE_TYPE", `${V6} 01 09 00 01 00 00`, 9],
    ["UNKNOWN_TABLE_TYPE", `${V7} 01 15 00 01 00 00`, 9],
    ["BAD_HEADER_TABLE", `${V6} 01 08 01 20 ${"00".repeat(34)}`, 9],
    ["BAD_HEADER_TABLE", `${V6} 01 08 00 00 00`, 9],
    ["BAD_HEADER_TABLE", `${V6} 01 08 00 ff01 00`, 9],
    ["BAD_HEADER_TABLE", `${V6} 02 08 00 20 07 10 03 ${"00".repeat(40)}`, 12],
    ["BAD_HEADER_TABLE", `${V6} 01 08 00 ffffffff0f 00`, 9],
    ["DUPLICATE_TABLE", `${V6} 02 08 00 20 08 20 20 ${"00".repeat(66)}`, 12],
    ["MALFORMED", `${V6} 01 08 00 20 ${"00".repeat(31)}`, 12],
    ["MALFORMED", `${V6} 01 08 00 20 ${"00".repeat(32)}`, 44],
    ["MALFORMED", `${V6} 00 8000`, 9],
    ["MALFORMED", `${V6} 00 808004`, 9],
    ["TRAILING_BYTES", `${V6} 00 00 00`, 10],
    ["MALFORMED", `${V6} 01 11 00 03 000000 00`, 12],
  ])("%s: %s", (status, text, offset) => {
    expect(readHex(text)).toMatchObject({ status, offset });
  });

  it("is read in any order of tables", () => {
    const address = "00".repeat(31) + "01";
    const module = readHex(`${V6} 02 07 20 02 08 00 20 ${address} 0161 00`);
    expect(module).toMatchObject({ identifiers: ["a"], addresses: [`0x${address}`] });
  });

  it("names version 7 with or without the mark of the lineage, and writes the mark", () => {
    const bare = readHex(`${MAGIC}07000000 00 00`);
    expect(bare).toMatchObject({ version: 7 });
    expect(Buffer.from(serializeModule(bare as CompiledModule)).toString("hex")).toBe(`${V7}0000`);
  });
});

describe("pools", () => {
  it.each<[string, string]>([
    ["a name of 255 bytes", oneTable(0x07, `ff01 ${"61".repeat(255)}`)],
    ["the name of a script's module", oneTable(0x07, "06 3c53454c463e")],
    ["empty metadata", oneTable(0x10, "00 00")],
    ["a constant of any bytes", oneTable(0x06, "02 03 010203")],
  ])("read %s", (_name, text) => {
    expect(readHex(text)).not.toHaveProperty("status");
  });

  it.each<[string, string]>([
    ["an empty name", oneTable(0x07, "00")],
    ["a name that starts with a digit", oneTable(0x07, "02 3161")],
    ["a name with a space", oneTable(0x07, "03 612062")],
    ["a name that is one underscore", oneTable(0x07, "01 5f")],
    ["a name that is no UTF-8", oneTable(0x07, "01 ff")],
    ["a name of 256 bytes", oneTable(0x07, `8002 ${"61".repeat(256)}`)],
    ["a name cut short", oneTable(0x07, "02 61")],
    ["half an address", oneTable(0x08, "00".repeat(16))],
    ["a constant cut short", oneTable(0x06, "02 04 010203")],
    ["a constant of 65536 bytes", oneTable(0x06, "02 808004 00")],
    ["metadata with a key of 1024 bytes", oneTable(0x10, `8008 ${"00".repeat(1024)} 00`)],
  ])("refuse %s", (_name, text) => {
    expect(readHex(text)).toMatchObject({ status: "MALFORMED" });
  });
});

describe("types", () => {
  const signature = (types: string, header = V6) => oneTable(0x05, types, header);

  it.each<[string, string]>([
    ["UNKNOWN_SERIALIZED_TYPE", signature("01 00")],
    ["UNKNOWN_SERIALIZED_TYPE", signature("01 10")],
    ["UNKNOWN_SERIALIZED_TYPE", signature("01 10", V7)],
    ["MALFORMED", signature("01 0d", V5)],
    ["MALFORMED", signature("01 0e", V5)],
    ["MALFORMED", signature("01 0f", V5)],
    ["MALFORMED", signature("02 03")],
    ["MALFORMED", signature("8002")],
    ["MALFORMED", signature("01 0b 00 00")],
    ["MALFORMED", signature("01 0b 00 02 03")],
    ["MALFORMED", signature(`01 ${"0a".repeat(256)} 03`)],
  ])("%s: %s", (status, text) => {
    expect(readHex(text)).toMatchObject({ status });
  });

  it("nest 256 deep, the innermost included", () => {
    expect(readHex(signature(`01 ${"0a".repeat(255)} 03`))).not.toHaveProperty("status");
  });
});

describe("handles and definitions", () => {
  it.each<[string, string, string]>([
    ["an ability beyond the four", "MALFORMED", oneTable(0x02, "00 00 10 00")],
    ["a phantom flag that is neither 0 nor 1", "MALFORMED", oneTable(0x02, "00 00 00 01 00 02")],
    ["a handle index of 65536", "MALFORMED", oneTable(0x01, "808004 00")],
    ["a handle cut short", "MALFORMED", oneTable(0x01, "00")],
    ["a function handle without its option", "MALFORMED", oneTable(0x03, "00 00 00 00 00", V7)],
    ["an option that is neither 1 nor 2", "MALFORMED", oneTable(0x03, "00 00 00 00 00 03", V7)],
    ["an unknown access", "MALFORMED", oneTable(0x03, "00 00 00 00 00 02 01 04 01 01 01", V7)],
    ["an unknown resource", "MALFORMED", oneTable(0x03, "00 00 00 00 00 02 01 01 01 06 01", V7)],
    ["an unknown address", "MALFORMED", oneTable(0x03, "00 00 00 00 00 02 01 01 01 01 04", V7)],
    ["a field beyond 255", "MALFORMED", oneTable(0x0d, "00 8002")],
    ["an unknown layout", "UNKNOWN_NATIVE_STRUCT_FLAG", oneTable(0x0a, "00 00")],
    ["an enum before version 7", "MALFORMED", oneTable(0x0a, "00 03 01 00 00")],
    ["128 variants", "MALFORMED", oneTable(0x0a, "00 03 8001", V7)],
    ["a variant beyond 127", "MALFORMED", oneTable(0x13, "00 8001", V7)],
    ["an unknown visibility", "MALFORMED", oneTable(0x0c, "00 02 02 00")],
    ["unknown function flags", "INVALID_FLAG_BITS", oneTable(0x0c, "00 01 0a 00")],
  ])("refuse %s", (_name, status, text) => {
    expect(readHex(text)).toMatchObject({ status });
  });

  it("read every form of access specifier, and write it back", () => {
    const forms = [
      "01 01 01 01",
      "02 02 02 00 02 00",
      "03 01 03 00 03 07 01",
      "01 01 04 00 03 07 02 00",
      "01 01 05 00 00 01",
    ];
    for (const form of forms) {
      const text = oneTable(0x03, `00 00 00 00 00 02 01 ${form}`, V7).replace(/\s/g, "");
      const module = readHex(text);
      expect(module).toMatchObject({ functionHandles: [{ accessSpecifiers: [{}] }] });
      expect(Buffer.from(serializeModule(module as CompiledModule)).toString("hex")).toBe(text);
    }
  });
});

describe("code", () => {
  const code = (count: string, instructions: string, header = V6) =>
    oneTable(0x0c, `00 00 00 00 00 ${count} ${instructions}`, header);

  it.each<[string, string]>([
    ["UNKNOWN_OPCODE", code("01", "00")],
    ["UNKNOWN_OPCODE", code("01", "58")],
    ["UNKNOWN_OPCODE", code("01", "ff", V7)],
    ["MALFORMED", code("01", "48 0100", V5)],
    ["MALFORMED", code("01", "4d", V5)],
    ["MALFORMED", code("01", "52 00")],
    ["MALFORMED", code("02", "28")],
    ["MALFORMED", code("01", "31")],
    ["MALFORMED", code("01", "0a 8002")],
    ["MALFORMED", code("01", "05 808004")],
    ["MALFORMED", code("808004", "28")],
    ["BAD_U16", code("01", "48 01")],
    ["BAD_U32", code("01", "49 010203")],
    ["BAD_U64", code("01", "06 01020304050607")],
    ["BAD_U64", code("01", "40 00 01")],
    ["BAD_U128", code("01", `32 ${"00".repeat(15)}`)],
    ["BAD_U256", code("01", `4a ${"00".repeat(31)}`)],
  ])("%s: %s", (status, text) => {
    expect(readHex(text)).toMatchObject({ status });
  });

  it("holds literals of every width", () => {
    const module = readHex(
      code(
        "06",
        `31ff 48ffff 49ffffffff 06${"ff".repeat(8)} 32${"ff".repeat(16)} 4a${"ff".repeat(32)}`,
      ),
    );
    const values = [8, 16, 32, 64, 128, 256].map((bits) => ({ value: (1n << BigInt(bits)) - 1n }));
    expect(module).toMatchObject({ functionDefinitions: [{ code: { code: values } }] });
  });
});

describe("statuses", () => {
  it("are all met by these tests", () => {
    // The list is what readers may rely on; a status that nothing gives does not belong in it.
    const source = readFileSync(import.meta.filename, "utf8");
    const unmet = BINARY_STATUSES.filter((status) => !source.includes(`"${status}"`));
    expect(unmet).toEqual([]);
  });
});

describe("writing", () => {
  it("asserts that numbers fit the format", () => {
    const module = assemble("module 0x1::m");
    expect(() => serializeModule({ ...module, selfHandle: -1 })).toThrow("in range");
    const tables = assemble("module 0x1::m version 7\nenum E\nA");
    expect(() =>
      serializeModule({ ...tables, version: 6, structVariantHandles: [{ owner: 0, variant: 0 }] }),
    ).toThrow("version 6 has no structVariantHandles");
  });
});
