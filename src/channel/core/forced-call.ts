/**
 * Calls that are forced on chain, since a leader does not order them (SPEC.md FC1 to FC6): the
 * leader orders them and shows it, the others show it for a leader that cannot, or depose one that
 * will not.
 */

import { present } from "#core/assert.ts";
import { BcsError } from "#core/bcs/reader.ts";
import type { ChainForcedCall } from "../chain-view.ts";
import { callMessage, decode, signedCall } from "../codec.ts";
import type { ForcedCallAnswer } from "../evidence.ts";
import type { Call, SeatId, SignedCall } from "../messages.ts";
import { command, mayCommand } from "./commands.ts";
import { readSeat, type SeatRecord, seatKey } from "./control.ts";
import { type Point, tipOf } from "./log.ts";
import {
  bestCertified,
  inForce,
  leaderPeer,
  leaderSeat,
  ownMember,
  turnOf,
  wasHeard,
} from "./members.ts";
import { pendingToTip } from "./pending.ts";
import { nextNonce, submit } from "./pool.ts";
import { SETTLE_SIZE } from "./settlement.ts";
import type { Machine, Own } from "./state.ts";
import { carriedSteps } from "./steps.ts";
import type { Submission } from "./submission.ts";
import { callIn } from "./submission.ts";

/** A call that has waited so long for a leader that is there is forced. */
const FORCE_AFTER_MS = 30_000n;
/** How long before a forced call is due the others answer where the leader has not. */
const ANSWER_FOR_LEADER_MS = 30_000n;

export function followForcedCalls(machine: Machine): void {
  for (const forced of machine.chain.forcedCalls.open) {
    takeIn(machine, forced);
    if (!answer(machine, forced)) depose(machine, forced);
  }
  force(machine);
}

/** Whether a seat may not apply for the lead yet. */
export function isBarred({ chain }: Machine, seat: SeatId): boolean {
  return chain.forcedCalls.barred.some((one) => one.seat === seat && chain.now < one.until);
}

/**
 * A forced call that others have to come before, and no header of a time since then that shows it.
 */
export function isProofWanted(machine: Machine): boolean {
  const { time } = tipOf(machine.log);
  return machine.chain.forcedCalls.open.some(
    ({ seat, nonce, posted }) => time < posted && nextNonce(machine, seat) < nonce,
  );
}

/** The leader takes it like one that was sent to it; what cannot be ordered it refuses nobody. */
function takeIn(machine: Machine, { call }: ChainForcedCall): void {
  if (leaderPeer(machine) !== machine.self) return;
  const signed = readCall(call);
  if (signed !== undefined) submit(machine, { type: "call", call: signed }, machine.self);
}

function readCall(bytes: Uint8Array): SignedCall | undefined {
  try {
    return decode(signedCall, bytes);
  } catch (error) {
    if (!(error instanceof BcsError)) throw error;
    return undefined;
  }
}

/** Shows what has become of it; true where this node can. */
function answer(machine: Machine, forced: ChainForcedCall): boolean {
  const { chain, tools } = machine;
  const { seat, due } = forced;
  // What the tip does not show yet, no header below it does.
  const tip = readSeat(tools.executor, seat);
  if (tip === undefined || !isOver(forced, tip, tipOf(machine.log))) return false;
  const isLeader = leaderPeer(machine) === machine.self;
  const turn = BigInt(turnOf(machine, inForce(machine)) * tools.parameters.turnMs);
  const isTurn = isLeader || chain.now + ANSWER_FOR_LEADER_MS >= due + turn;
  const key = `answerCall/${seat}/${forced.nonce}`;
  if (!isTurn || !mayCommand(machine, key)) return true;
  const made = answerAt(machine, forced, bestCertified(machine));
  if (made !== undefined) command(machine, key, { type: "answerCall", answer: made });
  return true;
}

/** The rule of the contract: `rooch::forced_call`. */
function isOver({ nonce, posted }: ChainForcedCall, record: SeatRecord, { time }: Point): boolean {
  return (
    record.nonce > nonce ||
    record.standing === "departed" ||
    (time >= posted && record.nonce < nonce)
  );
}

/** Undefined where the state after the highest certified header does not show it. */
function answerAt(
  machine: Machine,
  forced: ChainForcedCall,
  point: Point,
): ForcedCallAnswer | undefined {
  const { executor } = machine.tools;
  const { header, certificate } = point;
  if (header === undefined || certificate === undefined) return undefined;
  const steps = carriedSteps(machine, point.configuration);
  if (steps === undefined) return undefined;
  executor.rollback(point.mark);
  const key = seatKey(forced.seat);
  const found = readSeat(executor, forced.seat);
  const record = executor.read(key);
  const proof = executor.prove([key]);
  executor.rollback(tipOf(machine.log).mark);
  if (found === undefined || !isOver(forced, found, point)) return undefined;
  return {
    seat: forced.seat,
    header: header.header,
    certificate,
    steps,
    record: present(record, "a record that was read"),
    proof,
  };
}

/** Takes the lead from who did not order it: whose call it is first, then the others in turn. */
function depose(machine: Machine, { seat, nonce, leader, due }: ChainForcedCall): void {
  const { chain, tools } = machine;
  const own = ownMember(machine)?.seat;
  if (leader === undefined || leader !== chain.leader || leader === own) return;
  const place = own === seat ? 0 : 1 + turnOf(machine, inForce(machine));
  if (chain.now < due + BigInt(place * tools.parameters.turnMs)) return;
  command(machine, `deposeLeader/${seat}/${nonce}`, { type: "deposeLeader", seat });
}

/** Forces the oldest call of this node, once it has waited for too long. */
function force(machine: Machine): void {
  const { chain, now, own: waiting } = machine;
  const seat = ownMember(machine)?.seat;
  const oldest = waiting.find(({ height }) => height === undefined);
  const call = oldest && callIn(oldest.submission);
  if (seat === undefined || oldest === undefined || call === undefined) return;
  if (chain.forcedCalls.open.some((forced) => forced.seat === seat)) return;
  if (!isLeftOut(machine, oldest, seat)) return;
  oldest.forcedAt = now;
  command(machine, `forceCall/${oldest.nonce}`, {
    type: "forceCall",
    call: signedAlone(machine, call, oldest.submission),
  });
}

/** The chain knows no bundles: of one, a call is signed again by itself. */
function signedAlone({ tools }: Machine, call: Call, submission: Submission): SignedCall {
  if (submission.type === "call") return submission.call;
  return { call, signature: tools.signer.signAsMember(callMessage(call)) };
}

/** The leader is there and could order it, as far as this node can tell, and does not. */
function isLeftOut(machine: Machine, oldest: Own, seat: SeatId): boolean {
  const { now, log, tools } = machine;
  const since = oldest.forcedAt ?? oldest.firstSentAt;
  if (since === undefined || now - since < FORCE_AFTER_MS) return false;
  const leader = leaderSeat(machine);
  const isLed =
    leader !== undefined && leader !== seat && wasHeard(machine, leader, tools.parameters.leaseMs);
  if (!isLed || oldest.nonce !== nextNonce(machine, seat)) return false;
  // Without a quorum nobody orders, and before a settlement nothing more.
  const best = bestCertified(machine).ref.number;
  const open = log.items.find(({ ref }) => ref.number > best);
  if (open !== undefined && now - open.time >= BigInt(tools.parameters.leaseMs)) return false;
  machine.pending = pendingToTip(machine);
  return machine.pending.size <= SETTLE_SIZE;
}
