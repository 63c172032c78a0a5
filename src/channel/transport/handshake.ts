/**
 * The bytes by which two ends of a link prove their node keys to each other. Both say hello with a
 * fresh nonce; each answers the other's hello with a signature over both hellos and the link's
 * binding, so that a proof counts on this link only and nobody in the middle can stand between two
 * honest nodes unseen. Knows no link and no time.
 */
import { BcsError, decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { concatBytes } from "#core/bytes.ts";
import { type PublicKey, parsePublicKey, parseSignature, type Signature } from "#core/ed25519.ts";
import { domainPrefix } from "#core/hash.ts";
import { err, ok, type Result } from "#core/result.ts";

export const TRANSPORT_VERSION = 1;
export const NONCE_SIZE = 32;

const DOMAIN = "Handshake";
const FRAME_HELLO = 0;
const FRAME_PROOF = 1;
const FRAME_MESSAGE = 2;
const SIGNATURE_SIZE = 64;

export interface Hello {
  readonly version: number;
  readonly nodeKey: PublicKey;
  /** When this life of the node began, by its clock in milliseconds: u64. */
  readonly incarnation: bigint;
  /** {@link NONCE_SIZE} fresh random bytes. */
  readonly nonce: Uint8Array;
}

export type Frame =
  | { readonly type: "hello"; readonly hello: Hello }
  | { readonly type: "proof"; readonly signature: Signature }
  | { readonly type: "message"; readonly bytes: Uint8Array };

export type FrameErrorCode = "FRAME_EMPTY" | "FRAME_UNKNOWN" | "FRAME_MALFORMED";

export interface FrameError {
  readonly code: FrameErrorCode;
  /** Byte offset in the frame. */
  readonly offset: number;
}

export function encodeHello(hello: Hello): Uint8Array {
  return encodeBcs((writer) => {
    writer.u8(FRAME_HELLO);
    writer.u16(hello.version).fixed(hello.nodeKey).u64(hello.incarnation).fixed(hello.nonce);
  });
}

export function encodeProof(signature: Signature): Uint8Array {
  return concatBytes(Uint8Array.of(FRAME_PROOF), signature);
}

export function encodeMessageFrame(bytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(FRAME_MESSAGE), bytes);
}

/** What `signer`'s node key signs to prove itself to the end that said `verifier`. */
export function proofMessage(signer: Hello, verifier: Hello, binding: Uint8Array): Uint8Array {
  const [own, other] = [encodeHello(signer), encodeHello(verifier)];
  return concatBytes(domainPrefix(DOMAIN), own, other, binding);
}

/** Reads a frame of an untrusted end. The message's bytes are a view of `bytes`. */
export function decodeFrame(bytes: Uint8Array): Result<Frame, FrameError> {
  const body = bytes.subarray(1);
  switch (bytes[0]) {
    case FRAME_HELLO:
      return decodeHello(bytes);
    case FRAME_PROOF: {
      const signature = parseSignature(body.slice());
      if (signature === undefined) {
        return err({ code: "FRAME_MALFORMED", offset: Math.min(bytes.length, 1 + SIGNATURE_SIZE) });
      }
      return ok({ type: "proof", signature });
    }
    case FRAME_MESSAGE:
      return ok({ type: "message", bytes: body });
    case undefined:
      return err({ code: "FRAME_EMPTY", offset: 0 });
    default:
      return err({ code: "FRAME_UNKNOWN", offset: 0 });
  }
}

function decodeHello(bytes: Uint8Array): Result<Frame, FrameError> {
  try {
    const hello = decodeBcs(bytes, (reader): Hello => {
      reader.u8();
      const version = reader.u16();
      const nodeKey = parsePublicKey(reader.fixed(32).slice());
      if (nodeKey === undefined) return reader.fail("BAD_VALUE", "not a key");
      const incarnation = reader.u64();
      return { version, nodeKey, incarnation, nonce: reader.fixed(NONCE_SIZE).slice() };
    });
    return ok({ type: "hello", hello });
  } catch (error) {
    if (!(error instanceof BcsError)) throw error;
    return err({ code: "FRAME_MALFORMED", offset: error.offset });
  }
}
