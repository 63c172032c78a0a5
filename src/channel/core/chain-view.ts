/**
 * What a new view of the chain changes here (SPEC.md CV1, CV2). Views say what is, so a missed
 * event loses nothing.
 */
import { equalBytes } from "#core/bytes.ts";
import type { ChainChannel } from "../chain-view.ts";
import { refOfConfiguration } from "../codec.ts";
import { followSettlement } from "./base.ts";
import { voidAbove } from "./branch.ts";
import { sameConfiguration } from "./configuration.ts";
import { complain } from "./emit.ts";
import { findPoint, itemAt, sameHeader } from "./log.ts";
import { forgetStrangers } from "./members.ts";
import { noteLapses } from "./membership.ts";
import type { Machine } from "./state.ts";
import { dropKnownSteps } from "./steps.ts";

/** Takes a view, unless it is of another channel or older than the last. */
export function receiveView(machine: Machine, view: ChainChannel): void {
  const { chain, facts } = machine;
  if (!equalBytes(view.channel, facts.channel)) {
    complain(machine, "NO_CHANNEL", "the chain tells of another channel");
    return;
  }
  const isOlder =
    view.term < chain.term || view.settled.index < chain.settled.index || view.now < chain.now;
  if (isOlder) return;
  machine.chain = view;
  machine.chainAt = machine.now;
  if (view.term !== chain.term || view.leader !== chain.leader) forgetLeader(machine);
  noteLapses(machine);
  forgetStrangers(machine);
}

/** Brings the log in line with what the chain has forced and settled; also after a restart. */
export function followChain(machine: Machine): void {
  if (!machine.isLoaded) return;
  followForced(machine);
  followSettlement(machine);
  dropKnownSteps(machine);
}

function forgetLeader(machine: Machine): void {
  machine.vacantSince = undefined;
  machine.viewChangeSentAt = undefined;
}

/** What stands above the fence of a forced configuration, and not under it, is void. */
function followForced(machine: Machine): void {
  const { log, chain, facts } = machine;
  const { forced } = chain;
  if (forced === undefined || forced.fence.number < log.base.ref.number) return;
  const named = refOfConfiguration(facts.channel, forced.configuration);
  const above = itemAt(log, forced.fence.number + 1n);
  if (findPoint(log, forced.fence) !== undefined) {
    if (above === undefined || sameConfiguration(above.header.header.configuration, named)) return;
    voidAbove(machine, forced.fence.number);
    return;
  }
  machine.sync.isBehind = true;
  const held = itemAt(log, forced.fence.number);
  if (held === undefined || sameHeader(held.ref, forced.fence)) return;
  // Another branch stands where the fence is: what is confirmed below is shared, the rest is void.
  const shared = log.confirmed < forced.fence.number ? log.confirmed : log.base.ref.number;
  voidAbove(machine, shared);
}
