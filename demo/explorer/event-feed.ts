// What the chain's contracts tell of one channel, each event once.
import { parseModuleId } from "holdfast/sandbox";
import type { ChainLink, EventPlace } from "holdfast/settlement";
import type { ContractReader } from "./contract-reader.ts";
import { type Fields, fieldsOf } from "./fields.ts";

/** What tells of channels. */
const EVENT_MODULES = ["0x20::events", "0x20::exit_event"] as const;

/** An event of a channel, by its Move name and fields. */
export interface ChannelEvent {
  /** Unique on the chain. */
  readonly key: string;
  readonly name: string;
  readonly fields: Fields;
  readonly atMs: number;
}

export interface EventFeed {
  /** Events of a channel since the last reading of it, oldest first within what tells them. */
  read(channel: bigint): Promise<readonly ChannelEvent[]>;
}

interface Feed {
  readonly link: ChainLink;
  readonly contracts: ContractReader;
  channel: bigint | undefined;
  /** By module, the first event that was not read; none until the chain said where to begin. */
  places: Map<string, EventPlace>;
}

export function createEventFeed(link: ChainLink, contracts: ContractReader): EventFeed {
  const feed: Feed = { link, contracts, channel: undefined, places: new Map() };
  return {
    async read(channel) {
      // Another channel is read from the beginning.
      if (feed.channel !== channel) feed.places = new Map();
      feed.channel = channel;
      const read = await Promise.all(EVENT_MODULES.map((name) => gather(feed, channel, name)));
      return read.flat();
    },
  };
}

async function gather(feed: Feed, channel: bigint, name: string): Promise<ChannelEvent[]> {
  const { link, contracts, places } = feed;
  const module = parseModuleId(name);
  if (module === undefined) throw new Error(`${name} names no module`);
  const gathered: ChannelEvent[] = [];
  for (;;) {
    const place = places.get(name) ?? (await link.eventStart());
    const { events, next } = await link.events(module, place);
    const hasMore = next.version !== place.version || next.index !== place.index;
    places.set(name, next);
    for (const { type, data, timestampMs, place: at } of events) {
      const fields = fieldsOf(await contracts.decode(type, data));
      if (fields?.["channel"] !== channel || type.kind !== "struct") continue;
      const key = `${at.version}/${at.index}`;
      gathered.push({ key, name: type.struct.name, fields, atMs: Number(timestampMs) });
    }
    if (!hasMore) return gathered;
  }
}
