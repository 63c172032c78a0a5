// Errors as players read them: what happened, who caused it, what to do, and the code.
import { CHANNEL_ERRORS, type ChannelErrorName } from "holdfast/channel";
import type { Refusals } from "../games/game.ts";
import type { Problem } from "../view/problem.ts";
import type { AddressFault } from "./address-line.ts";

const CAUSES = {
  caller: "this tab",
  peer: "another player's node",
  leader: "the leader",
  chain: "the chain",
  network: "the network",
  contract: "the game's contract",
} as const;

/** Who is behind an error, where that can be said more closely than by whom it was raised. */
const CAUSES_BY_CODE: Readonly<Record<string, string>> = {
  CHANNEL_FULL: "the players who came before",
  BANNED: "this tab, which was caught cheating",
  CHAIN_UNREACHABLE: "the network",
  CHAIN_INVALID: "the page's address",
  SIGNALLING_UNREACHABLE: "the network",
  NO_FUNDS: "this tab's purse",
};
const CAUSE_UNKNOWN = "this tab's node";
/** What to do, where the error itself does not say. */
const REMEDIES: Readonly<Record<string, string>> = {
  CHAIN_INVALID: "Choose another one with the button Chain.",
  SIGNALLING_UNREACHABLE: "Start it with npm run signal, or ask for the invite link again.",
};
const REMEDY_UNKNOWN = "Look up the code in docs/ERRORS.md.";

const ADDRESS_NAMES: Readonly<Record<AddressFault["name"], string>> = {
  game: "game",
  signal: "signalling server",
  chain: "chain",
  faucet: "faucet",
  shard: "shard",
  para: "parallel chain",
};

/**
 * Anything thrown. Errors of Holdfast have a code; the seed's number stands before it.
 * @param refusals what the contract's aborts mean in the game that is played
 */
export function problemOf(error: unknown, refusals: Refusals = {}): Problem {
  const code = readText(error, "code") ?? "INTERNAL";
  const message = error instanceof Error ? error.message : String(error);
  const known = isChannelError(code) ? CHANNEL_ERRORS[code] : undefined;
  const number = known?.code ?? readNumber(error, "number");
  const told = message.replace(`${code}: `, "");
  const abortCode = readProperty(error, "abortCode");
  const refusal = typeof abortCode === "bigint" ? refusals[String(abortCode)] : undefined;
  const own = refusal ?? (known ? withoutRemedy(told, known.remedy) : sentences(told));
  const cause = CAUSES_BY_CODE[code] ?? (known ? CAUSES[known.causedBy] : CAUSE_UNKNOWN);
  return {
    name: code,
    code: number === undefined ? code : `${number} ${code}`,
    what: own.what,
    who: `Caused by ${cause}.`,
    remedy: own.remedy ?? REMEDIES[code] ?? REMEDY_UNKNOWN,
  };
}

/** An address that was mangled on its way here, or misspelt. */
export function addressProblem({ name, value }: AddressFault): Problem {
  return {
    name: "ADDRESS_INVALID",
    code: "ADDRESS_INVALID",
    what: `This page's address names a ${ADDRESS_NAMES[name]} that is none: "${value}".`,
    who: "Caused by the link that was opened.",
    remedy: `Ask for the invite link again, or take "${name}=" out of the address.`,
  };
}

/** A refusal of the channel says its remedy last; the chain, too, and in words of its own. */
function withoutRemedy(message: string, remedy: string) {
  return { what: sentences(message.replace(remedy, "")).what, remedy };
}

/** The chain's messages say what happened and, after a semicolon, what to do. */
function sentences(message: string): { readonly what: string; readonly remedy?: string } {
  const at = message.indexOf("; ");
  if (at < 0) return { what: sentence(message) };
  return { what: sentence(message.slice(0, at)), remedy: sentence(message.slice(at + 2)) };
}

function sentence(text: string): string {
  const trimmed = text.trim();
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

function isChannelError(code: string): code is ChannelErrorName {
  return Object.hasOwn(CHANNEL_ERRORS, code);
}

function readText(error: unknown, name: string): string | undefined {
  const value = readProperty(error, name);
  return typeof value === "string" ? value : undefined;
}

function readNumber(error: unknown, name: string): number | undefined {
  const value = readProperty(error, name);
  return typeof value === "number" ? value : undefined;
}

function readProperty(error: unknown, name: string): unknown {
  if (typeof error !== "object" || error === null) return undefined;
  return Object.getOwnPropertyDescriptor(error, name)?.value;
}
