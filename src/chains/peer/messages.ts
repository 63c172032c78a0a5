/**
 * What two nodes of one chain say to each other, as bytes (SPEC.md, "Peers"). Either may say
 * anything at any time after its hello; only `getBlocks` asks for an answer.
 */
import { bytes, type Carried, hash, struct, text, u32, u64, union, vector } from "../rpc/codec.ts";

/** Raised with the messages; nodes of other versions do not talk to each other. */
export const PEER_PROTOCOL = 2;
/** Largest message that is read: a page of blocks and one block that did not fit any more. */
export const PEER_MESSAGE_SIZE_MAX = 3 * 1024 * 1024;
/** Bytes of blocks after which a page ends. */
export const PAGE_SIZE = 1024 * 1024;
export const PAGE_BLOCKS_MAX = 128;
/** Places that one question may name. */
export const PLACES_MAX = 64;

/** A block by what finds it. */
const place = struct({ height: u64, hash });
export type Place = Carried<typeof place>;

export const peerMessageCodec = union({
  /** The first message of either side; `config` is the BCS of a GenesisConfig. */
  hello: struct({ protocol: u32, genesisHash: hash, config: bytes, head: place }),
  /** The last message: why the sender ends the connection, for people. */
  farewell: struct({ reason: text }),
  /** The sender's newest block; sent again and again as a sign of life. */
  head: struct({ head: place }),
  /** The sender's newest block itself: `encodeBlock`. */
  block: struct({ block: bytes }),
  transactions: struct({ transactions: vector(bytes) }),
  /** Asks for the blocks above the first of `places` that is on the other's branch. */
  getBlocks: struct({ id: u32, places: vector(place) }),
  /** In order of height; empty where none of the places is known or nothing is above it. */
  blocks: struct({ id: u32, blocks: vector(bytes) }),
  /** What those who decide on blocks together say to each other; their own bytes. */
  consensus: struct({ message: bytes }),
});
export type PeerMessage = Carried<typeof peerMessageCodec>;
