/** SHA-256 (FIPS 180-4), its 64 rounds unrolled over locals. */
import { HASH_STATE, HASH_TAIL } from "../memory-map.ts";
import { type Routine, routineIndex } from "../program-context.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";

const BLOCK_SIZE = 64;
const LENGTH_SIZE = 8;
const WORD_COUNT = 8;
const ROUND_COUNT = 64;
const SCHEDULE_COUNT = 16;

const INITIAL = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

const ROUND_CONSTANTS = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/** (to, from, size): writes the 32 bytes of the digest. */
export const SHA2_256: Routine = {
  name: "sha2_256",
  type: { parameters: ["i32", "i32", "i32"], results: [] },
  body(program, out) {
    const [to, from, size] = [0, 1, 2];
    const compress = routineIndex(program, COMPRESS);
    const rest = out.local("i32");
    const tail = out.local("i32");
    INITIAL.forEach((word, index) => {
      out
        .i32(HASH_STATE)
        .i32(word)
        .memory("i32.store", 4 * index);
    });
    out.get(size).set(rest);
    const done = out.block();
    const again = out.loop();
    out.get(rest).i32(BLOCK_SIZE).op("i32.lt_u").brIf(done);
    out.get(from).call(compress);
    out.get(from).i32(BLOCK_SIZE).op("i32.add").set(from);
    out.get(rest).i32(BLOCK_SIZE).op("i32.sub").set(rest).br(again);
    out.end().end();
    // The rest, one bit, zeros, and the length in bits at the end of one block or two.
    out
      .i32(HASH_TAIL)
      .i32(0)
      .i32(2 * BLOCK_SIZE)
      .memoryFill();
    out.i32(HASH_TAIL).get(from).get(rest).memoryCopy();
    out.i32(HASH_TAIL).get(rest).op("i32.add").i32(0x80).memory("i32.store8", 0);
    out.i32(HASH_TAIL).set(tail);
    out
      .get(rest)
      .i32(BLOCK_SIZE - LENGTH_SIZE)
      .op("i32.ge_u")
      .if();
    out.get(tail).call(compress);
    out.get(tail).i32(BLOCK_SIZE).op("i32.add").set(tail).end();
    out.get(tail);
    emitSwapped(out, () => out.get(size).i32(29).op("i32.shr_u"));
    out.memory("i32.store", BLOCK_SIZE - LENGTH_SIZE).get(tail);
    emitSwapped(out, () => out.get(size).i32(3).op("i32.shl"));
    out.memory("i32.store", BLOCK_SIZE - LENGTH_SIZE + 4);
    out.get(tail).call(compress);
    for (let index = 0; index < WORD_COUNT; index++) {
      out.get(to);
      emitSwapped(out, () => out.i32(HASH_STATE).memory("i32.load", 4 * index));
      out.memory("i32.store", 4 * index);
    }
  },
};

/** Leaves a word with its bytes in the other order. */
function emitSwapped(out: FunctionBuilder, word: () => void): void {
  const held = out.local("i32");
  word();
  out.tee(held).i32(8).op("i32.rotl").i32(0x00ff00ff).op("i32.and");
  out.get(held).i32(8).op("i32.rotr").i32(0xff00ff00).op("i32.and").op("i32.or");
}

/** (block): works one block into the state. */
const COMPRESS: Routine = {
  name: "sha2_256_compress",
  type: { parameters: ["i32"], results: [] },
  body(_program, out) {
    const schedule = Array.from({ length: SCHEDULE_COUNT }, () => out.local("i32"));
    const words = Array.from({ length: WORD_COUNT }, () => out.local("i32"));
    words.forEach((word, index) => {
      out
        .i32(HASH_STATE)
        .memory("i32.load", 4 * index)
        .set(word);
    });
    let turned = words;
    for (let round = 0; round < ROUND_COUNT; round++) {
      emitScheduleWord(out, schedule, round);
      emitRound(out, turned, at(schedule, round), ROUND_CONSTANTS[round] ?? 0);
      // The last word becomes the first, all others move on by one.
      turned = [...turned.slice(-1), ...turned.slice(0, -1)];
    }
    turned.forEach((word, index) => {
      out
        .i32(HASH_STATE)
        .i32(HASH_STATE)
        .memory("i32.load", 4 * index);
      out
        .get(word)
        .op("i32.add")
        .memory("i32.store", 4 * index);
    });
  },
};

function at(locals: readonly Local[], index: number): Local {
  return locals[index % locals.length] ?? 0;
}

function emitScheduleWord(out: FunctionBuilder, schedule: readonly Local[], round: number): void {
  if (round < SCHEDULE_COUNT) {
    emitSwapped(out, () => out.get(0).memory("i32.load", 4 * round));
    out.set(at(schedule, round));
    return;
  }
  // w[t] = σ1(w[t-2]) + w[t-7] + σ0(w[t-15]) + w[t-16], the last being in this place.
  emitSigma(out, at(schedule, round - 2), [17, 19], 10);
  out.get(at(schedule, round - 7)).op("i32.add");
  emitSigma(out, at(schedule, round - 15), [7, 18], 3);
  out.op("i32.add").get(at(schedule, round)).op("i32.add").set(at(schedule, round));
}

/** Two rotations and a shift to the right, xored. */
function emitSigma(
  out: FunctionBuilder,
  word: Local,
  rotations: readonly number[],
  shift: number,
): void {
  out.get(word).i32(shift).op("i32.shr_u");
  for (const by of rotations) out.get(word).i32(by).op("i32.rotr").op("i32.xor");
}

/** Three rotations to the right, xored. */
function emitRotations(out: FunctionBuilder, word: Local, rotations: readonly number[]): void {
  rotations.forEach((by, index) => {
    out.get(word).i32(by).op("i32.rotr");
    if (index > 0) out.op("i32.xor");
  });
}

function emitRound(
  out: FunctionBuilder,
  words: readonly Local[],
  scheduled: Local,
  constant: number,
): void {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = words;
  emitRotations(out, e, [6, 11, 25]);
  // g ^ (e & (f ^ g)) chooses between f and g.
  out.get(f).get(g).op("i32.xor").get(e).op("i32.and").get(g).op("i32.xor").op("i32.add");
  out.get(h).op("i32.add").get(scheduled).op("i32.add").i32(constant).op("i32.add").set(h);
  out.get(d).get(h).op("i32.add").set(d);
  emitRotations(out, a, [2, 13, 22]);
  // The majority of a, b and c.
  out.get(a).get(b).op("i32.or").get(c).op("i32.and");
  out.get(a).get(b).op("i32.and").op("i32.or").op("i32.add");
  out.get(h).op("i32.add").set(h);
}
