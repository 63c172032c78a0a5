/**
 * This node's own client: its calls and departures, from signing to settled (SPEC.md CL1 to CL6).
 */
import { BcsError } from "#core/bcs/reader.ts";
import { equalBytes } from "#core/bytes.ts";
import {
  call as callCodec,
  callMessage,
  decode,
  departureMessage,
  encode,
  refusalMessage,
} from "../codec.ts";
import type { MessageOf } from "../messages/wire.ts";
import { type Call, compareEpochs, type Departure, type SignedCall } from "../messages.ts";
import { confirmedHeight } from "./certificates.ts";
import { seatOf } from "./configuration.ts";
import { readControl } from "./control.ts";
import { complain, notify, persist } from "./emit.ts";
import { checkCall, checkShape } from "./entry.ts";
import { type ChannelError, type ChannelErrorName, channelError, errorNameOf } from "./errors.ts";
import type { Input } from "./input.ts";
import { tipOf } from "./log.ts";
import { currentEpoch, inForce, leaderPeer, leaderSeat, memberOf, ownMember } from "./members.ts";
import { CALL_HEIGHTS_MAX } from "./parameters.ts";
import { nextNonce, submit } from "./pool.ts";
import { send } from "./routing.ts";
import type { Machine, Own, Submission } from "./state.ts";
import { actorKey, actorOf, subjectOf } from "./submission.ts";

/** Signs a call with the next nonce, puts it on disk, and has it ordered. */
export function proposeCall(machine: Machine, input: Extract<Input, { type: "propose" }>): void {
  const { request } = input;
  const { parameters, signer } = machine.tools;
  const own = ownMember(machine);
  const isOut = own?.standing === "removed";
  if (own === undefined || isOut || seatOf(inForce(machine), own.seat) === undefined) {
    refuse(machine, request, "NOT_MEMBER", "this node has no seat (yet)");
    return;
  }
  if (readControl(machine.tools.executor)?.closing === true) {
    refuse(machine, request, "CHANNEL_CLOSED", "the channel is closing");
    return;
  }
  const waiting = machine.own.filter(({ height }) => height === undefined).length;
  if (waiting >= parameters.pendingCallsMax) {
    refuse(machine, request, "TOO_MANY_PENDING", `${waiting} calls wait to be ordered`);
    return;
  }
  const call: Call = {
    channel: machine.facts.channel,
    seat: own.seat,
    nonce: freeNonce(machine, own.seat),
    function: input.function,
    typeArgs: input.typeArgs,
    args: input.args,
    maxGas: input.maxGas ?? parameters.callGas,
    expiry: tipOf(machine.log).height + CALL_HEIGHTS_MAX,
  };
  const misshapen = checkShape(call) ?? unreadable(call);
  if (misshapen !== undefined) {
    notify(machine, { type: "refused", request, error: misshapen });
    return;
  }
  const signed: SignedCall = { call, signature: signer.signAsMember(callMessage(call)) };
  const fault = checkCall(signed, call.channel, tipOf(machine.log).height + 1n);
  if (fault !== undefined) {
    notify(machine, { type: "refused", request, error: fault });
    return;
  }
  take(machine, { type: "call", call: signed }, call.nonce, request);
}

/** What others could not read would be lost on the way, and this node's own journal with it. */
function unreadable(call: Call): ChannelError | undefined {
  try {
    decode(callCodec, encode(callCodec, call));
    return undefined;
  } catch (error) {
    if (!(error instanceof BcsError)) throw error;
    return channelError("MALFORMED_MESSAGE", `the call: ${error.message}`);
  }
}

/** Signs a departure; returns whether one could be. */
export function proposeDeparture(machine: Machine, kind: Departure["kind"]): boolean {
  const own = ownMember(machine);
  if (own === undefined || seatOf(inForce(machine), own.seat) === undefined) return false;
  const departure: Departure = {
    channel: machine.facts.channel,
    seat: own.seat,
    nonce: freeNonce(machine, own.seat),
    kind,
  };
  const signature = machine.tools.signer.signAsMember(departureMessage(departure));
  const submission: Submission = { type: "departure", departure: { departure, signature } };
  take(machine, submission, departure.nonce, undefined);
  return true;
}

