// A text of compiled functions, one instruction a line, indented by block: what golden files hold.
// Reads what the compiler's encoder writes, and no other WebAssembly.
import { assert, present } from "#core/assert.ts";
import { MEMORY_OPCODES, PLAIN_OPCODES } from "../../../src/sandbox/compiler/wasm/opcodes.ts";

const NAMES = new Map<number, string>(
  Object.entries({ ...PLAIN_OPCODES, ...MEMORY_OPCODES }).map(([name, byte]) => [byte, name]),
);
const MEMORY = new Set<number>(Object.values(MEMORY_OPCODES));
const BLOCKS: Readonly<Record<number, string>> = { 2: "block", 3: "loop", 4: "if" };
const INDEXED: Readonly<Record<number, string>> = {
  12: "br",
  13: "br_if",
  16: "call",
  32: "local.get",
  33: "local.set",
  34: "local.tee",
};
const BULK: Readonly<Record<number, string>> = {
  8: "memory.init",
  10: "memory.copy",
  11: "memory.fill",
};
const TYPE_NAMES: Readonly<Record<number, string>> = { 127: "i32", 126: "i64" };
const [ELSE, END, I32_CONST, I64_CONST, BULK_PREFIX] = [5, 11, 65, 66, 252];
const MEMORY_SIZE = 63;
const MEMORY_GROW = 64;
const SECTION = { custom: 0, type: 1, import: 2, function: 3, code: 10 };

class Reader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    const byte = present(this.bytes[this.at], "the listing stays inside the module");
    this.at += 1;
    return byte;
  }

  unsigned(): number {
    return Number(this.#leb(false));
  }

  signed(): bigint {
    return this.#leb(true);
  }

  take(size: number): Reader {
    const part = new Reader(this.bytes.subarray(this.at, this.at + size));
    this.at += size;
    return part;
  }

  text(): string {
    return new TextDecoder().decode(this.take(this.unsigned()).bytes);
  }

  get isDone(): boolean {
    return this.at >= this.bytes.length;
  }

  #leb(isSigned: boolean): bigint {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte >= 0x80) continue;
      return isSigned && (byte & 0x40) !== 0 ? value - (1n << shift) : value;
    }
  }
}

interface Listed {
  readonly types: string[];
  readonly functionTypes: number[];
  readonly bodies: Reader[];
  readonly names: Map<number, string>;
  importCount: number;
}

/** The functions whose names contain `filter`, in order. */
export function listModule(bytes: Uint8Array, filter: string): string {
  const listed = readSections(new Reader(bytes.subarray(8)));
  const texts = listed.bodies.flatMap((body, position) => {
    const name = listed.names.get(listed.importCount + position) ?? "";
    if (!name.includes(filter)) return [];
    const type = listed.types[present(listed.functionTypes[position], "a function has a type")];
    return [`func ${name} ${type ?? ""}\n${listBody(body, listed)}`];
  });
  return `${texts.join("\n")}`;
}

function readSections(module: Reader): Listed {
  const listed: Listed = {
    types: [],
    functionTypes: [],
    bodies: [],
    names: new Map(),
    importCount: 0,
  };
  while (!module.isDone) {
    const id = module.byte();
    const section = module.take(module.unsigned());
    if (id === SECTION.type) readTypes(section, listed);
    else if (id === SECTION.import) readImports(section, listed);
    else if (id === SECTION.function)
      repeat(section, () => section.unsigned(), listed.functionTypes);
    else if (id === SECTION.code) {
      repeat(section, () => section.take(section.unsigned()), listed.bodies);
    } else if (id === SECTION.custom) readNames(section, listed);
  }
  return listed;
}

function repeat<T>(reader: Reader, read: () => T, into: T[]): void {
  for (let count = reader.unsigned(); count > 0; count--) into.push(read());
}

function readTypes(section: Reader, { types }: Listed): void {
  const list = () => {
    const names: string[] = [];
    repeat(section, () => TYPE_NAMES[section.byte()] ?? "?", names);
    return names.join(" ");
  };
  repeat(
    section,
    () => {
      assert(section.byte() === 0x60, "a function type");
      return `(${list()}) -> (${list()})`;
    },
    types,
  );
}

function readImports(section: Reader, listed: Listed): void {
  for (let count = section.unsigned(); count > 0; count--) {
    section.text();
    const name = section.text();
    if (section.byte() === 0) {
      section.unsigned();
      listed.names.set(listed.importCount, name);
      listed.importCount += 1;
    } else {
      assert(section.byte() === 0, "the memory has no maximum");
      section.unsigned();
    }
  }
}

function readNames(section: Reader, { names }: Listed): void {
  assert(section.text() === "name", "the only custom section");
  assert(section.byte() === 1, "names of functions");
  section.unsigned();
  for (let count = section.unsigned(); count > 0; count--) {
    names.set(section.unsigned(), section.text());
  }
}

function listBody(body: Reader, listed: Listed): string {
  const lines: string[] = [];
  const locals: string[] = [];
  for (let runs = body.unsigned(); runs > 0; runs--) {
    const count = body.unsigned();
    locals.push(`${count} ${TYPE_NAMES[body.byte()] ?? "?"}`);
  }
  lines.push(`  locals ${locals.join(", ")}`);
  let depth = 1;
  while (!body.isDone) {
    const opcode = body.byte();
    if (opcode === END || opcode === ELSE) depth -= 1;
    if (depth === 0) break;
    lines.push(`${"  ".repeat(depth)}${instructionText(body, opcode, listed)}`);
    if (opcode === ELSE || opcode in BLOCKS) depth += 1;
  }
  return `${lines.join("\n")}\n`;
}

function instructionText(body: Reader, opcode: number, { names }: Listed): string {
  if (opcode === END) return "end";
  if (opcode === ELSE) return "else";
  const block = BLOCKS[opcode];
  if (block !== undefined) {
    assert(body.byte() === 0x40, "blocks leave no values");
    return block;
  }
  const indexed = INDEXED[opcode];
  if (indexed !== undefined) {
    const index = body.unsigned();
    return `${indexed} ${indexed === "call" ? (names.get(index) ?? index) : index}`;
  }
  if (opcode === I32_CONST) return `i32.const ${body.signed()}`;
  if (opcode === I64_CONST) return `i64.const ${body.signed()}`;
  if (opcode === BULK_PREFIX) return bulkText(body);
  if (opcode === MEMORY_SIZE || opcode === MEMORY_GROW) {
    body.byte();
    return opcode === MEMORY_SIZE ? "memory.size" : "memory.grow";
  }
  const name = present(NAMES.get(opcode), `opcode ${opcode} is one the compiler emits`);
  if (!MEMORY.has(opcode)) return name;
  body.unsigned();
  const offset = body.unsigned();
  return offset === 0 ? name : `${name} offset=${offset}`;
}

function bulkText(body: Reader): string {
  const kind = body.unsigned();
  const name = present(BULK[kind], "a bulk instruction that the compiler emits");
  const segment = name === "memory.init" ? ` ${body.unsigned()}` : "";
  for (let left = name === "memory.copy" ? 2 : 1; left > 0; left--) body.byte();
  return `${name}${segment}`;
}
