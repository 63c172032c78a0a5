/**
 * What consensus nodes say to each other, and the bytes that they sign for it. A signature binds
 * the chain, so nothing that was signed for one shard means anything on another. Checks form and
 * signatures; what follows from a message is the machine's business.
 */
import { concatBytes, equalBytes } from "#core/bytes.ts";
import {
  PUBLIC_KEY_SIZE,
  type PublicKey,
  parsePublicKey,
  parseSignature,
  SIGNATURE_SIZE,
  type Signature,
  verifyEd25519,
} from "#core/ed25519.ts";
import { domainPrefix, type Hash } from "#core/hash.ts";
import {
  bytes,
  type Carried,
  type Codec,
  decodeWith,
  encodeWith,
  hash,
  option,
  struct,
  u8,
  u32,
  u64,
  union,
  vector,
} from "../../rpc/codec.ts";
import { type Committee, proposerAt, quorumOf } from "./committee.ts";

/** The two phases in which nodes sign. */
export const PREVOTE = 0;
export const PRECOMMIT = 1;

export const signatureCodec: Codec<Signature> = {
  write: (writer, value) => void writer.fixed(value),
  read: (reader) => {
    const read = parseSignature(reader.fixed(SIGNATURE_SIZE).slice());
    return read ?? reader.fail("BAD_VALUE", "not a signature");
  },
};

export const publicKeyCodec: Codec<PublicKey> = {
  write: (writer, value) => void writer.fixed(value),
  read: (reader) => {
    const read = parsePublicKey(reader.fixed(PUBLIC_KEY_SIZE).slice());
    return read ?? reader.fail("BAD_VALUE", "not a public key");
  },
};

/** What is voted for: a block by its hash, and the state that it leads to. */
const choiceCodec = struct({ hash, stateRoot: hash });
export type Choice = Carried<typeof choiceCodec>;

/** A block that may be decided. */
export const valueCodec = struct({ choice: choiceCodec, block: bytes });
export type Value = Carried<typeof valueCodec>;

const ballotCodec = struct({
  phase: u8,
  height: u64,
  round: u32,
  /** Undefined is a vote for no block in this round. */
  choice: option(choiceCodec),
});
type Ballot = Carried<typeof ballotCodec>;

export const voteCodec = struct({
  phase: u8,
  height: u64,
  round: u32,
  choice: option(choiceCodec),
  /** The place of who votes in the committee. */
  voter: u32,
  signature: signatureCodec,
});
export type Vote = Carried<typeof voteCodec>;

const offerCodec = struct({
  height: u64,
  round: u32,
  choice: choiceCodec,
  /** The round in which a quorum prevoted for the block already. */
  validRound: option(u32),
});
type Offer = Carried<typeof offerCodec>;

const proposalCodec = struct({
  height: u64,
  round: u32,
  value: valueCodec,
  validRound: option(u32),
  /** The prevotes of `validRound`, a quorum; empty without one. */
  polka: vector(voteCodec),
  signature: signatureCodec,
});
export type Proposal = Carried<typeof proposalCodec>;

export const consensusMessageCodec = union({
  vote: struct({ vote: voteCodec }),
  proposal: struct({ proposal: proposalCodec }),
});
export type ConsensusMessage = Carried<typeof consensusMessageCodec>;

export function voteSigningMessage(chain: Hash, ballot: Ballot): Uint8Array {
  return concatBytes(domainPrefix("ShardVote"), chain, encodeWith(ballotCodec, ballot));
}

export function proposalSigningMessage(chain: Hash, offer: Offer): Uint8Array {
  return concatBytes(domainPrefix("ShardProposal"), chain, encodeWith(offerCodec, offer));
}

export function isSameChoice(a: Choice | undefined, b: Choice | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return equalBytes(a.hash, b.hash) && equalBytes(a.stateRoot, b.stateRoot);
}

export function heightOfMessage(message: ConsensusMessage): bigint {
  return message.type === "vote" ? message.vote.height : message.proposal.height;
}

export function encodeMessage(message: ConsensusMessage): Uint8Array {
  return encodeWith(consensusMessageCodec, message);
}

/** Undefined for bytes that are no message. */
export function decodeMessage(input: Uint8Array): ConsensusMessage | undefined {
  const decoded = decodeWith(consensusMessageCodec, input);
  return decoded.ok ? decoded.value : undefined;
}

/** Whether a message says what the member that it names has signed. */
export function isAuthentic(chain: Hash, committee: Committee, message: ConsensusMessage): boolean {
  if (message.type === "vote") return isAuthenticVote(chain, committee, message.vote);
  return isAuthenticProposal(chain, committee, message.proposal);
}

export function isAuthenticVote(chain: Hash, { keys }: Committee, vote: Vote): boolean {
  const key = keys[vote.voter];
  if (key === undefined || vote.phase > PRECOMMIT) return false;
  return verifyEd25519(voteSigningMessage(chain, vote), vote.signature, key);
}

function isAuthenticProposal(chain: Hash, committee: Committee, proposal: Proposal): boolean {
  const { height, round, value, validRound, signature } = proposal;
  const key = committee.keys[proposerAt(committee, height, round)];
  if (key === undefined) return false;
  const offer = { height, round, choice: value.choice, validRound };
  if (!verifyEd25519(proposalSigningMessage(chain, offer), signature, key)) return false;
  if (!showsPolka(committee, proposal)) return false;
  return proposal.polka.every((vote) => isAuthenticVote(chain, committee, vote));
}

/**
 * Whether a proposal that says it was prevoted for before names a quorum that did; whether they
 * have signed it is asked apart.
 */
export function showsPolka(committee: Committee, proposal: Proposal): boolean {
  const { height, round, validRound, value, polka } = proposal;
  if (validRound === undefined) return polka.length === 0;
  if (validRound >= round || polka.length > committee.keys.length) return false;
  if (new Set(polka.map(({ voter }) => voter)).size < quorumOf(committee)) return false;
  return polka.every(
    (vote) =>
      vote.phase === PREVOTE &&
      vote.height === height &&
      vote.round === validRound &&
      isSameChoice(vote.choice, value.choice),
  );
}
