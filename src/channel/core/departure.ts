/**
 * What the client wants done with the channel: settle, leave, with the others or alone, close, each
 * over several steps (SPEC.md DE1 to DE6, XT1).
 */

import { confirmedHeight } from "./certificates.ts";
import { command } from "./commands.ts";
import { readControl, readSeat } from "./control.ts";
import { notify } from "./emit.ts";
import { mayClose } from "./entry.ts";
import { type ChannelErrorName, channelError } from "./errors.ts";
import { advanceExit } from "./exit.ts";
import type { Input } from "./input.ts";
import { inForce, ownMember, ownSeatIn, ownSeats, turnOf } from "./members.ts";
import { proposeDeparture } from "./proposal.ts";
import { propose, settleable } from "./settlement.ts";
import type { Job, Machine } from "./state.ts";
import { ownCandidacy } from "./steps.ts";

/** Takes a wish in, or refuses what can never be. */
export function startJob(
  machine: Machine,
  input: Extract<Input, { type: "settle" | "leave" | "exit" | "close" }>,
): void {
  const { request, type: kind } = input;
  const refused = refusal(machine, kind);
  if (refused !== undefined) {
    const [name, detail] = refused;
    notify(machine, { type: "refused", request, error: channelError(name, detail) });
    return;
  }
  const { settled, proposals } = machine.chain;
  const proposed = proposals.reduce((last, { id }) => (id > last ? id : last), 0n);
  machine.jobs.push({ request, kind, settled: settled.height, proposed });
}

function refusal(machine: Machine, kind: Job["kind"]): [ChannelErrorName, string] | undefined {
  const own = ownMember(machine);
  const { seats } = inForce(machine);
  if (own === undefined) return ["NOT_MEMBER", "this node has no seat"];
  const isUnsettled = confirmedHeight(machine) > machine.chain.settled.height;
  if (kind === "settle") {
    return isUnsettled || settleable(machine) !== undefined
      ? undefined
      : ["NOTHING_TO_SETTLE", `settled at height ${machine.chain.settled.height}`];
  }
  if (kind === "close") {
    return mayClose(machine.facts.creator, own, seats.length)
      ? undefined
      : ["NOT_ALLOWED", `seat ${own.seat} did not create the channel`];
  }
  return seats.length === 1 && seats[0]?.seat === own.seat
    ? ["LAST_MEMBER", `seat ${own.seat}`]
    : undefined;
}

/**
 * The channel is closed on chain: this node fetches what is its own there, and then its jobs are
 * over.
 */
export function followClosing(machine: Machine): void {
  if (ownMember(machine) !== undefined) {
    command(machine, "leave", { type: "leave" });
    return;
  }
  for (const job of machine.jobs) {
    if (job.kind !== "settle") done(machine, job);
    else if (job.request !== undefined) {
      const error = channelError("CHANNEL_CLOSED", "closed before it was settled");
      notify(machine, { type: "refused", request: job.request, error });
    }
  }
  machine.jobs = [];
}

/** Who is out settles and closes nothing; it may still fetch what is left of its own. */
export function endJobs(machine: Machine, name: ChannelErrorName, detail: string): void {
  const error = channelError(name, detail);
  const isOver = ({ kind }: Job) => kind === "settle" || kind === "close";
  for (const { request } of machine.jobs.filter(isOver)) {
    if (request !== undefined) notify(machine, { type: "refused", request, error });
  }
  machine.jobs = machine.jobs.filter((job) => !isOver(job));
}

/** Takes every job one step further. */
export function advanceJobs(machine: Machine): void {
  resumeJobs(machine);
  machine.jobs = machine.jobs.filter((job) => !isDone(machine, job));
}

/** How long the others leave it to whoever had the channel closed to end it on chain. */
const CLOSING_MS = 10_000n;

/**
 * What the log shows to be half done is gone on with, whoever asked for it: by a node that was
 * restarted, or, for a close, by the others in turn.
 */
