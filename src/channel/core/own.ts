/**
 * This node's own client: its calls and departures once they are signed, from being given to the
 * leader to settled (SPEC.md CL2 to CL6, CL8).
 */
import { equalBytes } from "#core/bytes.ts";
import { callMessage, refusalMessage } from "../codec.ts";
import type { MessageOf } from "../messages/wire.ts";
import { type Call, compareEpochs, type Millis } from "../messages.ts";
import { confirmedHeight } from "./certificates.ts";
import { readControl } from "./control.ts";
import { complain, notify, persist, refuse } from "./emit.ts";
import { type ChannelErrorName, errorNameOf } from "./errors.ts";
import { tipOf } from "./log.ts";
import { currentEpoch, leaderPeer, leaderSeat, memberOf, ownMember } from "./members.ts";
import { CALL_HEIGHTS_MAX } from "./parameters.ts";
import { nextNonce, submit } from "./pool.ts";
import { send } from "./routing.ts";
import type { Machine, Own } from "./state.ts";
import type { Submission } from "./submission.ts";
import { actorKey, actorOf, callIn, packed, subjectOf } from "./submission.ts";

export function makeOwn(submission: Submission, nonce: bigint, request: number | undefined): Own {
  return {
    nonce,
    subject: subjectOf(submission),
    submission,
    request,
    height: undefined,
    stage: "sent",
    firstSentAt: undefined,
    sentAt: undefined,
    sentTerm: 0n,
    forcedAt: undefined,
    refusedAs: undefined,
  };
}

/**
 * Gives what is not ordered to the leader, again when there was no answer or there is another
 * leader.
 */
export function sendOwn(machine: Machine): void {
  const { chain, now } = machine;
  const leader = leaderPeer(machine);
  tellOfDelay(machine);
  if (leader === undefined) return;
  for (const own of machine.own) if (isExpired(machine, own)) renew(machine, own);
  if (machine.handover.term !== chain.term) noteLeader(machine);
  const due = machine.own.filter((own) => own.height === undefined && isDue(machine, own));
  if (due.some(({ sentAt, sentTerm }) => sentAt !== undefined && sentTerm === chain.term)) {
    waitLonger(machine);
  }
  for (const own of due) {
    if (own.sentTerm !== chain.term) own.firstSentAt = undefined;
    own.firstSentAt ??= now;
    own.sentAt = now;
    own.sentTerm = chain.term;
  }
  const submissions = due.map(({ submission }) => submission);
  if (leader === machine.self) {
    for (const submission of submissions) submit(machine, submission, leader);
  } else {
    for (const message of packed(submissions)) send(machine, [leader], message);
  }
}

/** Another leads: how long the one before took is no measure for it. */
function noteLeader(machine: Machine): void {
  const { chain, now } = machine;
  machine.handover = { waitMs: boundedWait(machine, 0n), takenAt: now, term: chain.term };
}

/** The leader took one that it was given: what that has taken, the next may take. */
function noteTaken(machine: Machine, { firstSentAt }: Own): void {
  const { handover, now } = machine;
  const tookMs = now - (firstSentAt ?? now);
  machine.handover = { ...handover, waitMs: boundedWait(machine, 2n * tookMs), takenAt: now };
}

/** Nothing was taken since the last time: a leader that is slow must not be given more. */
function waitLonger(machine: Machine): void {
  const { handover } = machine;
  machine.handover = { ...handover, waitMs: boundedWait(machine, 2n * handover.waitMs) };
}

function boundedWait({ tools }: Machine, ms: bigint): bigint {
  const { resendMs, resendMsMax } = tools.parameters;
  const [least, most] = [BigInt(2 * resendMs), BigInt(resendMsMax)];
  if (ms < least) return least;
  return ms > most ? most : ms;
}

function isDue(machine: Machine, own: Own): boolean {
  return own.sentTerm !== machine.chain.term || machine.now >= sendingTime(machine, own);
}

