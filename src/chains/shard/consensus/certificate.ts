/**
 * What makes a block of a shard final: the precommits of K - C consensus nodes over its height, its
 * hash and the state that it leads to. Whoever knows the committee can check it without knowing
 * how it came about.
 */
import type { Hash } from "#core/hash.ts";
import { type Carried, decodeWith, encodeWith, struct, u32, vector } from "../../rpc/codec.ts";
import { type Committee, quorumOf } from "./committee.ts";
import { type Choice, isAuthenticVote, PRECOMMIT, signatureCodec, type Vote } from "./messages.ts";

const certificateCodec = struct({
  /** The round in which they were given. */
  round: u32,
  /** In the order of the voters' places. */
  signatures: vector(struct({ voter: u32, signature: signatureCodec })),
});
export type Certificate = Carried<typeof certificateCodec>;

/** @param precommits for one choice in one round, by different voters. */
export function certificateOf(round: number, precommits: readonly Vote[]): Certificate {
  const ordered = [...precommits].sort((a, b) => a.voter - b.voter);
  return { round, signatures: ordered.map(({ voter, signature }) => ({ voter, signature })) };
}

export function encodeCertificate(certificate: Certificate): Uint8Array {
  return encodeWith(certificateCodec, certificate);
}

/** Undefined for bytes that are no certificate. */
export function decodeCertificate(input: Uint8Array): Certificate | undefined {
  const decoded = decodeWith(certificateCodec, input);
  return decoded.ok ? decoded.value : undefined;
}

/** Whether K - C different members have precommitted to `choice` at `height`. */
export function certifies(
  chain: Hash,
  committee: Committee,
  height: bigint,
  choice: Choice,
  { round, signatures }: Certificate,
): boolean {
  if (signatures.length < quorumOf(committee) || signatures.length > committee.keys.length) {
    return false;
  }
  return signatures.every(({ voter, signature }, index) => {
    const before = signatures[index - 1];
    if (before !== undefined && before.voter >= voter) return false;
    const vote = { phase: PRECOMMIT, height, round, choice, voter, signature };
    return isAuthenticVote(chain, committee, vote);
  });
}
