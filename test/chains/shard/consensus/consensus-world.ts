// Consensus nodes over a network, disks and a clock that a seed commands: messages are late, lost
// and cut off, nodes are killed at any write, and up to C of them lie. Checkers look on.
import { present } from "#core/assert.ts";
import { toHex, utf8 } from "#core/bytes.ts";
import { type PublicKey, parsePublicKey, type Signature } from "#core/ed25519.ts";
import { domainHash, sha2_256 } from "#core/hash.ts";
import { makeCommittee, quorumOf } from "../../../../src/chains/shard/consensus/committee.ts";
import {
  createConsensusMachine,
  type Effect,
  type Input,
  step,
} from "../../../../src/chains/shard/consensus/machine.ts";
import {
  type ConsensusMessage,
  encodeMessage,
  type Value,
} from "../../../../src/chains/shard/consensus/messages.ts";
import { TIMING } from "../../../../src/chains/shard/consensus/timing.ts";
import { createPrng } from "../../../simulation/prng.ts";
import { lie } from "./liars.ts";
import {
  type ConsensusWorld,
  GENESIS,
  type Liar,
  type Member,
  type Mutation,
  signatureOf,
  stateAfter,
} from "./members.ts";

const DOWN_MS = 2_000n;
const SYNC_MS = 1_000n;

/** @param liars by place; at most C of them for what is checked to hold. */
export function createConsensusWorld(
  seed: number,
  size: number,
  faultsMax: number,
  liars: ReadonlyMap<number, Liar>,
  mutation: Mutation = {},
): ConsensusWorld {
  const keys = Array.from({ length: size }, (_, place) => keyOf(place));
  const members = keys.map((_, place): Member => {
    const disk = { record: undefined, chain: [] };
    const liar = liars.get(place);
    const idle = { machine: undefined, life: 0, wakeMs: undefined, isDeciding: false };
    return { place, liar, disk, ...idle };
  });
  const world: ConsensusWorld = {
    committee: makeCommittee(1n, keys, faultsMax),
    members,
    prng: createPrng(seed),
    faults: { delayMsMax: 50, lostPermille: 0, crashPermille: 0, passes: () => true },
    mutation,
    events: [],
    said: new Map(),
    finals: new Map(),
    broken: new Set(),
    proved: new Set(),
    nowMs: 1_000_000n,
    deliver: (from, to, message) => deliver(world, from, to, message),
    crashes: 0,
    roundsMax: 0,
  };
  for (const member of members) start(world, member);
  for (const member of members) syncNow(world, member);
  return world;
}

function keyOf(place: number): PublicKey {
  return present(parsePublicKey(sha2_256(utf8(`member ${place}`))), "32 bytes");
}

function start(world: ConsensusWorld, member: Member): void {
  const { disk, place } = member;
  const chain = GENESIS;
  const sign = (message: Uint8Array): Signature => signatureOf(place, message);
  const setting = { chain, sign, timing: TIMING };
  const height = BigInt(disk.chain.length);
  const record = world.mutation.forgetsDisk === true ? undefined : disk.record;
  const { committee, nowMs } = world;
  member.isDeciding = false;
  member.machine = createConsensusMachine(setting, committee, place, height, nowMs, record);
  feed(world, member, { type: "work" });
}

export function kill(world: ConsensusWorld, place: number): void {
  const member = present(world.members[place], "a member");
  if (member.machine === undefined) return;
  world.crashes += 1;
  member.life += 1;
  member.machine = undefined;
  member.wakeMs = undefined;
  after(world, DOWN_MS, () => start(world, member));
}

function after(world: ConsensusWorld, delayMs: bigint, run: () => void): void {
  const atMs = world.nowMs + delayMs;
  const { events } = world;
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (present(events[middle], "an event").atMs <= atMs) low = middle + 1;
    else high = middle;
  }
  events.splice(low, 0, { atMs, run });
}

