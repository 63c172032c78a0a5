// Chance that a seed repeats exactly: xoshiro128** over a seed spread by splitmix32. Not for keys.

export interface Prng {
  /** An integer in [0, below). */
  below(below: number): number;
  /** True this many times out of a thousand. */
  permille(chance: number): boolean;
  pick<T>(values: readonly T[]): T;
  bytes(size: number): Uint8Array;
  /** Another generator, whose use does not disturb this one. */
  fork(name: string): Prng;
}

export function createPrng(seed: number): Prng {
  const spread = splitmix32(seed);
  const state = new Uint32Array([spread(), spread(), spread(), spread()]);
  const next = () => nextWord(state);
  const prng: Prng = {
    below(below) {
      // Rejection, so that every value is as likely.
      const limit = 2 ** 32 - (2 ** 32 % below);
      for (;;) {
        const word = next();
        if (word < limit) return word % below;
      }
    },
    permille: (chance) => prng.below(1000) < chance,
    pick(values) {
      const value = values[prng.below(values.length)];
      if (value === undefined) throw new Error("nothing to pick from");
      return value;
    },
    bytes: (size) => Uint8Array.from({ length: size }, () => prng.below(256)),
    fork(name) {
      let mixed = next();
      for (let index = 0; index < name.length; index++) {
        mixed = Math.imul(mixed ^ name.charCodeAt(index), 0x01000193) >>> 0;
      }
      return createPrng(mixed);
    },
  };
  return prng;
}

function splitmix32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
}

function rotate(word: number, bits: number): number {
  return ((word << bits) | (word >>> (32 - bits))) >>> 0;
}

function nextWord(state: Uint32Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = state;
  const result = Math.imul(rotate(Math.imul(b, 5) >>> 0, 7), 9) >>> 0;
  const shifted = (b << 9) >>> 0;
  let [s0, s1, s2, s3] = [a, b, c ^ a, d ^ b];
  s1 ^= s2;
  s0 ^= s3;
  s2 ^= shifted;
  s3 = rotate(s3 >>> 0, 11);
  state.set([s0 >>> 0, s1 >>> 0, s2 >>> 0, s3]);
  return result;
}
