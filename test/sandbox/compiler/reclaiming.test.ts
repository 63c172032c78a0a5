// What calls leave on the heap is reclaimed between calls, and what is stored stays as it was.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { present } from "#core/assert.ts";
import { fromHex, toHex } from "#core/bytes.ts";
import {
  chainProfile,
  createCompiler,
  createInterpreter,
  type Executor,
  encodeChangeSet,
  formatVmStatus,
  internalGas,
  makeAddress,
  parseFunctionId,
  type Session,
} from "#sandbox";
import { assembleBytes } from "../../assembler/assembler.ts";
import { LIBRARY_STATE } from "../../differential/executors.ts";

const MEBIBYTE = 1024 * 1024;
const LEDGER = assembleBytes(
  readFileSync(join(import.meta.dirname, "../../differential/ledger.masm"), "utf8"),
);
const OWNER = "0xa1";
const OWNER_HEX = makeAddress(OWNER).slice(2);
const hexU64 = (value: number) => toHex(Uint8Array.of(value & 0xff, value >> 8, 0, 0, 0, 0, 0, 0));
/** An entry whose text takes 400 bytes. */
function entry(tag: number): string {
  const text = `9003${toHex(new Uint8Array(400).fill(tag))}`;
  return ["01", toHex(Uint8Array.of(tag)), "010701aa", text, "00".repeat(16)].join("");
}

function opened(executor: Executor): Session {
  const session = executor.begin(LIBRARY_STATE.fork(), {
    uniqueSeed: new Uint8Array(32),
    chainId: 4,
  });
  const gas = internalGas(100_000_000);
  expect(session.publish(makeAddress("0xa"), [LEDGER], gas).status.type).toBe("executed");
  call(session, "open", [OWNER_HEX], [OWNER]);
  return session;
}

function call(session: Session, name: string, args: readonly string[], signers: string[] = []) {
  const { status } = session.execute({
    mode: "function",
    function: present(parseFunctionId(`0xa::ledger::${name}`), "a name"),
    typeArgs: [],
    args: args.map((hex) => present(fromHex(hex), "hex")),
    signers: signers.map(makeAddress),
    gasLimit: internalGas(1_000_000),
  });
  if (status.type !== "executed") throw new Error(`${name}: ${formatVmStatus(status)}`);
}

const ROUNDS = 30_000;
/** Rounds that write everything once. */
const CYCLE = 16;

/**
 * Writes 400 bytes anew again and again, in a vector of structs and in items of two tables.
 *
 * @param from the first round; only those of the last cycle can be seen at the end.
 */
function writeOften(session: Session, from: number): void {
  for (let key = 0; key < 4; key++) {
    call(session, "push", [OWNER_HEX, entry(key)]);
    call(session, "item", [OWNER_HEX, hexU64(key), hexU64(key)]);
  }
  call(session, "label", [OWNER_HEX, OWNER_HEX, entry(9)]);
  for (let round = from; round < ROUNDS; round++) {
    call(session, "set", [OWNER_HEX, hexU64(round % 4), entry(round % 256)]);
    if (round % CYCLE === 0) call(session, "item", [OWNER_HEX, hexU64(round % 4), hexU64(round)]);
  }
  call(session, "label", [OWNER_HEX, OWNER_HEX, entry(8)]);
  for (let key = 0; key < 4; key++) call(session, "read", [OWNER_HEX, hexU64(key)]);
}

/** The memories that executors made from here on have. */
function watchMemories(): WebAssembly.Memory[] {
  const made: WebAssembly.Memory[] = [];
  const { Memory } = WebAssembly;
  vi.spyOn(WebAssembly, "Memory").mockImplementation(function make(descriptor) {
    const memory = new Memory(descriptor);
    made.push(memory);
    return memory;
  });
  return made;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the heap of compiled code", () => {
  it("[CC6] keeps its size however often values are written, and every value", () => {
    const memories = watchMemories();
    const compiled = opened(createCompiler(chainProfile()));
    const interpreted = opened(createInterpreter(chainProfile()));
    writeOften(compiled, 0);
    writeOften(interpreted, ROUNDS - 2 * CYCLE);
    expect(toHex(encodeChangeSet(compiled.changes()))).toBe(
      toHex(encodeChangeSet(interpreted.changes())),
    );
    expect(memories.map(({ buffer }) => buffer.byteLength < 16 * MEBIBYTE)).toEqual([true]);
  });
});
