/** SHA3-256 (FIPS 202): Keccak-f[1600] with all 25 lanes in locals, one round a turn of a loop. */
import { KECCAK_CONSTANTS, KECCAK_STATE } from "../memory-map.ts";
import { type Routine, routineIndex } from "../program-context.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";

const RATE = 136;
const STATE_SIZE = 200;
const DIGEST_SIZE = 32;
const LANE_SIZE = 8;
const SIDE = 5;
/** Marks the end of the message for SHA-3. */
const DOMAIN = 0x06;
const LAST_BIT = 0x80;

/** Constants of the 24 rounds, which the host writes to {@link KECCAK_CONSTANTS}. */
export const ROUND_CONSTANTS: readonly bigint[] = [
  0x1n,
  0x8082n,
  0x800000000000808an,
  0x8000000080008000n,
  0x808bn,
  0x80000001n,
  0x8000000080008081n,
  0x8000000000008009n,
  0x8an,
  0x88n,
  0x80008009n,
  0x8000000an,
  0x8000808bn,
  0x800000000000008bn,
  0x8000000000008089n,
  0x8000000000008003n,
  0x8000000000008002n,
  0x8000000000000080n,
  0x800an,
  0x800000008000000an,
  0x8000000080008081n,
  0x8000000000008080n,
  0x80000001n,
  0x8000000080008008n,
];

/** Rotation of lane x + 5y. */
const ROTATIONS = [
  0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14,
];

/** (to, from, size): writes the 32 bytes of the digest. */
export const SHA3_256: Routine = {
  name: "sha3_256",
  type: { parameters: ["i32", "i32", "i32"], results: [] },
  body(program, out) {
    const [to, from, rest] = [0, 1, 2];
    const permute = routineIndex(program, PERMUTE);
    const end = out.local("i32");
    const into = out.local("i32");
    out.i32(KECCAK_STATE).i32(0).i32(STATE_SIZE).memoryFill();
    const done = out.block();
    const again = out.loop();
    out.get(rest).i32(RATE).op("i32.lt_u").brIf(done);
    for (let offset = 0; offset < RATE; offset += LANE_SIZE) {
      out.i32(KECCAK_STATE).i32(KECCAK_STATE).memory("i64.load", offset);
      out.get(from).memory("i64.load", offset).op("i64.xor").memory("i64.store", offset);
    }
    out.call(permute);
    out.get(from).i32(RATE).op("i32.add").set(from);
    out.get(rest).i32(RATE).op("i32.sub").set(rest).br(again);
    out.end().end();
    out.i32(KECCAK_STATE).set(into);
    out.get(from).get(rest).op("i32.add").set(end);
    emitAbsorb(out, { from, end, into });
    emitXorByte(out, into, DOMAIN);
    out.i32(KECCAK_STATE + RATE - 1).set(into);
    emitXorByte(out, into, LAST_BIT);
    out.call(permute);
    out.get(to).i32(KECCAK_STATE).i32(DIGEST_SIZE).memoryCopy();
  },
};

interface Absorb {
  readonly from: Local;
  readonly end: Local;
  readonly into: Local;
}

/** Xors what is left of the message into the state, byte by byte behind the last whole lane. */
function emitAbsorb(out: FunctionBuilder, { from, end, into }: Absorb): void {
  for (const [width, load, xor, store] of [
    [LANE_SIZE, "i64.load", "i64.xor", "i64.store"],
    [1, "i32.load8_u", "i32.xor", "i32.store8"],
  ] as const) {
    const done = out.block();
    const again = out.loop();
    out.get(end).get(from).op("i32.sub").i32(width).op("i32.lt_u").brIf(done);
    out.get(into).get(into).memory(load, 0).get(from).memory(load, 0).op(xor).memory(store, 0);
    out.get(into).i32(width).op("i32.add").set(into);
    out.get(from).i32(width).op("i32.add").set(from).br(again);
    out.end().end();
  }
}

