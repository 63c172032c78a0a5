/** Proof that a member broke the rules: two things that it signed and that exclude each other. */
import type { Hash } from "#core/hash.ts";
import { decodeWith, encodeWith, struct, u32, u64, vector } from "../../rpc/codec.ts";
import { type Committee, proposerAt } from "./committee.ts";
import {
  type ConsensusMessage,
  consensusMessageCodec,
  isAuthentic,
  isSameChoice,
  type Proposal,
  type Vote,
} from "./messages.ts";

export interface Evidence {
  /** The place of who signed both. */
  readonly member: number;
  readonly height: bigint;
  readonly round: number;
  readonly first: ConsensusMessage;
  readonly second: ConsensusMessage;
}

/** Two votes of one member in one phase of one round for different choices. */
export function evidenceOfVotes(first: Vote, second: Vote): Evidence {
  const { voter, height, round } = first;
  return {
    member: voter,
    height,
    round,
    first: { type: "vote", vote: first },
    second: { type: "vote", vote: second },
  };
}

/** Two proposals of different blocks in one round. */
export function evidenceOfProposals(
  committee: Committee,
  first: Proposal,
  second: Proposal,
): Evidence {
  const { height, round } = first;
  return {
    member: proposerAt(committee, height, round),
    height,
    round,
    first: { type: "proposal", proposal: first },
    second: { type: "proposal", proposal: second },
  };
}

/** Whether `evidence` proves what it says, to somebody who trusts nobody. */
export function proves(chain: Hash, committee: Committee, evidence: Evidence): boolean {
  const { first, second } = evidence;
  const places = [first, second].map((message) => placeIn(committee, evidence, message));
  if (places.some((place) => place !== evidence.member)) return false;
  if (!isAuthentic(chain, committee, first) || !isAuthentic(chain, committee, second)) return false;
  if (first.type === "vote" && second.type === "vote") {
    const isSamePhase = first.vote.phase === second.vote.phase;
    return isSamePhase && !isSameChoice(first.vote.choice, second.vote.choice);
  }
  if (first.type !== "proposal" || second.type !== "proposal") return false;
  return !isSameChoice(first.proposal.value.choice, second.proposal.value.choice);
}

/** Who speaks in a message of the height and round in question. */
function placeIn(
  committee: Committee,
  { height, round }: Evidence,
  message: ConsensusMessage,
): number | undefined {
  const said = message.type === "vote" ? message.vote : message.proposal;
  if (said.height !== height || said.round !== round) return undefined;
  return message.type === "vote" ? message.vote.voter : proposerAt(committee, height, round);
}

/** What tells one piece of evidence from another. */
export function evidenceName({ member, height, round, first }: Evidence): string {
  const kind = first.type === "vote" ? `vote ${first.vote.phase}` : "proposal";
  return `${member} ${height} ${round} ${kind}`;
}

const evidenceCodec = vector(
  struct({
    member: u32,
    height: u64,
    round: u32,
    first: consensusMessageCodec,
    second: consensusMessageCodec,
  }),
);

export function encodeEvidence(evidence: readonly Evidence[]): Uint8Array {
  return encodeWith(evidenceCodec, evidence);
}

/** Undefined for bytes that are no list of evidence. */
export function decodeEvidence(input: Uint8Array): readonly Evidence[] | undefined {
  const decoded = decodeWith(evidenceCodec, input);
  return decoded.ok ? decoded.value : undefined;
}
