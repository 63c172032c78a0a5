/**
 * Which bytes may be a signature or a key at all, told without arithmetic on points: what engines
 * are known to disagree about ends here. Whether bytes that pass are points, and whether the
 * equation holds, is for whoever verifies.
 */
import { present } from "./assert.ts";
import { equalBytes, fromHex } from "./bytes.ts";

export const PUBLIC_KEY_SIZE = 32;
export const SIGNATURE_SIZE = 64;
const HALF = 32;
/** Of the last byte of a point: the sign of x. The rest of the bytes is y. */
const SIGN_BIT = 0x80;

/**
 * The y of the eight points whose order divides the cofactor, little-endian. Either sign of x
 * belongs to such a point, or to none where x is zero: both are refused.
 */
const SMALL_ORDER_Y = [
  // y = 0: order 4.
  "0000000000000000000000000000000000000000000000000000000000000000",
  // y = 1: the identity.
  "0100000000000000000000000000000000000000000000000000000000000000",
  // Order 8.
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  // y = -1: order 2.
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map(constant);
/** The field's prime, 2^255 - 19, little-endian. */
const FIELD = constant("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
/** L, the order of the prime subgroup, little-endian. */
const ORDER = constant("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

/**
 * A and R are canonical encodings (y below the field's prime) of no point of small order, S < L,
 * and both have their sizes. Necessary for a signature to hold, never sufficient.
 */
export function mayHold(signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_SIZE || publicKey.length !== PUBLIC_KEY_SIZE) return false;
  if (!isBelow(signature.subarray(HALF), ORDER)) return false;
  return mayBePoint(publicKey) && mayBePoint(signature.subarray(0, HALF));
}

function mayBePoint(bytes: Uint8Array): boolean {
  const y = bytes.slice();
  y[HALF - 1] = (y[HALF - 1] ?? 0) & ~SIGN_BIT;
  return isBelow(y, FIELD) && !SMALL_ORDER_Y.some((small) => equalBytes(small, y));
}

/** Of two little-endian numbers of one size. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let index = b.length - 1; index >= 0; index--) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function constant(hex: string): Uint8Array {
  return present(fromHex(hex), "a constant is hex");
}
