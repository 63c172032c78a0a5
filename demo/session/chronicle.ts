// What happened, in plain words: from the channel's log, from the chain's events, and from what
// this tab's node noticed by itself. Newest first.
import type { ChannelEntry } from "holdfast";
import type { ChannelEvent } from "../explorer/event-feed.ts";
import { bigOf, fieldsOf } from "../explorer/fields.ts";
import { amount, timeToTheSecond } from "../shell/wording.ts";
import type { LogLine } from "../view/view.ts";

const LINES_MAX = 60;
const PUNISHMENT = 2;

type Tone = LogLine["tone"];
/** A sentence, or nothing where there is nothing to tell. */
type Sentence = readonly [Tone, string] | undefined;

export interface Chronicle {
  readonly lines: readonly LogLine[];
  note(tone: Tone, text: string): void;
  readEntries(channel: bigint, entries: readonly ChannelEntry[]): void;
  readChain(events: readonly ChannelEvent[]): void;
}

/** @param nameOfSeat what a seat's player is called */
export function createChronicle(nameOfSeat: (seat: bigint) => string): Chronicle {
  let lines: readonly LogLine[] = [];
  let notesCount = 0;
  const seen = new Set<string>();

  function add(key: string, atMs: number, sentence: Sentence): void {
    if (sentence === undefined || seen.has(key)) return;
    seen.add(key);
    const [tone, text] = sentence;
    const line = { key, atMs, tone, text };
    // Sources differ in how soon they tell; the order is that of time.
    const newer = lines.filter((other) => other.atMs > atMs);
    lines = [...newer, line, ...lines.slice(newer.length)].slice(0, LINES_MAX);
  }

  return {
    get lines() {
      return lines;
    },
    note(tone, text) {
      notesCount += 1;
      add(`note-${notesCount}`, Date.now(), [tone, text]);
    },
    readEntries(channel, entries) {
      for (const entry of entries) {
        const key = `entry-${channel}-${entry.height}-${entry.type}-${entry.seat}`;
        add(key, entry.time, entrySentence(entry, nameOfSeat(entry.seat)));
      }
    },
    readChain(events) {
      for (const event of events) {
        add(`chain-${event.key}`, event.atMs, chainSentence(event, nameOfSeat));
      }
    },
  };
}

function entrySentence({ type }: ChannelEntry, name: string): Sentence {
  switch (type) {
    case "admit":
      return ["good", `${name} is in: the others count its word from here on.`];
    case "leave":
      return ["plain", `${name} gets up from the table.`];
    case "suspend":
      return ["bad", `${name} fell silent and lost its vote.`];
    case "exit":
      return ["plain", `${name} leaves through the chain.`];
    case "close":
      return ["plain", `${name} ends the channel.`];
    case "call":
    case "tick":
      return undefined;
  }
}

function chainSentence(
  { name, fields }: ChannelEvent,
  nameOfSeat: (seat: bigint) => string,
): Sentence {
  const player = (field: string) => nameOfSeat(bigOf(fields[field]) ?? 0n);
  const units = (field: string) => amount(bigOf(fields[field]) ?? 0n);
  switch (name) {
    case "ChannelCreated":
      return ["chain", "The channel was opened on the chain."];
    case "MemberJoined": {
      const seat = bigOf(fieldsOf(fields["seat"])?.["seat"]) ?? 0n;
      return ["chain", `${nameOfSeat(seat)} staked ${units("stake")} and took seat ${seat}.`];
    }
    case "MemberLeft":
      // Nothing is left for who has left alone, and was told of then.
      return bigOf(fields["stake_returned"]) === 0n
        ? undefined
        : ["chain", `${player("seat")} left with ${units("stake_returned")}.`];
    case "LeaderChanged":
      return ["chain", `${player("seat")} leads now, in term ${bigOf(fields["term"])}.`];
    case "ConfigurationChanged":
      return configurationSentence(fields, player);
    case "RemovalOpened":
      return ["bad", `${player("accused")} is silent; its seat is about to be taken back.`];
    case "ProposalCreated":
      return fields["kind"] === PUNISHMENT
        ? ["bad", `${player("proposer")} accuses the leader, with its signature as evidence.`]
        : ["chain", `${player("proposer")} proposes to settle.`];
    case "Voted":
      return ["plain", `${player("seat")} voted ${fields["option"] === 1 ? "yes" : "no"}.`];
    case "Settled":
      return ["chain", `The chain took over everything up to move ${bigOf(fields["height"])}.`];
    case "Punished":
      return punishedSentence(fields, player("seat"));
    case "ExitOpened":
      return ["chain", `${player("seat")} leaves without the others; its window is open.`];
    case "ExitContested":
      return fields["lost_bond"] === true
        ? ["bad", `${player("seat")} knew a later state than it showed, and loses its bond.`]
        : ["plain", `Somebody showed the chain a later state against ${player("seat")}'s exit.`];
    case "ExitFinished":
      return ["chain", `${player("seat")} left alone, with ${units("stake_returned")}.`];
    case "ChannelClosed":
      return ["chain", "The channel is closed, and all stakes are returned."];
    default:
      return undefined;
  }
}

function configurationSentence(
  fields: ChannelEvent["fields"],
  player: (field: string) => string,
): Sentence {
  const number = bigOf(fieldsOf(fields["configuration"])?.["number"]);
  if (bigOf(fields["removed"]) === 0n) return undefined;
  return ["bad", `${player("removed")} is out; configuration ${number} goes on without it.`];
}

function punishedSentence(fields: ChannelEvent["fields"], name: string): Sentence {
  const until = timeToTheSecond(Number(bigOf(fields["banned_until_ms"]) ?? 0n));
  const fined = bigOf(fields["fined"]) ?? 0n;
  const fine = fined === 0n ? "" : ` It loses its stake of ${amount(fined)}.`;
  return ["bad", `${name} cheated and is banned until ${until}.${fine}`];
}
