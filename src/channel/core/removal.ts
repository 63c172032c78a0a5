/**
 * Configuration change (b) (SPEC.md CF11 to CF15): members without whom no quorum is left are
 * removed on chain, by the wishes of those who are. Whoever has wished acks nothing until the chain
 * has acted or the accused has come back.
 */
import { equalBytes } from "#core/bytes.ts";
import { refOfConfiguration, removalMessage } from "../codec.ts";
import type { MessageOf } from "../messages/wire.ts";
import type { HeaderRef, Removal, SeatId, SignedRemoval } from "../messages.ts";
import { learnCertificate } from "./certificates.ts";
import { command } from "./commands.ts";
import { sameConfiguration, seatOf } from "./configuration.ts";
import { complain, persist } from "./emit.ts";
import { compareRefs, findPoint, sameRef } from "./log.ts";
import {
  bestCertified,
  inForce,
  isValidOnChain,
  memberOf,
  otherPeers,
  ownMember,
  turnOf,
  wasHeard,
} from "./members.ts";
import { isMajority, isQuorum } from "./quorum.ts";
import { send } from "./routing.ts";
import type { Machine } from "./state.ts";
import { carriedSteps } from "./steps.ts";

/**
 * The seat to remove: one that is silent here and on chain, when those who can still ack are no
 * quorum without it. Who has wished cannot; a seat that others accuse comes first, then the lowest.
 * One that the chain takes out already needs no wish.
 */
export function silentSeat(machine: Machine): SeatId | undefined {
  const { wishes, tools } = machine;
  const { leaseMs } = tools.parameters;
  const { seats } = inForce(machine);
  const own = ownMember(machine);
  if (seats.every(({ seat }) => seat !== own?.seat)) return undefined;
  const silent = seats.filter(
    ({ seat }) =>
      seat !== own?.seat &&
      memberOf(machine, seat)?.standing !== "removed" &&
      !isValidOnChain(machine, seat) &&
      !wasHeard(machine, seat, leaseMs),
  );
  const bound = new Set([...wishes.values()].flatMap((signed) => [...signed.keys()]));
  for (const { seat } of silent) bound.add(seat);
  const free = seats.filter(({ seat }) => !bound.has(seat));
  if (isQuorum(free.length, seats.length)) return undefined;
  const accused = silent.find(({ seat }) => wishes.has(seat)) ?? silent[0];
  return accused?.seat;
}

/** Drops void wishes, makes the one that is needed, and gives what is gathered to the chain. */
export function removeSilent(machine: Machine): void {
  dropVoid(machine);
  const accused = silentSeat(machine);
  if (accused !== undefined && !hasWished(machine, accused)) makeWish(machine, accused);
  const { removals } = machine.promises;
  if (removals.length === 0) {
    machine.wishesSince = undefined;
    return;
  }
  repeat(machine);
  for (const wish of removals) submitWishes(machine, wish);
}

/**
 * The chain has acted, or the accused has been alive since: the wish can never be used any more.
 */
function isVoid(machine: Machine, { removal }: SignedRemoval): boolean {
  const member = memberOf(machine, removal.accused);
  return (
    member === undefined ||
    member.standing === "removed" ||
    member.lastAlive !== removal.lastAlive ||
    machine.chain.configuration.number > removal.configuration.number
  );
}

function dropVoid(machine: Machine): void {
  const { promises, wishes } = machine;
  const kept = promises.removals.filter((wish) => !isVoid(machine, wish));
  if (kept.length < promises.removals.length) {
    promises.removals = kept;
    persist(machine, { type: "removals", removals: kept });
  }
  for (const [accused, signed] of wishes) {
    for (const [seat, wish] of signed) if (isVoid(machine, wish)) signed.delete(seat);
    if (signed.size === 0) wishes.delete(accused);
  }
}

function hasWished(machine: Machine, accused: SeatId): boolean {
  const configuration = refOfConfiguration(machine.facts.channel, inForce(machine));
  return machine.promises.removals.some(
    ({ removal }) =>
      removal.accused === accused && sameConfiguration(removal.configuration, configuration),
  );
}

