/**
 * Gas numbers, versioned. One internal gas is one plain instruction, 50 are a microsecond. Numbers
 * only: who charges them, and when, is SPEC.md section "Gas". Both executors read this table and
 * nothing else.
 */

/** Price of work on bytes: `base`, and so much for every 1024 bytes read or made, in proportion. */
export interface NativePrice {
  readonly base: number;
  readonly perKilobyte: number;
}

export interface GasSchedule {
  readonly version: number;
  /** Any instruction not named below. */
  readonly instruction: number;
  /** `Call` and `CallGeneric`: entering and leaving a function. */
  readonly call: number;
  /** Each field that `Pack…` or `Unpack…` moves, and each element of `VecPack` or `VecUnpack`. */
  readonly member: number;
  /** Instructions on global storage, before what touching costs. */
  readonly global: number;
  /** `LdConst`: bytes of constant that one gas loads. */
  readonly constantBytesPerGas: number;
  /** `Mul`, `Div` and `Mod` of u128, dynamic. */
  readonly wideMultiply: number;
  /** The same of u256. */
  readonly widestMultiply: number;
  /** Weight of a value that one gas copies or compares. */
  readonly weightPerGas: number;
  /** Starting a call, before its arguments. */
  readonly callBase: number;
  /** Bytes of arguments or stored values that one gas decodes or encodes. */
  readonly bytesPerGas: number;
  /** First touch of a state key in a call. */
  readonly touchKey: number;
  /** A state key that a call changed. */
  readonly writeKey: number;
  /** An event. */
  readonly event: number;
  /** A published module. */
  readonly publish: NativePrice;
}

export const GAS_SCHEDULE: GasSchedule = {
  version: 1,
  instruction: 1,
  call: 10,
  member: 1,
  global: 10,
  constantBytesPerGas: 8,
  wideMultiply: 2,
  widestMultiply: 8,
  weightPerGas: 8,
  callBase: 50,
  bytesPerGas: 8,
  touchKey: 200,
  writeKey: 800,
  event: 50,
  publish: { base: 5_000, perKilobyte: 20_480 },
};

/** Prices of natives by family. */
export const NATIVE_PRICES = {
  plain: { base: 10, perKilobyte: 256 },
  sha2_256: { base: 50, perKilobyte: 512 },
  sha3_256: { base: 70, perKilobyte: 1024 },
  ed25519Verify: { base: 30_000, perKilobyte: 512 },
  bcs: { base: 20, perKilobyte: 512 },
  typeName: { base: 30, perKilobyte: 256 },
  tableHandle: { base: 100, perKilobyte: 0 },
  tableItem: { base: 20, perKilobyte: 512 },
  vector: { base: 5, perKilobyte: 256 },
} as const satisfies Record<string, NativePrice>;

const KILOBYTE = 1024;

/** What work on `size` bytes costs; a started gas is paid whole. */
export function nativeGas(price: NativePrice, size: number): number {
  return price.base + Math.ceil((price.perKilobyte * size) / KILOBYTE);
}