function emitXorByte(out: FunctionBuilder, address: Local, byte: number): void {
  out.get(address).get(address).memory("i32.load8_u", 0).i32(byte).op("i32.xor");
  out.memory("i32.store8", 0);
}

/** Keccak-f[1600] on the state in memory. */
const PERMUTE: Routine = {
  name: "keccak_f",
  type: { parameters: [], results: [] },
  body(_program, out) {
    const lanes = makeLanes(out, SIDE * SIDE);
    const moved = makeLanes(out, SIDE * SIDE);
    const round = out.local("i32");
    lanes.forEach((lane, index) => {
      out
        .i32(KECCAK_STATE)
        .memory("i64.load", LANE_SIZE * index)
        .set(lane);
    });
    out.i32(KECCAK_CONSTANTS).set(round);
    const again = out.loop();
    emitTheta(out, lanes);
    emitRhoAndPi(out, lanes, moved);
    emitChi(out, lanes, moved);
    out.get(at(lanes, 0)).get(round).memory("i64.load", 0).op("i64.xor").set(at(lanes, 0));
    out.get(round).i32(LANE_SIZE).op("i32.add").tee(round);
    out
      .i32(KECCAK_CONSTANTS + LANE_SIZE * ROUND_CONSTANTS.length)
      .op("i32.lt_u")
      .brIf(again);
    out.end();
    lanes.forEach((lane, index) => {
      out
        .i32(KECCAK_STATE)
        .get(lane)
        .memory("i64.store", LANE_SIZE * index);
    });
  },
};

function makeLanes(out: FunctionBuilder, count: number): readonly Local[] {
  return Array.from({ length: count }, () => out.local("i64"));
}

function at(lanes: readonly Local[], index: number): Local {
  return lanes[index] ?? 0;
}

function emitTheta(out: FunctionBuilder, lanes: readonly Local[]): void {
  const columns = makeLanes(out, SIDE);
  const mixed = out.local("i64");
  for (let x = 0; x < SIDE; x++) {
    out.get(at(lanes, x));
    for (let y = 1; y < SIDE; y++) out.get(at(lanes, x + SIDE * y)).op("i64.xor");
    out.set(at(columns, x));
  }
  for (let x = 0; x < SIDE; x++) {
    out
      .get(at(columns, (x + 1) % SIDE))
      .i64(1n)
      .op("i64.rotl");
    out
      .get(at(columns, (x + SIDE - 1) % SIDE))
      .op("i64.xor")
      .set(mixed);
    for (let y = 0; y < SIDE; y++) {
      const lane = at(lanes, x + SIDE * y);
      out.get(lane).get(mixed).op("i64.xor").set(lane);
    }
  }
}

/** Lane (x, y) is rotated and goes to (y, 2x + 3y). */
function emitRhoAndPi(
  out: FunctionBuilder,
  lanes: readonly Local[],
  moved: readonly Local[],
): void {
  for (let x = 0; x < SIDE; x++) {
    for (let y = 0; y < SIDE; y++) {
      const by = ROTATIONS[x + SIDE * y] ?? 0;
      out.get(at(lanes, x + SIDE * y));
      if (by > 0) out.i64(BigInt(by)).op("i64.rotl");
      out.set(at(moved, y + SIDE * ((2 * x + 3 * y) % SIDE)));
    }
  }
}

function emitChi(out: FunctionBuilder, lanes: readonly Local[], moved: readonly Local[]): void {
  for (let y = 0; y < SIDE; y++) {
    const row = moved.slice(SIDE * y, SIDE * (y + 1));
    for (let x = 0; x < SIDE; x++) {
      out.get(at(row, x));
      out
        .get(at(row, (x + 1) % SIDE))
        .i64(-1n)
        .op("i64.xor");
      out
        .get(at(row, (x + 2) % SIDE))
        .op("i64.and")
        .op("i64.xor");
      out.set(at(lanes, x + SIDE * y));
    }
  }
}
