/** Proof that a member broke the rules: two things that it signed and that exclude each other. */
import { present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { PublicKey } from "#core/ed25519.ts";
import type { Hash } from "#core/hash.ts";
import { decodeWith, encodeWith, struct, u32, u64, vector } from "../../rpc/codec.ts";
import { type Committee, proposerAt } from "./committee.ts";
import {
  type ConsensusMessage,
  consensusMessageCodec,
  isAuthentic,
  isSameChoice,
  type Proposal,
  publicKeyCodec,
  type Vote,
} from "./messages.ts";

export interface Evidence {
  /** Of the committee that it was a member of. */
  readonly epoch: bigint;
  /** The place of who signed both, and its key. */
  readonly member: number;
  readonly key: PublicKey;
  readonly height: bigint;
  readonly round: number;
  readonly first: ConsensusMessage;
  readonly second: ConsensusMessage;
}

/** Two votes of one member in one phase of one round for different choices. */
export function evidenceOfVotes(committee: Committee, first: Vote, second: Vote): Evidence {
  const { voter, height, round } = first;
  return {
    ...whoIn(committee, voter),
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
    ...whoIn(committee, proposerAt(committee, height, round)),
    height,
    round,
    first: { type: "proposal", proposal: first },
    second: { type: "proposal", proposal: second },
  };
}

function whoIn({ epoch, keys }: Committee, member: number) {
  return { epoch, member, key: present(keys[member], "a member has a key") };
}

/** Whether `evidence` proves what it says, to somebody who trusts nobody. */
export function proves(chain: Hash, committee: Committee, evidence: Evidence): boolean {
  const { first, second, epoch, member, key } = evidence;
  const named = committee.keys[member];
  if (epoch !== committee.epoch || named === undefined || !equalBytes(named, key)) return false;
  const places = [first, second].map((message) => placeIn(committee, evidence, message));
  if (places.some((place) => place !== member)) return false;
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
    epoch: u64,
    member: u32,
    key: publicKeyCodec,
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
