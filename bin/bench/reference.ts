/**
 * The near-limit reference of the VM workloads: hand-written WebAssembly with the same checks and a
 * gas counter.
 */
import { type Fixtures, referenceModule } from "./fixtures.ts";

type Exported = (...args: never[]) => unknown;

interface ReferenceExports {
  readonly memory: WebAssembly.Memory;
  readonly modptr: () => number;
  readonly [name: string]: WebAssembly.Memory | Exported;
}

export type Reference = (workload: string, argument: bigint) => void;

const U128_MODULUS = 340282366920938463463374607431n;
const U256_MODULUS = 115792089237316195423570985008687907853269984665640564039n;
const LIMB_BITS = 32;
const LIMB_COUNT = 16;
const LIFE_GENERATIONS = 10n;

/** Names of workloads that the reference exports under other names. */
const NAMES: Readonly<Record<string, string>> = {
  loop_u64: "loop",
  struct_mix: "struct_",
  global: "glob",
};

export function loadReference(fixtures: Fixtures): Reference {
  const module = new WebAssembly.Module(referenceModule(fixtures));
  const instance = new WebAssembly.Instance(module, { env: { abort } });
  const exported = instance.exports as unknown as ReferenceExports;
  const call = (name: string, ...args: unknown[]) => {
    (exported[name] as (...values: unknown[]) => unknown)(...args);
  };
  return (workload, argument) => {
    switch (workload) {
      case "u128_mix":
        call("u128", argument, ...placeModulus(exported, U128_MODULUS));
        return;
      case "u256_mix":
        call("u256", argument, ...placeModulus(exported, U256_MODULUS));
        return;
      case "life":
        call("life", argument, LIFE_GENERATIONS);
        return;
      default:
        call(NAMES[workload] ?? workload, argument);
    }
  };
}

function abort(): never {
  throw new Error("the reference aborts");
}

/**
 * Writes the modulus, normalised, where the reference wants it; returns its limbs and the shift.
 */
function placeModulus({ memory, modptr }: ReferenceExports, modulus: bigint): [number, number] {
  const bits = modulus.toString(2).length;
  const limbs = Math.ceil(bits / LIMB_BITS);
  const shift = limbs * LIMB_BITS - bits;
  const normalised = modulus << BigInt(shift);
  const place = new Uint32Array(memory.buffer, modptr(), LIMB_COUNT);
  for (let limb = 0; limb < LIMB_COUNT; limb++) {
    place[limb] = Number((normalised >> BigInt(LIMB_BITS * limb)) & 0xffff_ffffn);
  }
  return [limbs, shift];
}
