/**
 * What the root has told the shard, as this node sees it: the messages of final blocks of the root
 * in their order. A member proposes from it, and votes for a block only if what the block brings is
 * what stands here. What was taken in is told by the shard's own state, never by this list.
 */

import { present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { ModuleId } from "#core/identifier.ts";
import { parseModuleId } from "#core/identifier.ts";
import {
  type EventSource,
  type FinalEvents,
  followFinalEvents,
  placeOfBlock,
} from "../cross-chain/final-events.ts";
import type { Clock } from "../ports.ts";
import type { LocatedEvent } from "../rpc/messages.ts";
import { readShardMessage, type ShardMessage } from "./contract.ts";
import {
  decodeRootMessage,
  encodeRootMessage,
  MESSAGES_PER_BLOCK_MAX,
  type RootMessage,
} from "./root-message.ts";
import type { RootCursor } from "./shard-state.ts";

/** How often the root is asked where it stands though it says nothing. */
const POLL_MS = 1_000;
/** Blocks of the root without a message after which the shard notes that there were none. */
const QUIET_BLOCKS = 1_000n;

const MODULE: ModuleId = present(parseModuleId("0x30::shard_event"), "a module");

interface Told {
  readonly height: bigint;
  readonly index: bigint;
  /** Of the message as a block of the shard brings it. */
  readonly bytes: Uint8Array;
}

export type FeedVerdict = "right" | "wrong" | "unknown";

export interface RootFeed {
  /** What a block on a state with this cursor may bring, in order. */
  next(cursor: RootCursor): readonly Uint8Array[];
  /** Whether a block may bring `messages`; unknown while this node's root has not come so far. */
  judge(cursor: RootCursor, messages: readonly Uint8Array[]): FeedVerdict;
  /** The root's blocks up to this height are known here. */
  height(): bigint;
  /** Forgets what a final block has taken in. */
  forget(cursor: RootCursor): void;
  close(): void;
}

interface FeedState {
  readonly source: EventSource;
  readonly shardId: bigint;
  readonly onNews: () => void;
  readonly told: Told[];
  events: FinalEvents | undefined;
  /** Of the newest message that was read: its block, and how many of that block there were. */
  counted: { height: bigint; count: bigint };
  height: bigint;
  isReading: boolean;
  closed: boolean;
}

/**
 * @param from the shard's cursor: what lies before it is not read again.
 * @param onNews called whenever more of the root is known.
 */
export function followRoot(
  source: EventSource,
  clock: Clock,
  shardId: bigint,
  from: RootCursor,
  onNews: () => void,
): RootFeed {
  const state: FeedState = {
    source,
    shardId,
    onNews,
    told: [],
    events: undefined,
    counted: { height: 0n, count: 0n },
    height: from.height - 1n,
    isReading: false,
    closed: false,
  };
  let cancel = (): void => undefined;
  const poll = (): void => {
    void readOn(state, from);
    cancel = clock.after(POLL_MS, poll);
  };
  const stopListening = source.onHead(() => void readOn(state, from));
  poll();
  return {
    next: (cursor) => next(state, cursor),
    judge: (cursor, messages) => judge(state, cursor, messages),
    height: () => state.height,
    forget: (cursor) => {
      while (state.told[0] !== undefined && !isAhead(state.told[0], cursor)) state.told.shift();
    },
    close: () => {
      state.closed = true;
      cancel();
      stopListening();
    },
  };
}

async function readOn(state: FeedState, from: RootCursor): Promise<void> {
  if (state.isReading || state.closed) return;
  state.isReading = true;
  try {
    const place = state.events ? undefined : await placeOfBlock(state.source, from.height);
    if (place !== undefined) state.events = followFinalEvents(state.source, MODULE, place);
    const page = await state.events?.readOn();
    if (page === undefined || state.closed) return;
    for (const event of page.events) note(state, event);
    if (page.height <= state.height && page.events.length === 0) return;
    if (page.height > state.height) state.height = page.height;
    state.onNews();
  } catch {
    // The root's node is not there at the moment; it is asked again soon.
  } finally {
    state.isReading = false;
  }
}

function note(state: FeedState, { eventType, data, height }: LocatedEvent): void {
  const message = readShardMessage({ type: eventType, data });
  if (message === undefined || message.toShard !== state.shardId) return;
  const { counted } = state;
  const index = counted.height === height ? counted.count : 0n;
  state.counted = { height, count: index + 1n };
  const bytes = encodeRootMessage(carried(message, height, index));
  state.told.push({ height, index, bytes });
}

function carried(message: ShardMessage, fromHeight: bigint, index: bigint): RootMessage {
  return { type: "message", ...message, fromHeight, index };
}

function isAhead({ height, index }: Told, cursor: RootCursor): boolean {
  return height > cursor.height || (height === cursor.height && index >= cursor.index);
}

function next(state: FeedState, cursor: RootCursor): readonly Uint8Array[] {
  const ahead = state.told.filter((told) => isAhead(told, cursor));
  const messages = ahead.slice(0, MESSAGES_PER_BLOCK_MAX).map(({ bytes }) => bytes);
  const isAll = ahead.length <= MESSAGES_PER_BLOCK_MAX && ahead.every(isWithin(state.height));
  const isQuiet = messages.length === 0 && state.height < cursor.height + QUIET_BLOCKS;
  if (!isAll || isQuiet) return messages;
  return [...messages, encodeRootMessage({ type: "end", height: state.height })];
}

function isWithin(height: bigint): (told: Told) => boolean {
  return (told) => told.height <= height;
}

function judge(state: FeedState, cursor: RootCursor, messages: readonly Uint8Array[]): FeedVerdict {
  const ahead = state.told.filter((told) => isAhead(told, cursor));
  for (const [place, bytes] of messages.entries()) {
    const message = decodeRootMessage(bytes);
    if (message === undefined) return "wrong";
    const expected = ahead[place];
    if (message.type === "message") {
      if (expected !== undefined && equalBytes(expected.bytes, bytes)) continue;
      return expected === undefined && message.fromHeight > state.height ? "unknown" : "wrong";
    }
    const isLast = place === messages.length - 1;
    const isEnd = expected === undefined || expected.height > message.height;
    if (!isLast || !isEnd || message.height < cursor.height) return "wrong";
    if (message.height > state.height) return "unknown";
  }
  return "right";
}
