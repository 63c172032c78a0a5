// Final events are read in order, each once, though the chain fails to answer in the middle.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { parseModuleId } from "#core/identifier.ts";
import { parseTypeTag } from "#core/type-tag.ts";
import {
  type EventSource,
  followFinalEvents,
} from "../../../src/chains/cross-chain/final-events.ts";

const MODULE = present(parseModuleId("0x30::shard_event"), "a module");
const TYPE = present(parseTypeTag("0x30::shard_event::ShardEventState"), "a type");
const START = { version: 0n, index: 0 };

/** One event in each version up to the final one; pages of two. */
function sourceOf(standing: { final: bigint; failsAt: bigint | undefined }): EventSource {
  return {
    ledger: () =>
      Promise.resolve({
        finalHeight: standing.final,
        finalVersion: standing.final,
      }) as ReturnType<EventSource["ledger"]>,
    events: (_module, from) => {
      if (standing.failsAt === from.version) return Promise.reject(new Error("away"));
      const versions = [from.version, from.version + 1n].filter((at) => at <= standing.final);
      const events = versions.map((version) => {
        const data = new Uint8Array([Number(version)]);
        return { version, index: 0, height: version, timestampUs: 0n, eventType: TYPE, data };
      });
      return Promise.resolve({ events, next: { version: from.version + 2n, index: 0 } });
    },
    block: () => Promise.resolve(undefined),
    onHead: () => () => undefined,
  };
}

describe("a reader of final events", () => {
  it("goes on where it left off", async () => {
    const standing = { final: 3n, failsAt: undefined };
    const reader = followFinalEvents(sourceOf(standing), MODULE, START);
    const first = await reader.readOn();
    expect(first.events.map(({ version }) => version)).toEqual([0n, 1n, 2n, 3n]);
    expect(first.height).toBe(3n);
    expect((await reader.readOn()).events).toEqual([]);
    standing.final = 5n;
    expect((await reader.readOn()).events.map(({ version }) => version)).toEqual([4n, 5n]);
  });

  it("reads again what a failure has cut short, and nothing twice", async () => {
    const standing: { final: bigint; failsAt: bigint | undefined } = { final: 5n, failsAt: 4n };
    const reader = followFinalEvents(sourceOf(standing), MODULE, START);
    await expect(reader.readOn()).rejects.toThrow("away");
    expect(reader.place()).toEqual(START);
    standing.failsAt = undefined;
    const { events } = await reader.readOn();
    expect(events.map(({ version }) => version)).toEqual([0n, 1n, 2n, 3n, 4n, 5n]);
  });
});
