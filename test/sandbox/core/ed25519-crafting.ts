/**
 * Signatures that only somebody who knows the curve makes, and the acceptance rule told by points:
 * what every verifier of the product is compared with, whatever computes its answers.
 */
import { Point, verify } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { concatBytes } from "#core/bytes.ts";

export interface Signed {
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly publicKey: Uint8Array;
}

const FIELD = 2n ** 255n - 19n;
export const ORDER = Point.CURVE().n;
const ORDER_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";

/** The eight points whose order divides 8, the identity first. */
const SMALL_POINTS: readonly Point[] = Array.from({ length: 8 }, (_, times) =>
  Point.fromHex(ORDER_8).multiply(BigInt(times), false),
);

/** All that may be read as a point of small order: with y beyond the field and a signed 0, too. */
export const SMALL_ENCODINGS: readonly Uint8Array[] = smallEncodings();

function smallEncodings(): Uint8Array[] {
  const ys = new Set(SMALL_POINTS.map(({ y }) => y));
  const read = [...ys].flatMap((y) => (y + FIELD < 2n ** 255n ? [y, y + FIELD] : [y]));
  return read.flatMap((y) => [bytesOf(y), bytesOf(y | (1n << 255n))]);
}

/** The rule as protocol.md words it, point by point, with no help of any engine. */
export function holdsByPoints({ message, signature, publicKey }: Signed): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  if (numberOf(signature.subarray(32)) >= ORDER) return false;
  const points = [publicKey, signature.subarray(0, 32)].map(pointOf);
  if (points.some((point) => point === undefined || point.isSmallOrder())) return false;
  return verify(signature, message, publicKey, { zip215: false });
}

/** Of a canonical encoding. */
function pointOf(bytes: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(bytes, false);
  } catch {
    return undefined;
  }
}

export function bytesOf(value: bigint, size = 32): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => Number((value >> BigInt(8 * at)) & 255n));
}

export function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

export interface Craft {
  /** A = secret · B + `keyTwist`-th small point. */
  readonly secret: bigint;
  readonly keyTwist: number;
  /** R = nonce · B + `nonceTwist`-th small point. */
  readonly nonce: bigint;
  readonly nonceTwist: number;
  readonly message: Uint8Array;
}

/** A signature for which the cofactored equation holds, whatever small points are mixed in. */
export function craft({ secret, keyTwist, nonce, nonceTwist, message }: Craft): Signed {
  const publicKey = twisted(secret, keyTwist);
  const commitment = twisted(nonce, nonceTwist);
  const challenge = numberOf(sha512(concatBytes(commitment, publicKey, message))) % ORDER;
  const answer = (nonce + challenge * secret) % ORDER;
  return { message, publicKey, signature: concatBytes(commitment, bytesOf(answer)) };
}

function twisted(scalar: bigint, twist: number): Uint8Array {
  const point = Point.BASE.multiply(scalar, false);
  return point.add(SMALL_POINTS[twist] ?? Point.ZERO).toBytes();
}

/** One that a verifier without the rule's checks takes: A is of small order, so A adds nothing. */
export function craftForSmallKey(publicKey: Uint8Array, nonce: bigint, message: Uint8Array) {
  const commitment = Point.BASE.multiply(nonce, false).toBytes();
  return { message, publicKey, signature: concatBytes(commitment, bytesOf(nonce)) };
}

const scalars = fc.bigInt({ min: 0n, max: ORDER - 1n });
const twists = fc.integer({ min: 0, max: 7 });
const messages = fc.uint8Array({ maxLength: 80 });

/** Sound signatures, some by keys and commitments with a small point mixed in. */
const crafted = fc
  .record({
    secret: scalars,
    keyTwist: fc.oneof(fc.constant(0), twists),
    nonce: fc.oneof({ weight: 8, arbitrary: scalars }, { weight: 1, arbitrary: fc.constant(0n) }),
    nonceTwist: fc.oneof(fc.constant(0), twists),
    message: messages,
  })
  .map(craft);

const forSmallKeys = fc
  .tuple(fc.constantFrom(...SMALL_ENCODINGS), scalars, messages)
  .map(([key, nonce, message]) => craftForSmallKey(key, nonce, message));

function turnBit(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  const index = (at >> 3) % Math.max(copy.length, 1);
  if (copy.length > 0) copy[index] = (copy[index] ?? 0) ^ (1 << (at & 7));
  return copy;
}

/** One bit turned somewhere. */
const spoilt = fc
  .tuple(crafted, fc.constantFrom("message", "signature", "publicKey"), fc.nat(511))
  .map(([signed, where, at]) => ({ ...signed, [where]: turnBit(signed[where], at) }));

/** S + L: the same scalar to whoever does not compare. */
const beyondOrder = crafted.map(({ signature, ...rest }) => {
  const scalar = numberOf(signature.subarray(32)) + ORDER;
  return { ...rest, signature: concatBytes(signature.subarray(0, 32), bytesOf(scalar)) };
});

const arbitraryBytes = fc.record({
  message: messages,
  signature: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  publicKey: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});

/** What holds, what nearly holds, and what holds for verifiers of another rule. */
export const signedThings: fc.Arbitrary<Signed> = fc.oneof(
  { weight: 4, arbitrary: crafted },
  { weight: 2, arbitrary: spoilt },
  forSmallKeys,
  beyondOrder,
  arbitraryBytes,
);