function take(
  machine: Machine,
  submission: Submission,
  nonce: bigint,
  request: number | undefined,
): void {
  const own = makeOwn(submission, nonce, request);
  machine.own.push(own);
  persist(machine, { type: "own", submission });
  if (request === undefined) return;
  notify(machine, { type: "call", request, nonce, stage: "sent" });
}

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

function refuse(
  machine: Machine,
  request: number | undefined,
  name: ChannelErrorName,
  detail: string,
): void {
  if (request === undefined) return;
  notify(machine, { type: "refused", request, error: channelError(name, detail) });
}

/** The nonce after all that are ordered or under way. */
function freeNonce(machine: Machine, seat: bigint): bigint {
  const last = machine.own.at(-1)?.nonce ?? -1n;
  const next = nextNonce(machine, seat);
  return last >= next ? last + 1n : next;
}

/**
 * Gives what is not ordered to the leader, again when there was no answer or there is another
 * leader.
 */
export function sendOwn(machine: Machine): void {
  const { chain, now, tools } = machine;
  const leader = leaderPeer(machine);
  tellOfDelay(machine);
  if (leader === undefined) return;
  const resendMs = BigInt(2 * tools.parameters.resendMs);
  for (const own of machine.own) if (isExpired(machine, own)) renew(machine, own);
  for (const own of machine.own) {
    if (own.height !== undefined) continue;
    const isDue =
      own.sentAt === undefined || own.sentTerm !== chain.term || now - own.sentAt >= resendMs;
    if (!isDue) continue;
    if (own.sentTerm !== chain.term) own.firstSentAt = undefined;
    own.firstSentAt ??= now;
    own.sentAt = now;
    own.sentTerm = chain.term;
    if (leader !== machine.self) send(machine, [leader], messageOf(own.submission));
    else submit(machine, own.submission, leader);
  }
}

/** Another leads: what is not ordered is given to it at once. */
export function giveAgain({ own }: Machine): void {
  for (const one of own) {
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

function messageOf(submission: Submission): MessageOf<"call"> | MessageOf<"departure"> {
  return submission.type === "call"
    ? { type: "call", call: submission.call }
    : { type: "departure", departure: submission.departure };
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
    for (const own of settling) if (isOver(own)) tellStage(machine, own, "settled");
    machine.settling = settling.filter((own) => !isOver(own));
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
    tellStage(machine, own, "sequenced");
    tellStage(machine, own, "verified");
  }
  return true;
}

function trackUnordered(machine: Machine, own: Own, next: bigint): boolean {
  const isBelowBase = own.height !== undefined && own.height <= machine.log.base.height;
  // Nobody else can sign for it: its nonce was used, and settled while this node was away.
  const isSettled = own.height === undefined && own.nonce < next;
  if (isBelowBase || isSettled) {
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
  machine.own = [];
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
  if (submission.type !== "call" || height !== undefined) return false;
  const { seat, expiry } = submission.call.call;
  return expiry <= confirmedHeight(machine) && nonce >= nextNonce(machine, seat);
}

/** An expired call can never be ordered any more, so the same nonce may be signed again. */
function renew(machine: Machine, own: Own): void {
  const { submission, request, nonce } = own;
  if (submission.type !== "call") return;
  const call: Call = {
    ...submission.call.call,
    expiry: tipOf(machine.log).height + CALL_HEIGHTS_MAX,
  };
  const signature = machine.tools.signer.signAsMember(callMessage(call));
  const again: Submission = { type: "call", call: { call, signature } };
  machine.own = machine.own.map((known) =>
    known === own ? makeOwn(again, nonce, request) : known,
  );
  persist(machine, { type: "own", submission: again });
}