/** Lets so much time pass. */
export function pass(world: ConsensusWorld, ms: number): void {
  const untilMs = world.nowMs + BigInt(ms);
  const { events } = world;
  for (let next = events[0]; next !== undefined && next.atMs <= untilMs; next = events[0]) {
    events.shift();
    if (next.atMs > world.nowMs) world.nowMs = next.atMs;
    next.run();
  }
  world.nowMs = untilMs;
}

function feed(world: ConsensusWorld, member: Member, input: Input): void {
  const { machine, life } = member;
  if (machine === undefined) return;
  for (const next of [{ type: "tick", nowMs: world.nowMs } as const, input]) {
    const effects = step(machine, next);
    if (member.liar === undefined) world.mutation.spoil?.(machine);
    world.roundsMax = Math.max(world.roundsMax, machine.round);
    for (const effect of effects) {
      if (member.life !== life) return;
      run(world, member, effect);
    }
  }
}

function run(world: ConsensusWorld, member: Member, effect: Effect): void {
  switch (effect.type) {
    case "save":
      if (world.mutation.sendsUnsaved === true && member.liar === undefined) {
        for (const message of effect.record.signed) send(world, member, message);
      }
      return write(world, member, () => {
        member.disk.record = effect.record;
        feed(world, member, { type: "saved" });
      });
    case "send":
      return send(world, member, effect.message);
    case "draft": {
      const { height, round } = effect;
      const value = draftOf(world, member, height);
      return later(world, member, () =>
        feed(world, member, { ...effect, type: "drafted", height, round, value }),
      );
    }
    case "check": {
      const { height, value } = effect;
      const isRight = world.mutation.approvesAll === true || isRightValue(member, height, value);
      return later(world, member, () =>
        feed(world, member, { type: "checked", height, value, isRight }),
      );
    }
    case "decide":
      return decide(world, member, effect);
    case "evidence":
      world.proved.add(effect.evidence.member);
      return;
    case "wake":
      member.wakeMs = effect.atMs;
      const delayMs = effect.atMs > world.nowMs ? effect.atMs - world.nowMs : 1n;
      return later(
        world,
        member,
        () => {
          if (member.wakeMs === effect.atMs)
            feed(world, member, { type: "tick", nowMs: world.nowMs });
        },
        delayMs,
      );
  }
}

/** Something that happens to this life of a member, or not at all. */
function later(world: ConsensusWorld, member: Member, work: () => void, delayMs = 1n): void {
  const { life } = member;
  after(world, delayMs, () => {
    if (member.life === life) work();
  });
}

/** A write to the disk, which may kill the node before it counts or after. */
function write(world: ConsensusWorld, member: Member, work: () => void): void {
  later(
    world,
    member,
    () => {
      const { prng, faults } = world;
      if (!prng.permille(faults.crashPermille)) return work();
      if (prng.permille(500)) {
        // The write counts, and nobody hears of it.
        const { machine } = member;
        member.machine = undefined;
        work();
        member.machine = machine;
      }
      kill(world, member.place);
    },
    BigInt(1 + world.prng.below(5)),
  );
}

function draftOf(world: ConsensusWorld, member: Member, height: bigint): Value | undefined {
  if (BigInt(member.disk.chain.length) !== height - 1n) return undefined;
  const block = utf8(`${height} by ${member.place} at ${world.nowMs}`);
  const stateRoot = stateAfter(member, height, block);
  return { choice: { hash: domainHash("TestBlock", block), stateRoot }, block };
}

function isRightValue(member: Member, height: bigint, { choice, block }: Value): boolean {
  if (BigInt(member.disk.chain.length) !== height - 1n) return false;
  return toHex(choice.stateRoot) === toHex(stateAfter(member, height, block));
}

function decide(
  world: ConsensusWorld,
  member: Member,
  { height, value, precommits, round }: Extract<Effect, { readonly type: "decide" }>,
): void {
  const voters = new Set(precommits.map(({ voter }) => voter));
  const isProven =
    voters.size >= quorumOf(world.committee) &&
    precommits.every((vote) => vote.round === round && vote.height === height);
  if (!isProven) world.broken.add("a block was decided without a quorum");
  member.isDeciding = true;
  write(world, member, () => {
    member.isDeciding = false;
    if (BigInt(member.disk.chain.length) !== height - 1n) return;
    adopt(world, member, height, value);
  });
}

