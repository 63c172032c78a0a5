// What the page's address says: which room, who, and where other browsers are met.

const ROOM_DEFAULT = "harbour";
const ROOM_CHARS_MAX = 40;
const ALIAS_CHARS_MAX = 24;
const PARTY_CHARS_MAX = 32;

export interface AddressLine {
  readonly room: string;
  /** What this tab calls its own player. */
  readonly alias: string | undefined;
  /** A signalling server; without one only tabs of this browser meet. */
  readonly signal: string | undefined;
  /** The name of the party that meets there. */
  readonly party: string | undefined;
}

export function readAddressLine(url: URL): AddressLine {
  const text = (name: string, charsMax: number) => {
    const value = url.searchParams.get(name)?.trim().slice(0, charsMax);
    return value === undefined || value === "" ? undefined : value;
  };
  const signal = url.searchParams.get("signal") ?? undefined;
  return {
    room: text("room", ROOM_CHARS_MAX) ?? ROOM_DEFAULT,
    alias: text("name", ALIAS_CHARS_MAX),
    party: text("party", PARTY_CHARS_MAX)?.replaceAll(/[^\w-]/g, "-"),
    signal: signal !== undefined && /^wss?:\/\//.test(signal) ? signal : undefined,
  };
}

/** What another player opens: the room and where to meet, but nobody's name. */
export function inviteLink(url: URL, { room, signal, party }: AddressLine): string {
  const link = new URL(url.pathname, url);
  link.searchParams.set("room", room);
  if (signal !== undefined) link.searchParams.set("signal", signal);
  if (party !== undefined) link.searchParams.set("party", party);
  return link.href;
}