function makeWish(machine: Machine, accused: SeatId): void {
  const { channel } = machine.facts;
  const member = memberOf(machine, accused);
  const own = ownMember(machine);
  if (member === undefined || own === undefined) return;
  const removal: Removal = {
    channel,
    configuration: refOfConfiguration(channel, inForce(machine)),
    accused,
    lastAlive: member.lastAlive,
    highest: bestCertified(machine).ref,
  };
  const signature = machine.tools.signer.signAsNode(removalMessage(removal));
  const wish: SignedRemoval = { removal, seat: own.seat, signature };
  machine.promises.removals = [...machine.promises.removals, wish];
  persist(machine, { type: "removals", removals: machine.promises.removals });
  rememberWish(machine, wish);
  machine.wishSentAt = undefined;
}

/** Keeps a wish that is in force, by accused and signer. */
export function rememberWish(machine: Machine, wish: SignedRemoval): void {
  const { accused } = wish.removal;
  const signed = machine.wishes.get(accused) ?? new Map<SeatId, SignedRemoval>();
  machine.wishes.set(accused, signed.set(wish.seat, wish));
}

/** Tells the others until the chain has acted: whoever has wished is bound, and needs the rest. */
function repeat(machine: Machine): void {
  const { wishSentAt, now, tools, promises } = machine;
  if (wishSentAt !== undefined && now - wishSentAt < BigInt(tools.parameters.resendMs)) return;
  machine.wishSentAt = now;
  for (const removal of promises.removals) {
    const certificate = findPoint(machine.log, removal.removal.highest)?.certificate;
    send(machine, otherPeers(machine), {
      type: "removal",
      removal,
      ...(certificate === undefined ? {} : { certificate }),
    });
  }
}

export function receiveRemoval(machine: Machine, message: MessageOf<"removal">): void {
  const { removal: wish, certificate } = message;
  const { removal, seat, signature } = wish;
  const { channel } = machine.facts;
  const configuration = inForce(machine);
  const key = seatOf(configuration, seat)?.nodeKey;
  if (key === undefined || !equalBytes(removal.channel, channel) || isVoid(machine, wish)) return;
  if (!sameConfiguration(removal.configuration, refOfConfiguration(channel, configuration))) return;
  if (!machine.tools.verify(removalMessage(removal), signature, key)) {
    complain(machine, "BAD_SIGNATURE_OR_NONCE", `removal by seat ${seat}`);
    return;
  }
  if (certificate !== undefined && !learnCertificate(machine, certificate)) {
    machine.sync.isBehind = true;
  }
  rememberWish(machine, wish);
}

/** In the log with its certificate, under the epoch that is named, or where the log begins. */
function isHeld({ log }: Machine, highest: HeaderRef): boolean {
  const point = findPoint(log, highest);
  if (point === undefined || !sameRef(point.ref, highest)) return false;
  return point === log.base || point.certificate !== undefined;
}

/**
 * More than half act at once; fewer only when nobody else could still sign, and then after the
 * chain's window.
 */
function submitWishes(machine: Machine, own: SignedRemoval): void {
  const { accused } = own.removal;
  const configuration = inForce(machine);
  const removals = [...(machine.wishes.get(accused)?.values() ?? [])].filter(({ removal }) =>
    sameConfiguration(removal.configuration, own.removal.configuration),
  );
  removals.sort((a, b) => (a.seat < b.seat ? -1 : 1));
  // A wish that names what nobody can show would spoil the others': the chain refuses them all.
  const sound = removals.filter(({ removal }) => isHeld(machine, removal.highest));
  if (sound.length < removals.length) machine.sync.isBehind = true;
  const { leaseMs, turnMs } = machine.tools.parameters;
  const canSign = configuration.seats.filter(
    ({ seat }) => seat !== accused && wasHeard(machine, seat, leaseMs),
  );
  const isEnough =
    isMajority(sound.length, configuration.seats.length) ||
    canSign.every(({ seat }) => removals.some((wish) => wish.seat === seat));
  if (!isEnough || sound.length === 0) return;
  machine.wishesSince ??= machine.now;
  const turn = BigInt(turnOf(machine, configuration) * turnMs);
  if (machine.now - machine.wishesSince < turn) return;
  const [first] = sound;
  const highest = sound.reduce(
    (best, { removal }) => (compareRefs(removal.highest, best) > 0 ? removal.highest : best),
    first?.removal.highest ?? own.removal.highest,
  );
  const point = findPoint(machine.log, highest);
  if (point === undefined) return;
  const steps = carriedSteps(machine, configuration);
  if (steps === undefined) return;
  command(machine, `removeSilent/${accused}/${own.removal.lastAlive}`, {
    type: "removeSilent",
    evidence: {
      removals: sound,
      ...(point.certificate === undefined ? {} : { certificate: point.certificate }),
      steps,
    },
  });
}
