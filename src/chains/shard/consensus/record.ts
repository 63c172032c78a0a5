/**
 * What a consensus node must not forget: what it has signed in its round, what it is locked on and
 * what may be proposed again. It is on disk before anything of it is sent, so a node that is killed
 * comes back unable to sign a second vote where it has signed one.
 */
import {
  type Carried,
  decodeWith,
  encodeWith,
  option,
  struct,
  u32,
  u64,
  vector,
} from "../../rpc/codec.ts";
import { consensusMessageCodec, valueCodec, voteCodec } from "./messages.ts";

const recordCodec = struct({
  height: u64,
  /** Nothing is signed any more in rounds below it. */
  round: u32,
  /** Everything that this node has signed in the round. */
  signed: vector(consensusMessageCodec),
  /** The block that it has precommitted to last. */
  locked: option(struct({ round: u32, value: valueCodec })),
  /** The block that a quorum has prevoted for last, with the prevotes. */
  valid: option(struct({ round: u32, value: valueCodec, polka: vector(voteCodec) })),
});
export type ConsensusRecord = Carried<typeof recordCodec>;
export type Locked = NonNullable<ConsensusRecord["locked"]>;
export type Valid = NonNullable<ConsensusRecord["valid"]>;

export function encodeRecord(record: ConsensusRecord): Uint8Array {
  return encodeWith(recordCodec, record);
}

/** Undefined for bytes that are no record. */
export function decodeRecord(input: Uint8Array): ConsensusRecord | undefined {
  const decoded = decodeWith(recordCodec, input);
  return decoded.ok ? decoded.value : undefined;
}
