/**
 * Follows one channel: its events in order, each once, and a view after every block that touched
 * it, at least once a second while blocks are made. A chain that does not answer is asked again
 * with the next block.
 */
import type { ChainChannel, ChainEvent, Clock } from "#channel";
import type { ChainAccess, EventPlace } from "./chain-access.ts";
import { EVENTS_MODULE } from "./contract/calls.ts";
import type { ChannelReader } from "./contract/channel-view.ts";
import { chainEvent, readContractEvent } from "./contract/events.ts";
import { SettlementError } from "./settlement-error.ts";

const VIEW_INTERVAL_MS = 800n;

type Listener = (event: ChainEvent | undefined, channel: ChainChannel) => void;

interface Follower {
  readonly access: ChainAccess;
  readonly clock: Clock;
  readonly reader: ChannelReader;
  readonly id: bigint;
  readonly listener: Listener;
  /** The first event that was not delivered; undefined until the chain said where events end. */
  place: EventPlace | undefined;
  viewedMs: bigint;
  working: boolean;
  /** A block came while another was being worked on. */
  again: boolean;
  stopped: boolean;
}

export function subscribeChannel(
  access: ChainAccess,
  clock: Clock,
  reader: ChannelReader,
  id: bigint,
  listener: Listener,
): () => void {
  const follower: Follower = {
    access,
    clock,
    reader,
    id,
    listener,
    place: undefined,
    viewedMs: 0n,
    working: false,
    again: false,
    stopped: false,
  };
  const stop = access.onHead(() => void follow(follower));
  void follow(follower);
  return () => {
    follower.stopped = true;
    stop();
  };
}

/** Catches up with the chain, once for any number of blocks. */
async function follow(follower: Follower): Promise<void> {
  follower.again = true;
  if (follower.working) return;
  follower.working = true;
  try {
    while (follower.again && !follower.stopped) {
      follower.again = false;
      await catchUp(follower);
    }
  } catch (error) {
    // The place of the next event has not moved: the next block takes up from here.
    if (!(error instanceof SettlementError)) throw error;
  } finally {
    follower.working = false;
  }
}

async function catchUp(follower: Follower): Promise<void> {
  const { access, reader, id, clock } = follower;
  follower.place ??= await access.eventEnd();
  const { events, next } = await access.events(EVENTS_MODULE, follower.place);
  const news = events.flatMap((event) => readContractEvent(event, id) ?? []);
  const isDue = clock.now() - follower.viewedMs >= VIEW_INTERVAL_MS;
  const channel = news.length > 0 || isDue ? await reader.channel(id) : undefined;
  const completed: (ChainEvent | undefined)[] = [];
  if (channel !== undefined) {
    for (const event of news) {
      const isNew = event.type === "proposalCreated";
      const proposal = isNew ? await reader.proposal(id, event.proposal) : undefined;
      completed.push(chainEvent(event, channel, proposal));
    }
  }
  if (follower.stopped) return;
  const isSamePlace =
    next.version === follower.place.version && next.index === follower.place.index;
  follower.place = next;
  if (events.length > 0 && !isSamePlace) follower.again = true;
  if (channel === undefined) return;
  follower.viewedMs = clock.now();
  const told = completed.filter((event) => event !== undefined);
  for (const event of told) follower.listener(event, channel);
  if (told.length === 0) follower.listener(undefined, channel);
}
