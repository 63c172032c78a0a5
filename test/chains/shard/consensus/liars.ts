// Members that break the rules: silent ones, ones that lie about the state, ones that sign twice.
// Each signs with its own key only.
import { utf8 } from "#core/bytes.ts";
import { domainHash } from "#core/hash.ts";
import {
  type Choice,
  type ConsensusMessage,
  PRECOMMIT,
  PREVOTE,
  type Proposal,
  proposalSigningMessage,
  type Value,
  voteSigningMessage,
} from "../../../../src/chains/shard/consensus/messages.ts";
import { type ConsensusWorld, GENESIS, type Member, signatureOf, stateAfter } from "./members.ts";

interface Addressed {
  readonly to: number;
  readonly message: ConsensusMessage;
}

/** What a member makes of something that its machine would send to all others. */
export function lie(
  world: ConsensusWorld,
  member: Member,
  message: ConsensusMessage,
): readonly Addressed[] {
  const others = world.members.map(({ place }) => place).filter((to) => to !== member.place);
  switch (member.liar) {
    case undefined:
      return others.map((to) => ({ to, message }));
    case "silent":
      return [];
    case "wrong state":
      return others.map((to) => ({ to, message: withWrongState(world, member, message) }));
    case "signs twice":
      return twice(world, member, message, others);
  }
}

function isOwn({ place }: Member, size: number, message: ConsensusMessage): boolean {
  if (message.type === "vote") return message.vote.voter === place;
  const { height, round } = message.proposal;
  return Number((height + BigInt(round)) % BigInt(size)) === place;
}

/** Its blocks lead to another state than it says, and it votes for them. */
function withWrongState(
  { members }: ConsensusWorld,
  member: Member,
  message: ConsensusMessage,
): ConsensusMessage {
  if (!isOwn(member, members.length, message) || message.type === "vote") return message;
  const { value } = message.proposal;
  const stateRoot = domainHash("TestLie", value.choice.stateRoot);
  return proposing(member, message.proposal, {
    ...value,
    choice: { hash: value.choice.hash, stateRoot },
  });
}

/** Shows one half one thing and the other half another, and votes for everything it hears of. */
function twice(
  world: ConsensusWorld,
  member: Member,
  message: ConsensusMessage,
  others: readonly number[],
): readonly Addressed[] {
  const { members, prng } = world;
  if (!isOwn(member, members.length, message)) return others.map((to) => ({ to, message }));
  const side = new Set(others.filter(() => prng.permille(500)));
  if (message.type === "proposal") {
    const { proposal } = message;
    const block = utf8(`${proposal.height} again by ${member.place} at ${world.nowMs}`);
    const stateRoot = stateAfter(member, proposal.height, block);
    const other = { choice: { hash: domainHash("TestBlock", block), stateRoot }, block };
    const second = proposing(member, proposal, other);
    for (const to of others) {
      const [shown, hidden] = side.has(to) ? [proposal.value, other] : [other, proposal.value];
      vote(world, member, to, proposal, shown.choice);
      if (prng.permille(100)) vote(world, member, to, proposal, hidden.choice);
    }
    return others.map((to) => ({ to, message: side.has(to) ? message : second }));
  }
  const { height, round } = message.vote;
  const known = member.machine?.rounds.get(round)?.proposal?.value.choice;
  for (const to of others) {
    vote(world, member, to, { height, round }, side.has(to) ? known : undefined);
  }
  return [];
}

function vote(
  world: ConsensusWorld,
  { place }: Member,
  to: number,
  { height, round }: Pick<Proposal, "height" | "round">,
  choice: Choice | undefined,
): void {
  for (const phase of [PREVOTE, PRECOMMIT]) {
    const ballot = { phase, height, round, choice };
    const signature = signatureOf(place, voteSigningMessage(GENESIS, ballot));
    world.deliver(place, to, { type: "vote", vote: { ...ballot, voter: place, signature } });
  }
}

function proposing({ place }: Member, proposal: Proposal, value: Value): ConsensusMessage {
  const { height, round, validRound } = proposal;
  const offer = { height, round, choice: value.choice, validRound };
  const signature = signatureOf(place, proposalSigningMessage(GENESIS, offer));
  return { type: "proposal", proposal: { ...proposal, value, signature } };
}
