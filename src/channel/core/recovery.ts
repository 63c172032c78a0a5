/**
 * A machine from its journal (SPEC.md ST5, ST6): the last whole state on record, the batches
 * above it run again, and every promise. Nothing is sent or written; the first input goes on from
 * there.
 */
import { assert } from "#core/assert.ts";
import { decode } from "../codec.ts";
import { type Batch, type Configuration, compareEpochs } from "../messages.ts";
import type { JournalRecord, Verify } from "../ports.ts";
import { emptyLog, installBase } from "./base.ts";
import { cutBack, extend, voidAbove } from "./branch.ts";
import { learnCertificate } from "./certificates.ts";
import { restoreFinding } from "./findings.ts";
import { inspect } from "./inspect.ts";
import { type Base, sameHeader, tipOf } from "./log.ts";
import { createMachine, type MachineOptions } from "./machine.ts";
import { itemFor } from "./ordering.ts";
import { makeOwn, trackOwn } from "./own.ts";
import { type JournalEntry, journalEntry } from "./records.ts";
import { rememberWish } from "./removal.ts";
import type { Machine } from "./state.ts";
import type { Submission } from "./submission.ts";
import { actorOf } from "./submission.ts";

interface Recorded {
  readonly sequence: number;
  readonly entry: JournalEntry;
}

/**
 * @param records the whole journal, in order; without any, the machine starts afresh.
 * Throws `BcsError` or an assertion for a journal that this node did not write.
 */
export function restoreMachine(
  options: MachineOptions,
  records: readonly JournalRecord[],
): Machine {
  const recorded = records.map(({ sequence, bytes }) => ({
    sequence,
    entry: decode(journalEntry, bytes),
  }));
  const last = recorded.at(-1);
  if (last === undefined) return createMachine(options);
  let isRestoring = true;
  // All that is on record was checked before it was written. In a browser, to check the signatures
  // of a long journal again would take seconds.
  const verify: Verify = (...asked) => isRestoring || options.verify(...asked);
  const machine = createMachine({ ...options, verify });
  restoreState(machine, recorded);
  for (const record of recorded) replay(machine, record);
  for (const wish of machine.promises.removals) rememberWish(machine, wish);
  // Only a seat acks: who has had one and has none any more is no newcomer.
  machine.told.hadSeat = machine.promises.acked.number > 0n;
  trackOwn(machine);
  // Who has signed an ack had a seat: once the chain has it no more, it departed (SPEC.md DE5).
  machine.told.hadSeat = machine.promises.acked.number > 0n;
  machine.effects = [];
  machine.sequence = last.sequence;
  machine.isStarted = true;
  isRestoring = false;
  return machine;
}

/** The last whole state on record; all batches that count stand on it. */
function restoreState(machine: Machine, recorded: readonly Recorded[]): void {
  const { executor } = machine.tools;
  const last = recorded.findLast(({ entry }) => entry.type === "base" || entry.type === "start");
  if (last?.entry.type === "base") {
    const { base, chunks } = last.entry;
    const { header } = base.header;
    assert(executor.restore(header.stateRoot, chunks), "the journal holds the state it names");
    installBase(machine, base, header.firstHeight + BigInt(header.count) - 1n);
  } else if (last?.entry.type === "start") {
    const { stateRoot, configuration, chunks } = last.entry;
    assert(executor.restore(stateRoot, chunks), "the journal holds the state it names");
    executor.release(machine.log.base.mark);
    const base: Base = {
      ...machine.log.base,
      configuration,
      next: configuration,
      stateRoot,
      mark: executor.mark(),
    };
    machine.log = emptyLog(base);
    machine.isLoaded = true;
  }
}

function replay(machine: Machine, { sequence, entry }: Recorded): void {
  const { promises, log } = machine;
  // What is done again counts under the record that first said it.
  machine.sequence = sequence - 1;
  switch (entry.type) {
    case "start":
      return;
    case "batch":
      replayBatch(machine, entry.batch, entry.configuration);
      return;
    case "cut": {
      const number = entry.number > log.base.ref.number ? entry.number : log.base.ref.number;
      if (number < log.confirmed) voidAbove(machine, number);
      else cutBack(machine, number);
      return;
    }
    case "certificate":
      learnCertificate(machine, entry.certificate);
      return;
    case "ack":
      promises.acked = entry.header;
      promises.locked = entry.locked;
      if (compareEpochs(entry.header.epoch, promises.epoch) > 0) {
        promises.epoch = entry.header.epoch;
      }
      return;
    case "viewChange":
      promises.epoch = entry.epoch;
      return;
    case "removals":
      promises.removals = entry.removals;
      return;
    case "unlock":
      promises.locked = entry.locked;
      return;
    case "own":
      replayOwn(machine, entry.submission);
      return;
    case "bundle":
      for (const call of entry.calls) replayOwn(machine, { type: "bundled", call });
      return;
    case "distrust":
    case "accused":
    case "disproof":
    case "aftermath":
      restoreFinding(machine, entry);
      return;
    case "base":
      promises.epoch = entry.epoch;
      promises.acked = entry.acked;
      promises.locked = entry.locked;
      promises.removals = entry.removals;
  }
}

/** What was signed anew takes the place of what it was before. */
function replayOwn(machine: Machine, submission: Submission): void {
  const { nonce } = actorOf(submission);
  machine.own = machine.own.filter((own) => own.nonce !== nonce);
  machine.own.push(makeOwn(submission, nonce, undefined));
}

/**
 * Runs a recorded batch again where it stands on the tip. One that does not belongs to a branch
 * that was given up before the state on record was written, and could not be pruned in time.
 */
function replayBatch(machine: Machine, batch: Batch, recorded: Configuration | undefined): void {
  const { log, facts, tools } = machine;
  const { header } = batch.header;
  const parent = tipOf(log);
  if (!sameHeader(parent.ref, { number: header.number - 1n, hash: header.previous })) return;
  const configuration = recorded ?? parent.configuration;
  const finding = inspect(facts, tools, parent, batch, configuration);
  assert(finding.type === "sound", "a recorded batch gives the same result again");
  const item = itemFor(machine, parent, batch, configuration, finding.executed);
  if (batch.certificate !== undefined) learnCertificate(machine, batch.certificate, true);
  extend(machine, item);
}
