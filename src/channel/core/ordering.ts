/**
 * Makes a batch on the tip: runs the entries, signs the header, puts it on disk and sends it out
 * (SPEC.md LE4, LE5).
 */
import { assert } from "#core/assert.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { err, ok, type Result } from "#core/result.ts";
import { hashChangeSet, headerMessage, refOfConfiguration, refOfHeader } from "../codec.ts";
import type { Batch, Configuration, Entry, Header, SignedViewChange } from "../messages.ts";
import { extend } from "./branch.ts";
import { configurationAfter, sameConfiguration, seatOf } from "./configuration.ts";
import { persist } from "./emit.ts";
import type { ChannelError } from "./errors.ts";
import { channelError } from "./errors.ts";
import { type Executed, executeBatch, type Inadmissible } from "./execution.ts";
import { frameOf } from "./inspect.ts";
import { historyAfter, historyRoot, type Item, type Point, proves, tipOf } from "./log.ts";
import { bestCertified, currentEpoch, otherPeers, ownMember, peerState } from "./members.ts";
import { countFitting, pendingToTip } from "./pending.ts";
import { nextReveal } from "./reveals.ts";
import { send } from "./routing.ts";
import type { Machine } from "./state.ts";
import { stepSizesFor } from "./step-limits.ts";

/** Why nothing was ordered: the leader cannot, one entry may not, or it has to be settled first. */
export type OrderFault =
  | { readonly type: "room" }
  | { readonly type: "leader"; readonly error: ChannelError }
  | ({ readonly type: "entry" } & Inadmissible);

/**
 * Orders `entries` under one header, as many as it and the next settlement have room for. On a
 * fault nothing has changed.
 */
export function order(
  machine: Machine,
  entries: readonly Entry[],
  viewChanges: readonly SignedViewChange[],
): Result<Item, OrderFault> {
  const { log, chain, facts, tools } = machine;
  const parent = tipOf(log);
  const justify = bestCertified(machine);
  const configuration = configurationAfter(log, chain.forced, parent, justify.ref);
  const seat = seatOf(configuration, ownMember(machine)?.seat ?? 0n);
  if (seat === undefined) return leaderFault("NOT_MEMBER", "no seat in the configuration");
  const reveal = entries.length === 0 ? ZERO_HASH : nextReveal(machine, seat);
  if (reveal === undefined) return leaderFault("OUT_OF_REVEALS", `seat ${seat.seat}`);
  const draft = {
    epoch: currentEpoch(machine),
    justify: justify.ref,
    leader: seat.seat,
    firstHeight: parent.height + 1n,
    time: machine.now > parent.time ? machine.now : parent.time,
    reveal,
  };
  const frame = frameOf(parent, draft, configuration);
  const run = executeBatch(facts, tools, frame, entries, stepSizesFor(entries));
  if (!run.ok) {
    tools.executor.rollback(parent.mark);
    return err({ type: "entry", ...run.error });
  }
  machine.pending = pendingToTip(machine);
  const fitting = countFitting(machine.pending, run.value.receipts, run.value.changes);
  if (fitting < run.value.receipts.length) {
    tools.executor.rollback(parent.mark);
    const fewer = withoutOverflow(entries, fitting);
    return fewer.length === 0 ? err({ type: "room" }) : order(machine, fewer, viewChanges);
  }
  // What found no room waits for the next header.
  const ordered = entries.slice(0, run.value.receipts.length);
  const header = complete(machine, parent, draft, configuration, ordered.length, run.value);
  const batch: Batch = {
    header: { header, signature: tools.signer.signAsNode(headerMessage(header)) },
    entries: ordered,
    steps: run.value.steps,
    ...(justify.certificate === undefined ? {} : { certificate: justify.certificate }),
    viewChanges,
  };
  const item = itemFor(machine, parent, batch, configuration, run.value);
  extend(machine, item);
  broadcast(machine, batch);
  return ok(item);
}

/**
 * What may be ordered before the chain has settled. A change of the members goes before calls,
 * which would otherwise take its room time and again.
 */
function withoutOverflow(entries: readonly Entry[], fitting: number): readonly Entry[] {
  const last = entries.at(-1);
  const isChange = last?.type === "admit" || last?.type === "suspend" || last?.type === "exit";
  if (!isChange) return entries.slice(0, fitting);
  return entries.length > 1 ? [last] : [];
}

function leaderFault(
  name: Parameters<typeof channelError>[0],
  detail: string,
): Result<Item, OrderFault> {
  return err({ type: "leader", error: channelError(name, detail) });
}

function complete(
  machine: Machine,
  parent: Point,
  draft: Pick<Header, "epoch" | "justify" | "leader" | "firstHeight" | "time" | "reveal">,
  configuration: Configuration,
  count: number,
  executed: Executed,
): Header {
  const { channel } = machine.facts;
  return {
    ...draft,
    channel,
    configuration: refOfConfiguration(channel, configuration),
    next: refOfConfiguration(channel, executed.next),
    number: parent.ref.number + 1n,
    count,
    previous: parent.ref.hash,
    preStateRoot: parent.stateRoot,
    stateRoot: executed.stateRoot,
    stepsRoot: executed.stepsRoot,
    changeSetRoot: hashChangeSet(executed.changes),
    historyRoot: historyRoot(historyAfter(parent)),
  };
}

/** The log's item for a batch that was executed on `parent`, put on disk. */
export function itemFor(
  machine: Machine,
  parent: Point,
  batch: Batch,
  configuration: Configuration,
  executed: Executed,
): Item {
  const { header } = batch.header;
  const ref = refOfHeader(header);
  const { executor } = machine.tools;
  assert(ref.number === parent.ref.number + 1n, "an item stands on its parent");
  return {
    ref,
    header: batch.header,
    batch,
    configuration,
    next: executed.next,
    provesChange: proves(machine.log, header),
    height: parent.height + BigInt(header.count),
    time: header.time,
    stateRoot: executed.stateRoot,
    history: historyAfter(parent),
    mark: executor.mark(),
    certificate: undefined,
    receipts: executed.receipts,
    changes: executed.changes,
    sequence: persist(machine, {
      type: "batch",
      batch,
      ...(isSame(machine, parent.configuration, configuration) ? {} : { configuration }),
    }),
  };
}

/** By content: of two changes of one number, one may be ordered and the other forced. */
function isSame({ facts }: Machine, one: Configuration, other: Configuration): boolean {
  const { channel } = facts;
  return sameConfiguration(refOfConfiguration(channel, one), refOfConfiguration(channel, other));
}

function broadcast(machine: Machine, batch: Batch): void {
  const peers = otherPeers(machine);
  for (const peer of peers) peerState(machine, peer).batchSentAt = machine.now;
  send(machine, peers, { type: "batch", batch });
}
