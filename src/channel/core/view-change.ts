/**
 * How an epoch begins (SPEC.md EL5 to EL9): every member promises to ack nothing older and names
 * its highest certificate; the new leader's first header carries those of a quorum and stands on
 * the highest.
 */
import { equalBytes } from "#core/bytes.ts";
import { refOfConfiguration, viewChangeMessage } from "../codec.ts";
import {
  type Batch,
  type Configuration,
  compareEpochs,
  type Epoch,
  type HeaderRef,
  type SignedViewChange,
  type ViewChange,
} from "../messages.ts";
import { seatOf } from "./configuration.ts";
import { persist } from "./emit.ts";
import { compareRefs, holds, tipOf } from "./log.ts";
import {
  bestCertified,
  currentEpoch,
  inForce,
  leaderPeer,
  memberOf,
  ownMember,
} from "./members.ts";
import { isQuorum } from "./quorum.ts";
import { send } from "./routing.ts";
import type { Machine } from "./state.ts";

/**
 * Keeps the promise that a new epoch asks for, and says so to its leader until its first header is
 * here.
 */
export function changeView(machine: Machine): void {
  const { chain } = machine;
  const epoch = currentEpoch(machine);
  if (chain.leader === undefined || compareEpochs(tipOf(machine.log).ref.epoch, epoch) >= 0) return;
  promiseEpoch(machine, epoch);
  const { resendMs } = machine.tools.parameters;
  const sentAt = machine.viewChangeSentAt;
  if (sentAt !== undefined && machine.now - sentAt < BigInt(resendMs)) return;
  const leader = leaderPeer(machine);
  const own = ownViewChange(machine, epoch);
  if (leader === undefined || leader === machine.self || own === undefined) return;
  machine.viewChangeSentAt = machine.now;
  send(machine, [leader], { type: "viewChange", viewChange: own });
}

/** Acks nothing below this epoch from now on; that is on disk before anything else leaves. */
export function promiseEpoch(machine: Machine, epoch: Epoch): void {
  const { promises } = machine;
  if (compareEpochs(promises.epoch, epoch) >= 0) return;
  promises.epoch = epoch;
  persist(machine, { type: "viewChange", epoch });
  machine.viewChangeSentAt = undefined;
}

/** This node's view change; undefined for a node without a seat on chain. */
export function ownViewChange(machine: Machine, epoch: Epoch): SignedViewChange | undefined {
  const member = ownMember(machine);
  if (member === undefined || member.standing === "removed") return undefined;
  const { channel } = machine.facts;
  const highest = bestCertified(machine);
  const viewChange: ViewChange = {
    channel,
    configuration: refOfConfiguration(channel, inForce(machine)),
    epoch,
    highest: highest.ref,
  };
  return {
    viewChange,
    seat: member.seat,
    signature: machine.tools.signer.signAsNode(viewChangeMessage(viewChange)),
    ...(highest.certificate === undefined ? {} : { certificate: highest.certificate }),
  };
}

/** Of this channel, signed by the node key of the seat it names. */
export function isSignedViewChange(machine: Machine, signed: SignedViewChange): boolean {
  const { viewChange, seat, signature } = signed;
  const key = memberOf(machine, seat)?.nodeKey;
  return (
    key !== undefined &&
    equalBytes(viewChange.channel, machine.facts.channel) &&
    machine.tools.verify(viewChangeMessage(viewChange), signature, key)
  );
}

/** Seats of a configuration that changed to this epoch. */
export function countViewChanges(
  configuration: Configuration,
  changes: Iterable<SignedViewChange>,
): number {
  const seats = new Set<bigint>();
  for (const { seat } of changes) if (seatOf(configuration, seat) !== undefined) seats.add(seat);
  return seats.size;
}

/**
 * Whether the first header of an epoch may stand on this one for all that the chain knows: a
 * certificate as high as the chain's highest does as well, and was not lost.
 */
export function extendsFence({ chain, log }: Machine, epoch: Epoch, justify: HeaderRef): boolean {
  const { fence } = chain;
  if (fence.number <= log.base.ref.number || compareEpochs(fence.epoch, epoch) >= 0) return true;
  return compareRefs(fence, justify) <= 0 || holds(log, fence);
}

/** Why an epoch's first header is not one: undefined when a quorum's view changes bear it out. */
export function checkOpening(
  machine: Machine,
  batch: Batch,
  configuration: Configuration,
): string | undefined {
  const { header } = batch.header;
  if (!extendsFence(machine, header.epoch, header.justify))
    return "it does not extend the chain's fence";
  for (const signed of batch.viewChanges) {
    const { viewChange } = signed;
    if (compareEpochs(viewChange.epoch, header.epoch) !== 0)
      return "a view change to another epoch";
    if (compareRefs(viewChange.highest, header.justify) > 0) {
      return "it does not extend the highest certificate that it carries";
    }
    if (!isSignedViewChange(machine, signed)) return "an invalid view change";
  }
  const count = countViewChanges(configuration, batch.viewChanges);
  return isQuorum(count, configuration.seats.length)
    ? undefined
    : `view changes of ${count} of ${configuration.seats.length} seats`;
}