function resumeJobs(machine: Machine): void {
  const { executor, parameters } = machine.tools;
  const own = ownMember(machine);
  if (own === undefined || !machine.isLoaded) return;
  const has = (kind: Job["kind"]) => machine.jobs.some((job) => job.kind === kind);
  const {
    settled: { height: settled },
    exits,
  } = machine.chain;
  if ([...exits.open, ...exits.claims].some(({ seat }) => seat === own.seat) && !has("exit")) {
    machine.jobs.push({ request: undefined, kind: "exit", settled, proposed: 0n });
    return;
  }
  if (readSeat(executor, own.seat)?.standing === "departed" && !has("leave") && !has("exit")) {
    machine.jobs.push({ request: undefined, kind: "leave", settled, proposed: 0n });
  }
  if (readControl(executor)?.closing !== true || has("close")) {
    machine.closingSince = undefined;
    return;
  }
  machine.closingSince ??= machine.now;
  const turn = BigInt(turnOf(machine, inForce(machine)) * parameters.turnMs);
  if (machine.now - machine.closingSince < CLOSING_MS + turn) return;
  machine.jobs.push({ request: undefined, kind: "close", settled, proposed: 0n });
}

function isDone(machine: Machine, job: Job): boolean {
  switch (job.kind) {
    case "settle":
      return advanceSettle(machine, job);
    case "leave":
      return advanceLeave(machine, job);
    case "exit":
      return advanceExit(machine) && done(machine, job);
    case "close":
      return advanceClose(machine);
  }
}

function done(machine: Machine, job: Job): true {
  if (job.request !== undefined) notify(machine, { type: "done", request: job.request });
  return true;
}

function advanceSettle(machine: Machine, job: Job): boolean {
  const { settled } = machine.chain;
  if (settled.height > job.settled) return done(machine, job);
  const failed = votedDown(machine, job);
  if (failed !== undefined && job.request !== undefined) {
    const error = channelError("SETTLEMENT_REFUSED", `proposal ${failed} was voted down`);
    notify(machine, { type: "refused", request: job.request, error });
    return true;
  }
  propose(machine, settled.height + 1n);
  return false;
}

/** A proposal that this node has made for the job, and that can never pass. */
function votedDown(machine: Machine, { proposed }: Job): bigint | undefined {
  const own = ownSeats(machine);
  const failed = machine.chain.proposals.find(
    ({ id, type, proposer, status }) =>
      type === 1 && status === "void" && id > proposed && own.includes(proposer),
  );
  return failed?.id;
}

/** Ordered, confirmed, settled, then off the chain. */
function advanceLeave(machine: Machine, job: Job): boolean {
  const own = ownMember(machine);
  if (own === undefined) return done(machine, job);
  const record = readSeat(machine.tools.executor, own.seat);
  const isOrdered = record?.standing === "departed";
  // Whom the chain took out has nothing to order, whatever its own log still says.
  const isRemoved = own.standing === "removed";
  if (!isRemoved && ownSeatIn(machine, inForce(machine)) !== undefined && !isOrdered) {
    askToDepart(machine, "leave");
    return false;
  }
  // A seat that was never admitted, or is suspended, has nothing to order.
  if (!isRemoved && isOrdered && !isSettled(machine, "leave")) return false;
  const candidacy = ownCandidacy(machine);
  if (own.standing === "joined" && candidacy.steps.length > 0) {
    command(machine, "postCertificate/leave", { type: "postCertificate", candidacy });
    return false;
  }
  command(machine, "leave", { type: "leave" });
  return false;
}

/** Ordered, settled, closed on chain; `followClosing` does the rest. */
function advanceClose(machine: Machine): boolean {
  if (readControl(machine.tools.executor)?.closing !== true) {
    askToDepart(machine, "close");
    return false;
  }
  if (isSettled(machine, "close")) command(machine, "close", { type: "close" });
  return false;
}

/** Signs a departure once; it is sent again like any other entry of ours. */
function askToDepart(machine: Machine, kind: "leave" | "close"): void {
  // Nothing is ordered after a close; the chain then lets everybody fetch what is its own.
  if (readControl(machine.tools.executor)?.closing === true) return;
  const isUnderWay = machine.own.some(
    ({ submission }) =>
      submission.type === "departure" && submission.departure.departure.kind === kind,
  );
  if (!isUnderWay) proposeDeparture(machine, kind);
}

/**
 * Whether the settled state contains our leave, or whoever's close; sees to it that it will.
 */
function isSettled(machine: Machine, kind: "leave" | "close"): boolean {
  const own = ownMember(machine)?.seat;
  for (const item of machine.log.items) {
    const isHere = item.batch.entries.some(
      (entry) =>
        entry.type === kind && (kind === "close" || entry.departure.departure.seat === own),
    );
    // A departure ends its batch.
    if (!isHere) continue;
    propose(machine, item.height);
    return false;
  }
  return true;
}
