// What the page's address says: which game and room, who, and where other browsers are met.
import { GAME_DEFAULT, type GameName, isGameName } from "../view/game-name.ts";

const ROOM_DEFAULT = "harbour";
const ROOM_CHARS_MAX = 40;
const ALIAS_CHARS_MAX = 24;
const PARTY_CHARS_MAX = 32;
const CHAIN_NAMES = ["chain", "faucet", "shard", "para"] as const;
const HTTP = /^https?:\/\//;
const WEB_SOCKET = /^wss?:\/\//;

export interface AddressLine {
  readonly game: GameName;
  readonly room: string;
  /** What this tab calls its own player. */
  readonly alias: string | undefined;
  /** A signalling server; without one only tabs of this browser meet. */
  readonly signal: string | undefined;
  /** The name of the party that meets there. */
  readonly party: string | undefined;
  /** REST API of a chain that runs elsewhere; without one it is embedded in the browser. */
  readonly chain: string | undefined;
  /** That chain's faucet, where it is not at the next port. */
  readonly faucet: string | undefined;
  /** REST API of a shard of that chain, or of a parallel chain below it, that is played on. */
  readonly shard: string | undefined;
  readonly para: string | undefined;
  /** What it names that is none: played all the same, one would sit where nobody else comes. */
  readonly faults: readonly AddressFault[];
}

export interface AddressFault {
  readonly name: "game" | "signal" | (typeof CHAIN_NAMES)[number];
  readonly value: string;
}

/** The chain that the page is to play on. */
export type ChainChoice = Pick<AddressLine, (typeof CHAIN_NAMES)[number]>;

export function readAddressLine(url: URL): AddressLine {
  const text = (name: string, charsMax: number) => {
    const value = url.searchParams.get(name)?.trim().slice(0, charsMax);
    return value === undefined || value === "" ? undefined : value;
  };
  const faults: AddressFault[] = [];
  const read = <Value extends string>(
    name: AddressFault["name"],
    isOne: (value: string) => value is Value,
  ): Value | undefined => {
    const value = url.searchParams.get(name) ?? "";
    if (isOne(value)) return value;
    if (value !== "") faults.push({ name, value });
    return undefined;
  };
  const at = (name: AddressFault["name"], schemes: RegExp) =>
    read(name, (value): value is string => schemes.test(value) && URL.canParse(value));
  return {
    game: read("game", isGameName) ?? GAME_DEFAULT,
    room: text("room", ROOM_CHARS_MAX) ?? ROOM_DEFAULT,
    alias: text("name", ALIAS_CHARS_MAX),
    party: text("party", PARTY_CHARS_MAX)?.replaceAll(/[^\w-]/g, "-"),
    signal: at("signal", WEB_SOCKET),
    chain: at("chain", HTTP),
    faucet: at("faucet", HTTP),
    shard: at("shard", HTTP),
    para: at("para", HTTP),
    faults,
  };
}

/** What another player opens: game, room, where to meet and which chain, but nobody's name. */
export function inviteLink(url: URL, address: AddressLine): string {
  const link = new URL(url.pathname, url);
  if (address.game !== GAME_DEFAULT) link.searchParams.set("game", address.game);
  for (const name of ["room", "signal", "party", ...CHAIN_NAMES] as const) {
    const value = address[name];
    if (value !== undefined) link.searchParams.set(name, value);
  }
  return link.href;
}

/** The same room's place in each game. */
export function gameLinks(url: URL): Readonly<Record<GameName, string>> {
  const linkTo = (game: GameName): string => {
    const link = new URL(url);
    if (game === GAME_DEFAULT) link.searchParams.delete("game");
    else link.searchParams.set("game", game);
    return link.href;
  };
  const [chat, editor, movecraft] = [linkTo("chat"), linkTo("editor"), linkTo("movecraft")];
  return { chat, editor, movecraft };
}

/** REST API of the chain that is played on; undefined where it is embedded. */
export function placeOf({ chain, shard, para }: ChainChoice): string | undefined {
  return shard ?? para ?? chain;
}

/** The same page on another chain. */
export function chainLink(url: URL, choice: ChainChoice): string {
  const link = new URL(url);
  for (const name of CHAIN_NAMES) {
    const value = choice[name];
    if (value === undefined) link.searchParams.delete(name);
    else link.searchParams.set(name, value);
  }
  return link.href;
}