/** When what is not ordered is to be given to the leader: at once, or again. */
export function sendingTime({ handover, now }: Machine, { sentAt }: Own): Millis {
  if (sentAt === undefined) return now;
  return (sentAt > handover.takenAt ? sentAt : handover.takenAt) + handover.waitMs;
}

/** Another leads: what is not ordered is given to it at once. */
export function giveAgain(machine: Machine): void {
  noteLeader(machine);
  for (const one of machine.own) {
    if (one.height !== undefined) continue;
    one.firstSentAt = undefined;
    one.sentAt = undefined;
  }
}

/** A client that waits is told why, once for each reason; the node goes on trying by itself. */
function tellOfDelay(machine: Machine): void {
  const { chain, now, own, told, tools } = machine;
  const waiting = own.find(({ height }) => height === undefined);
  const isLeaderless = chain.leader === undefined && waiting !== undefined;
  if (isLeaderless && !told.isLeaderless)
    complain(machine, "NO_LEADER", "an election is under way");
  told.isLeaderless = isLeaderless;
  const since = waiting?.firstSentAt;
  const isLate = since !== undefined && now - since >= BigInt(tools.parameters.leaseMs);
  if (isLate && !told.isLate) {
    complain(machine, "TIMEOUT", `nonce ${waiting?.nonce} was not ordered in time`);
  }
  told.isLate = isLate;
}

/** Brings the stages of own entries up to the log, and says so. */
export function trackOwn(machine: Machine): void {
  const confirmed = confirmedHeight(machine);
  trackSettling(machine, confirmed);
  const seat = ownMember(machine)?.seat;
  const next = seat === undefined || machine.own.length === 0 ? 0n : nextNonce(machine, seat);
  const open: Own[] = [];
  for (const own of machine.own) {
    if (seat !== undefined && !track(machine, own, seat, next)) continue;
    if (own.height === undefined || own.height > confirmed) {
      open.push(own);
      continue;
    }
    tellStage(machine, own, "confirmed");
    machine.settling.push(own);
  }
  machine.own = open;
}

/** What was confirmed waits for the settlement, in the order of heights. */
function trackSettling(machine: Machine, confirmed: bigint): void {
  const { settling, log } = machine;
  const first = settling[0]?.height;
  const last = settling.at(-1)?.height;
  if (first !== undefined && first <= log.base.height) {
    const isOver = ({ height }: Own) => height !== undefined && height <= log.base.height;
    const over = settling.filter(isOver);
    machine.settling = settling.filter((own) => !isOver(own));
    const seat = ownMember(machine)?.seat;
    const next = seat === undefined ? undefined : nextNonce(machine, seat);
    const isSettled = ({ nonce }: Own) => next === undefined || nonce < next;
    for (const own of over) if (isSettled(own)) tellStage(machine, own, "settled");
    // The base is of another branch: what was voided is to be ordered again.
    machine.own.unshift(...over.filter((own) => !isSettled(own)));
  } else if (last !== undefined && last > confirmed) {
    // The chain voided what was confirmed: these are to be ordered again.
    machine.own.unshift(...settling);
    machine.settling = [];
  }
}

/**
 * Compares an entry of ours with the log; false when it is over with it.
 * @param next the seat's next nonce at the tip
 */
function track(machine: Machine, own: Own, seat: bigint, next: bigint): boolean {
  if (actorOf(own.submission).seat !== seat) {
    refuse(machine, own.request, "NOT_MEMBER", "it was asked for by an earlier seat");
    return false;
  }
  const ordered = machine.ordered.get(actorKey(seat, own.nonce));
  if (ordered === undefined) return trackUnordered(machine, own, next);
  if (!equalBytes(ordered.subject, own.subject)) {
    refuse(machine, own.request, "BAD_SIGNATURE_OR_NONCE", `nonce ${own.nonce} is used`);
    return false;
  }
  if (own.height !== ordered.height) {
    own.height = ordered.height;
    noteTaken(machine, own);
    tellStage(machine, own, "sequenced");
    tellStage(machine, own, "verified");
  }
  return true;
}