function adopt(world: ConsensusWorld, member: Member, height: bigint, value: Value): void {
  if (member.liar === undefined) checkFinal(world, member, height, value);
  member.disk.chain.push(value);
  const { committee } = world;
  const { place } = member;
  feed(world, member, { type: "committed", height, committee, place, hasWork: true });
}

function checkFinal(world: ConsensusWorld, member: Member, height: bigint, value: Value): void {
  const name = toHex(value.choice.hash) + toHex(value.choice.stateRoot);
  const standing = world.finals.get(height) ?? name;
  world.finals.set(height, standing);
  if (standing !== name) world.broken.add("two blocks are final at one height");
  if (!isRightValue(member, height, value)) world.broken.add("a wrong block is final");
}

function send(world: ConsensusWorld, member: Member, message: ConsensusMessage): void {
  if (world.mutation.mute?.(message) === true) return;
  if (member.liar === undefined) watch(world, member, message);
  const addressed = lie(world, member, message);
  for (const { to, message: said } of addressed) deliver(world, member.place, to, said);
}

function deliver(world: ConsensusWorld, from: number, to: number, message: ConsensusMessage): void {
  const { prng, faults, members } = world;
  const delayMs = BigInt(1 + prng.below(faults.delayMsMax));
  if (prng.permille(faults.lostPermille) || !faults.passes(from, to)) return;
  after(world, delayMs, () => {
    feed(world, present(members[to], "a member"), { type: "message", message });
  });
}

/** What an honest member sends is on its disk, and it never says two things. */
function watch(world: ConsensusWorld, member: Member, message: ConsensusMessage): void {
  const said = message.type === "vote" ? message.vote : message.proposal;
  const choice = message.type === "vote" ? message.vote.choice : message.proposal.value.choice;
  const speaker =
    message.type === "vote"
      ? message.vote.voter
      : Number((said.height + BigInt(said.round)) % BigInt(world.members.length));
  // What others have said is passed on as it is.
  if (speaker !== member.place) return;
  const phase = message.type === "vote" ? `vote ${message.vote.phase}` : "proposal";
  const name = `${speaker} ${said.height} ${said.round} ${phase}`;
  const text = choice === undefined ? "none" : toHex(choice.hash) + toHex(choice.stateRoot);
  const standing = world.said.get(name) ?? text;
  world.said.set(name, standing);
  if (standing !== text) world.broken.add("an honest member has signed twice");
  const { record } = member.disk;
  const bytes = toHex(encodeMessage(message));
  const isKept =
    record !== undefined &&
    (record.height > said.height ||
      (record.height === said.height && record.round > said.round) ||
      record.signed.some((kept) => toHex(encodeMessage(kept)) === bytes));
  if (!isKept) world.broken.add("something was sent before it was on disk");
}

/** Late members learn what is final from whoever they reach. */
function syncNow(world: ConsensusWorld, member: Member): void {
  after(world, SYNC_MS, () => syncNow(world, member));
  const { members, faults, prng } = world;
  const other = prng.pick(members);
  if (other.liar !== undefined || other.machine === undefined || member.machine === undefined)
    return;
  if (!faults.passes(other.place, member.place) || member.isDeciding) return;
  const height = member.disk.chain.length;
  const value = other.disk.chain[height];
  if (value === undefined) return;
  for (const [index, next] of other.disk.chain.slice(height).entries()) {
    adopt(world, member, BigInt(height + index) + 1n, next);
  }
}

export function honest({ members }: ConsensusWorld): readonly Member[] {
  return members.filter(({ liar }) => liar === undefined);
}

/** The height that every honest member has reached. */
export function commonHeight(world: ConsensusWorld): number {
  return Math.min(...honest(world).map(({ disk }) => disk.chain.length));
}
