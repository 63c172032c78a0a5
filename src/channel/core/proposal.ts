/**
 * From what a client asks for to what is signed and on disk (SPEC.md CL1, CL7): a call is signed at
 * once where none of this node's waits to be ordered; those that come meanwhile are gathered, and
 * signed together in one bundle.
 */
import { BcsError } from "#core/bcs/reader.ts";
import {
  bundleMessage,
  call as callCodec,
  callMessage,
  decode,
  departureMessage,
  encode,
  makeBundle,
} from "../codec.ts";
import type { Call, Departure, Millis, SeatId } from "../messages.ts";
import { seatOf } from "./configuration.ts";
import { readControl } from "./control.ts";
import { notify, persist, refuse } from "./emit.ts";
import { checkCall, checkShape } from "./entry.ts";
import { type ChannelError, channelError } from "./errors.ts";
import type { Input } from "./input.ts";
import { tipOf } from "./log.ts";
import { inForce, ownMember } from "./members.ts";
import { makeOwn } from "./own.ts";
import { CALL_HEIGHTS_MAX } from "./parameters.ts";
import { nextNonce } from "./pool.ts";
import type { Gathered, Machine } from "./state.ts";
import type { Submission } from "./submission.ts";
import { actorOf } from "./submission.ts";

/** Takes a call in to be signed with the next nonce, or refuses it. */
export function proposeCall(machine: Machine, input: Extract<Input, { type: "propose" }>): void {
  const { request } = input;
  const { parameters } = machine.tools;
  const seat = actingSeat(machine);
  if (seat === undefined) {
    refuse(machine, request, "NOT_MEMBER", "this node has no seat (yet)");
    return;
  }
  if (readControl(machine.tools.executor)?.closing === true) {
    refuse(machine, request, "CHANNEL_CLOSED", "the channel is closing");
    return;
  }
  const unordered = machine.own.filter(({ height }) => height === undefined).length;
  const waiting = unordered + machine.gathered.length;
  if (waiting >= parameters.pendingCallsMax) {
    refuse(machine, request, "TOO_MANY_PENDING", `${waiting} calls wait to be ordered`);
    return;
  }
  const { height } = tipOf(machine.log);
  const call: Call = {
    channel: machine.facts.channel,
    seat,
    nonce: freeNonce(machine, seat) + BigInt(machine.gathered.length),
    function: input.function,
    typeArgs: input.typeArgs,
    args: input.args,
    maxGas: input.maxGas ?? parameters.callGas,
    expiry: height + CALL_HEIGHTS_MAX,
  };
  const fault = checkShape(call) ?? unreadable(call) ?? checkCall(call, call.channel, height + 1n);
  if (fault === undefined) machine.gathered.push({ request, call, at: machine.now });
  else notify(machine, { type: "refused", request, error: fault });
}

/** This node's seat, while it may act in it. */
function actingSeat(machine: Machine): SeatId | undefined {
  const own = ownMember(machine);
  if (own === undefined || own.standing === "removed") return undefined;
  return seatOf(inForce(machine), own.seat)?.seat;
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

/** The nonce after all that are ordered or signed. */
function freeNonce(machine: Machine, seat: SeatId): bigint {
  const last = machine.own.at(-1)?.nonce ?? -1n;
  const next = nextNonce(machine, seat);
  return last >= next ? last + 1n : next;
}

/** Signs what was gathered, once it need not or must not wait for more. */
export function signGathered(machine: Machine): void {
  const { gathered, now, tools } = machine;
  const [first] = gathered;
  if (first === undefined) return;
  const isAlone = freeNonce(machine, first.call.seat) === nextNonce(machine, first.call.seat);
  const isFull = gathered.length >= tools.parameters.bundleCallsMax;
  if (isAlone || isFull || now >= gatheringEnd(machine, first)) signAll(machine);
}

function gatheringEnd({ tools }: Machine, first: Gathered): Millis {
  return first.at + BigInt(tools.parameters.bundleDelayMs);
}

/** When what was gathered is signed at the latest. */
export function signingTimes(machine: Machine): readonly Millis[] {
  const [first] = machine.gathered;
  return first === undefined ? [] : [gatheringEnd(machine, first)];
}

/** Signs everything that was gathered, in as few bundles as it takes; a call alone by itself. */
function signAll(machine: Machine): void {
  const { gathered, tools } = machine;
  const { bundleCallsMax } = tools.parameters;
  machine.gathered = [];
  const seat = actingSeat(machine);
  for (let first = 0; first < gathered.length; first += bundleCallsMax) {
    const together = gathered.slice(first, first + bundleCallsMax);
    if (seat === undefined) {
      for (const { request } of together) {
        refuse(machine, request, "NOT_MEMBER", "this node lost its seat");
      }
    } else signTogether(machine, seat, together);
  }
}

function signTogether(machine: Machine, seat: SeatId, together: readonly Gathered[]): void {
  const { signer } = machine.tools;
  const nonce = freeNonce(machine, seat);
  const calls = together.map(({ call }, at) => ({ ...call, seat, nonce: nonce + BigInt(at) }));
  const requests = together.map(({ request }) => request);
  const [call] = calls;
  if (call === undefined) return;
  if (calls.length === 1) {
    const signature = signer.signAsMember(callMessage(call));
    const submission = { type: "call", call: { call, signature } } as const;
    persist(machine, { type: "own", submission });
    take(machine, submission, requests[0]);
    return;
  }
  const bundled = makeBundle(calls, (bundle) => signer.signAsMember(bundleMessage(bundle)));
  persist(machine, { type: "bundle", calls: bundled });
  for (const [at, one] of bundled.entries()) {
    take(machine, { type: "bundled", call: one }, requests[at]);
  }
}

/** Signs a departure, after all that was asked for before; returns whether one could be. */
export function proposeDeparture(machine: Machine, kind: Departure["kind"]): boolean {
  signAll(machine);
  const own = ownMember(machine);
  if (own === undefined || seatOf(inForce(machine), own.seat) === undefined) return false;
  const departure: Departure = {
    channel: machine.facts.channel,
    seat: own.seat,
    nonce: freeNonce(machine, own.seat),
    kind,
  };
  const signature = machine.tools.signer.signAsMember(departureMessage(departure));
  const submission = { type: "departure", departure: { departure, signature } } as const;
  persist(machine, { type: "own", submission });
  take(machine, submission, undefined);
  return true;
}

function take(machine: Machine, submission: Submission, request: number | undefined): void {
  const { nonce } = actorOf(submission);
  machine.own.push(makeOwn(submission, nonce, request));
  if (request === undefined) return;
  notify(machine, { type: "call", request, nonce, stage: "sent" });
}
