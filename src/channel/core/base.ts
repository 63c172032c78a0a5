/**
 * The settled base under the log: raised when the chain has settled, replaced by a snapshot where
 * this node lacks what was settled. Either way one journal record holds it with the whole state,
 * and older records are pruned.
 */
import { equalBytes } from "#core/bytes.ts";
import { EMPTY_ACCUMULATOR } from "#core/merkle/accumulator.ts";
import type { ChainChannel } from "../chain-view.ts";
import { hashHeader, NO_HEADER, refOfConfiguration, refOfHeader } from "../codec.ts";
import type { SyncBase } from "../messages/wire.ts";
import type { Configuration, ConfigurationRef } from "../messages.ts";
import { forgetOrdered } from "./branch.ts";
import { isValidCertificate } from "./certificates.ts";
import { sameConfiguration } from "./configuration.ts";
import { notify, persist } from "./emit.ts";
import { recordFindingsAgain } from "./findings.ts";
import {
  type Base,
  compareRefs,
  historyRoot,
  type Log,
  proves,
  raiseBase,
  sameHeader,
  tipOf,
} from "./log.ts";
import { settledPoint } from "./settlement.ts";
import type { Machine, Tools } from "./state.ts";
import { provedSteps } from "./step-proofs.ts";
import { packed } from "./submission.ts";

/** Where a channel starts: nothing ordered, the creator's seat alone. */
export function firstBase(tools: Tools, chain: ChainChannel): Base {
  return {
    ref: NO_HEADER,
    header: undefined,
    configuration: chain.settled.configuration,
    next: chain.settled.configuration,
    provesChange: false,
    height: 0n,
    time: 0n,
    stateRoot: tools.executor.stateRoot(),
    history: EMPTY_ACCUMULATOR,
    mark: tools.executor.mark(),
    certificate: undefined,
    justified: undefined,
  };
}

export function emptyLog(base: Base): Log {
  const highest = { ref: base.ref, certificate: base.certificate };
  return { base, items: [], confirmed: base.ref.number, steps: [], highest };
}

/** Raises the base to what the chain has settled, once the log holds it. */
export function followSettlement(machine: Machine): void {
  const { log, chain, tools } = machine;
  const point = settledPoint(machine);
  if (point === undefined) {
    if (chain.settled.header.number > log.base.ref.number) machine.sync.isBehind = true;
    return;
  }
  if (point === log.base) return;
  const before = log.base;
  if (log.confirmed < point.ref.number) log.confirmed = point.ref.number;
  for (const item of raiseBase(log, point.ref.number)) {
    forgetOrdered(machine, item);
    if (item.mark !== log.base.mark) tools.executor.release(item.mark);
  }
  tools.executor.release(before.mark);
  if (compareRefs(log.base.ref, log.highest.ref) > 0) {
    log.highest = { ref: log.base.ref, certificate: log.base.certificate };
  }
  writeBase(machine);
}

/** Begins the journal with the state that the channel starts from. */
export function writeStart(machine: Machine): void {
  const { log } = machine;
  if (machine.isStarted || !machine.isLoaded) return;
  machine.isStarted = true;
  const { configuration, stateRoot } = log.base;
  const chunks = [...chunksOfBase(machine)];
  persist(machine, { type: "start", configuration, stateRoot, chunks });
}

/** Writes the base and its state, and lets go of what came before. */
export function writeBase(machine: Machine): void {
  const { log, promises } = machine;
  const base = baseForOthers(machine);
  if (base === undefined) return;
  machine.isStarted = true;
  const { epoch, acked, locked, removals } = promises;
  const chunks = [...chunksOfBase(machine)];
  const sequence = persist(machine, {
    type: "base",
    base,
    epoch,
    acked,
    locked,
    removals,
    chunks,
  });
  recordFindingsAgain(machine);
  const open = [...machine.settling, ...machine.own];
  for (const one of packed(open.map(({ submission }) => submission))) {
    persist(machine, one.type === "bundle" ? one : { type: "own", submission: one });
  }
  const first = log.items[0]?.sequence ?? sequence;
  machine.effects.push({ type: "prune", sequence: first - 1, after: machine.sequence });
}

/** The state after the base, in chunks; kept until the base changes. */
export function chunksOfBase(machine: Machine): readonly Uint8Array[] {
  const { log, tools, snapshot } = machine;
  if (snapshot !== undefined && sameHeader(snapshot.ref, log.base.ref)) return snapshot.chunks;
  tools.executor.rollback(log.base.mark);
  const chunks = [...tools.executor.snapshot()];
  tools.executor.rollback(tipOf(log).mark);
  machine.snapshot = { ref: log.base.ref, chunks };
  return chunks;
}

/** What another node needs to start from our base; undefined where the channel starts. */
export function baseForOthers({ log }: Machine): SyncBase | undefined {
  const { header, certificate, configuration, next, justified, history } = log.base;
  if (header === undefined) return undefined;
  return {
    header,
    ...(certificate === undefined ? {} : { certificate }),
    configuration,
    next,
    ...(justified === undefined ? {} : { justified }),
    history,
    steps: log.steps,
  };
}

/** Whether a base is the one that the chain settled, and all of it hangs together. */
export function isSettledBase(machine: Machine, base: SyncBase): boolean {
  const { chain, facts } = machine;
  const { header } = base.header;
  const { certificate, configuration, justified, next } = base;
  const ref = refOfHeader(header);
  const isNamed = (named: ConfigurationRef, content: Configuration) =>
    sameConfiguration(refOfConfiguration(facts.channel, content), named);
  const isCertified =
    certificate === undefined ||
    (sameHeader(certificate.ack.header, ref) &&
      isValidCertificate(machine, certificate, configuration));
  return (
    sameHeader(ref, chain.settled.header) &&
    isNamed(header.configuration, configuration) &&
    isNamed(header.next, next) &&
    isCertified &&
    equalBytes(historyRoot(base.history), header.historyRoot) &&
    (justified === undefined
      ? header.justify.number === 0n
      : equalBytes(hashHeader(justified), header.justify.hash))
  );
}

/** Starts the log anew from a settled base whose state the executor is in. */
export function installBase(machine: Machine, base: SyncBase, height: bigint): void {
  const { log, tools } = machine;
  const { header } = base.header;
  for (const point of [log.base, ...log.items]) tools.executor.release(point.mark);
  const above = emptyLog({
    ref: refOfHeader(header),
    header: base.header,
    configuration: base.configuration,
    next: base.next,
    provesChange: false,
    height,
    time: header.time,
    stateRoot: header.stateRoot,
    history: base.history,
    mark: tools.executor.mark(),
    certificate: base.certificate,
    justified: base.justified,
  });
  above.steps = [...provedSteps(machine, base.configuration, base.steps)];
  machine.log = above;
  above.base = { ...above.base, provesChange: proves(above, header) };
  machine.ordered.clear();
  machine.isLoaded = true;
  machine.snapshot = undefined;
  notify(machine, { type: "restored", height });
}
