/**
 * Cuts frames into pieces that a data channel carries without blocking others, and puts them
 * together again. A piece is one byte (1 for the last piece of a frame, else 0) and content; every
 * piece but the last is full, so that a frame has one way to be cut and empty pieces cannot keep a
 * reader busy. Knows no channel.
 */
import { concatBytes } from "#core/bytes.ts";
import { err, ok, type Result } from "#core/result.ts";
import { FRAME_SIZE_MAX } from "./wire.ts";

/** Bytes of a full piece, its header included: what every browser's data channel takes at once. */
export const PIECE_SIZE = 16 * 1024;

const HEADER_SIZE = 1;
const CONTENT_SIZE = PIECE_SIZE - HEADER_SIZE;
const MORE = 0;
const LAST = 1;

export type ChunkErrorCode = "PIECE_EMPTY" | "PIECE_HEADER" | "PIECE_SIZE" | "FRAME_TOO_LARGE";

export interface ChunkError {
  readonly code: ChunkErrorCode;
  /** Byte offset in the frame at which reading stopped. */
  readonly offset: number;
}

/** The pieces of a frame, in order; at least one. */
export function* cutFrame(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  do {
    const content = bytes.subarray(start, start + CONTENT_SIZE);
    start += content.length;
    yield concatBytes(Uint8Array.of(start < bytes.length ? MORE : LAST), content);
  } while (start < bytes.length);
}

export interface Reassembly {
  /**
   * Takes the next piece; the frame when it is the last, undefined when more follow. No use after
   * an error.
   */
  push(piece: Uint8Array): Result<Uint8Array | undefined, ChunkError>;
}

/** @param frameSizeMax bytes that a frame may have, and that this holds at most. */
export function createReassembly(frameSizeMax: number = FRAME_SIZE_MAX): Reassembly {
  let contents: Uint8Array[] = [];
  let size = 0;

  return {
    push(piece) {
      const header = piece[0];
      if (header === undefined) return err({ code: "PIECE_EMPTY", offset: size });
      if (header !== MORE && header !== LAST) return err({ code: "PIECE_HEADER", offset: size });
      const isFull = piece.length === PIECE_SIZE;
      if (piece.length > PIECE_SIZE || (header === MORE && !isFull)) {
        return err({ code: "PIECE_SIZE", offset: size });
      }
      const content = piece.subarray(HEADER_SIZE);
      if (content.length === 0 && size > 0) return err({ code: "PIECE_SIZE", offset: size });
      if (size + content.length > frameSizeMax)
        return err({ code: "FRAME_TOO_LARGE", offset: size });
      size += content.length;
      contents.push(content);
      if (header === MORE) return ok(undefined);
      const frame = concatBytes(...contents);
      contents = [];
      size = 0;
      return ok(frame);
    },
  };
}