function trackUnordered(machine: Machine, own: Own, next: bigint): boolean {
  // Nobody else can sign for it: its nonce was used, and what did is settled. Where it had a height
  // before says nothing: the base may be of another branch.
  if (own.nonce < next) {
    tellStage(machine, own, "settled");
    return false;
  }
  if (own.height !== undefined) {
    own.height = undefined;
    own.sentAt = undefined;
    tellStage(machine, own, "sent");
  }
  if (!isClosing(machine)) return true;
  refuse(machine, own.request, "CHANNEL_CLOSED", "the channel was closed before it was ordered");
  return false;
}

/** A close is confirmed: nothing is ordered after it. */
function isClosing(machine: Machine): boolean {
  const isLast = confirmedHeight(machine) === tipOf(machine.log).height;
  return isLast && readControl(machine.tools.executor)?.closing === true;
}

/** Ends what a node that is out, or whose channel is closed, can never see ordered any more. */
export function endOwn(machine: Machine, name: ChannelErrorName, detail: string): void {
  for (const { request } of machine.own) refuse(machine, request, name, detail);
  for (const { request } of machine.gathered) refuse(machine, request, name, detail);
  machine.own = [];
  machine.gathered = [];
}

function tellStage(
  machine: Machine,
  own: Own,
  stage: "sent" | "sequenced" | "verified" | "confirmed" | "settled",
): void {
  if (stage !== "sequenced" && stage !== "settled") own.stage = stage;
  const seat = ownMember(machine)?.seat ?? 0n;
  const receipt = machine.ordered.get(actorKey(seat, own.nonce))?.receipt;
  if (own.request === undefined) return;
  notify(machine, {
    type: "call",
    request: own.request,
    nonce: own.nonce,
    stage,
    ...(own.height === undefined ? {} : { height: own.height }),
    ...(receipt === undefined || stage === "sequenced" ? {} : { receipt }),
  });
}

/**
 * The leader says that it cannot order one of our entries. It may be wrong, or lie: the client is
 * told, and the entry is sent again until our own log ends it.
 */
export function receiveRefusal(machine: Machine, message: MessageOf<"refusal">): void {
  const { refusal, signature } = message;
  const seat = leaderSeat(machine);
  const leader = seat === undefined ? undefined : memberOf(machine, seat);
  const own = machine.own.find(({ subject }) => equalBytes(subject, refusal.subject));
  const isCurrent = compareEpochs(refusal.epoch, currentEpoch(machine)) === 0;
  if (leader === undefined || own === undefined || !isCurrent) return;
  if (!machine.tools.verify(refusalMessage(refusal), signature, leader.nodeKey)) return;
  const name = errorNameOf(refusal.code);
  if (name === undefined || own.refusedAs === refusal.code) return;
  own.refusedAs = refusal.code;
  complain(machine, name, `the leader does not order nonce ${own.nonce}`, leaderPeer(machine));
}

/** It was not ordered up to its last height, and what is confirmed up to there stays. */
function isExpired(machine: Machine, { submission, height, nonce }: Own): boolean {
  const call = callIn(submission);
  if (call === undefined || height !== undefined) return false;
  return call.expiry <= confirmedHeight(machine) && nonce >= nextNonce(machine, call.seat);
}

/** An expired call can never be ordered any more, so the same nonce may be signed again. */
function renew(machine: Machine, own: Own): void {
  const { submission, request, nonce } = own;
  const expired = callIn(submission);
  if (expired === undefined) return;
  const call: Call = { ...expired, expiry: tipOf(machine.log).height + CALL_HEIGHTS_MAX };
  const signature = machine.tools.signer.signAsMember(callMessage(call));
  const again = { type: "call", call: { call, signature } } as const;
  machine.own = machine.own.map((known) =>
    known === own ? makeOwn(again, nonce, request) : known,
  );
  persist(machine, { type: "own", submission: again });
}
