/**
 * Reads what a chain's final blocks tell, in order and without a gap, from wherever a reader left
 * off. Final events never change, so a place in them is all that a reader has to remember. Knows
 * neither what they mean nor who acts on them.
 */
import type { ModuleId } from "#core/identifier.ts";
import type { ChainClient } from "../rpc/client.ts";
import type { EventCursor, LocatedEvent } from "../rpc/messages.ts";

/** Events that are asked for at once. */
const PAGE_SIZE = 500;

/** What is asked of a chain's node. */
export type EventSource = Pick<ChainClient, "ledger" | "events" | "block" | "onHead">;

export interface FinalPage {
  /** In the order of the chain; every event once. */
  readonly events: readonly LocatedEvent[];
  /** Everything that blocks up to this height tell has been read. */
  readonly height: bigint;
}

export interface FinalEvents {
  /** What has become final since it was asked last. Rejects with `ChainError`. */
  readOn(): Promise<FinalPage>;
  /** Where the next event will be looked for. */
  place(): EventCursor;
}

/** @param module whose events are read. */
export function followFinalEvents(
  source: EventSource,
  module: ModuleId,
  from: EventCursor,
): FinalEvents {
  let next = from;
  return {
    place: () => next,
    readOn: async () => {
      // Asked before reading: what becomes final meanwhile is for the next time.
      const { finalHeight, finalVersion } = await source.ledger();
      const events: LocatedEvent[] = [];
      // Taken over at the end: what a failure cuts short is read again from its beginning.
      let reached = next;
      while (reached.version <= finalVersion) {
        const page = await source.events(module, reached, PAGE_SIZE);
        const { version, index } = page.next;
        if (version === reached.version && index === reached.index) break;
        events.push(...page.events);
        reached = page.next;
      }
      next = reached;
      return { events, height: heightRead(events, finalHeight) };
    },
  };
}

/** Reading may have gone beyond what was final when it began. */
function heightRead(events: readonly LocatedEvent[], finalHeight: bigint): bigint {
  const last = events.at(-1)?.height ?? 0n;
  return last > finalHeight ? last - 1n : finalHeight;
}

/** Where the events of the block at `height` begin; undefined while there is no such block. */
export async function placeOfBlock(
  source: EventSource,
  height: bigint,
): Promise<EventCursor | undefined> {
  const block = await source.block(height);
  return block && { version: block.block.header.firstVersion, index: 0 };
}
