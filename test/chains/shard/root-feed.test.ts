// What a member lets a block bring from the root: what its own node of the root shows, from the
// shard's cursor on, without a gap and in order, and nothing else.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { utf8 } from "#core/bytes.ts";
import { parseTypeTag } from "#core/type-tag.ts";
import type { EventSource } from "../../../src/chains/cross-chain/final-events.ts";
import { followRoot, type RootFeed } from "../../../src/chains/shard/root-feed.ts";
import {
  decodeRootMessage,
  encodeRootMessage,
  MESSAGES_PER_BLOCK_MAX,
  messageCalls,
} from "../../../src/chains/shard/root-message.ts";
import { START_MS } from "../fixture.ts";
import { type ManualClock, manualClock } from "../manual-clock.ts";

const TYPE = present(parseTypeTag("0x30::shard_event::ShardEventState"), "a type");
const START = { height: 0n, index: 0n };

/** A root whose every block has one version, and what its events say to whom. */
class Root {
  readonly events: { height: bigint; toShard: bigint; text: string }[] = [];
  finalHeight = 0n;
  isAway = false;

  tell(height: bigint, toShard: bigint, text: string): void {
    this.events.push({ height, toShard, text });
  }

  source(): EventSource {
    const answer = <T>(value: () => T): Promise<T> =>
      this.isAway ? Promise.reject(new Error("away")) : Promise.resolve(value());
    return {
      ledger: () =>
        answer(() => ({
          finalHeight: this.finalHeight,
          finalVersion: this.finalHeight,
        })) as ReturnType<EventSource["ledger"]>,
      block: (height) =>
        answer(() =>
          height > this.finalHeight ? undefined : { block: { header: { firstVersion: height } } },
        ) as ReturnType<EventSource["block"]>,
      events: (_module, from, limit) =>
        answer(() => {
          const all = this.events
            .filter(({ height }) => height >= from.version && height <= this.finalHeight)
            .flatMap(({ height, toShard, text }) => {
              const index = this.events.filter((other) => other.height === height);
              const at = index.findIndex((other) => other.text === text);
              if (height === from.version && at < from.index) return [];
              const data = encodeBcs((writer) => {
                writer.u32(1).u32(128).u64(toShard).u64(height).bytes(utf8(text));
              });
              const place = { version: height, index: at, height, timestampUs: 0n };
              return [{ ...place, eventType: TYPE, data }];
            });
          const page = all.slice(0, limit);
          const next = { version: this.finalHeight + 1n, index: 0 };
          return { events: page, next };
        }),
      onHead: () => () => undefined,
    };
  }
}

interface Following {
  readonly root: Root;
  readonly clock: ManualClock;
  readonly feed: RootFeed;
  news: number;
}

async function follow(prepare: (root: Root) => void, from = START): Promise<Following> {
  const root = new Root();
  prepare(root);
  const clock = manualClock(START_MS);
  const following = { root, clock, news: 0 };
  const feed = followRoot(root.source(), clock, 1n, from, () => {
    following.news += 1;
  });
  await clock.advance(10);
  return Object.assign(following, { feed });
}

function texts(messages: readonly Uint8Array[]): readonly string[] {
  return messages.map((bytes) => {
    const message = present(decodeRootMessage(bytes), "a message");
    if (message.type === "end") return `end ${message.height}`;
    return `${message.fromHeight}.${message.index} ${new TextDecoder().decode(message.payload)}`;
  });
}

function usual(root: Root): void {
  root.tell(2n, 1n, "a");
  root.tell(2n, 7n, "for another shard");
  root.tell(2n, 1n, "b");
  root.tell(5n, 1n, "c");
  root.finalHeight = 6n;
}

describe("what the root has told", () => {
  it("is what names the shard, numbered block by block, as far as it is final", async () => {
    const { feed, root, clock } = await follow(usual);
    expect(texts(feed.next(START))).toEqual(["2.0 a", "2.1 b", "5.0 c", "end 6"]);
    root.tell(7n, 1n, "d");
    await clock.advance(2_000);
    expect(texts(feed.next(START))).toHaveLength(4);
    root.finalHeight = 7n;
    await clock.advance(2_000);
    expect(texts(feed.next({ height: 6n, index: 0n }))).toEqual(["7.0 d", "end 7"]);
    feed.close();
  });

  it("is read from the shard's cursor on, with the same numbers", async () => {
    const { feed } = await follow(usual, { height: 2n, index: 1n });
    expect(texts(feed.next({ height: 2n, index: 1n }))).toEqual(["2.1 b", "5.0 c", "end 6"]);
    expect(texts(feed.next({ height: 5n, index: 1n }))).toEqual([]);
    feed.close();
  });

  it("comes in parts where it is more than a block takes in", async () => {
    const { feed } = await follow((root) => {
      for (let number = 0; number < MESSAGES_PER_BLOCK_MAX + 5; number++) {
        root.tell(3n, 1n, `message ${number}`);
      }
      root.finalHeight = 3n;
    });
    const first = feed.next(START);
    expect(first).toHaveLength(MESSAGES_PER_BLOCK_MAX);
    expect(messageCalls(first)).toHaveLength(MESSAGES_PER_BLOCK_MAX);
    const rest = feed.next({ height: 3n, index: BigInt(MESSAGES_PER_BLOCK_MAX) });
    expect(texts(rest).at(-1)).toBe("end 3");
    expect(rest).toHaveLength(6);
    feed.close();
  });

  it("is read again where the root could not be reached", async () => {
    const { feed, root, clock } = await follow((away) => {
      usual(away);
      away.isAway = true;
    });
    expect(feed.next(START)).toEqual([]);
    root.isAway = false;
    await clock.advance(2_000);
    expect(texts(feed.next(START))).toHaveLength(4);
    feed.close();
  });

  it("notes that there was nothing, now and then", async () => {
    const { feed } = await follow((root) => {
      root.finalHeight = 1_500n;
    });
    expect(texts(feed.next(START))).toEqual(["end 1500"]);
    expect(feed.next({ height: 900n, index: 0n })).toEqual([]);
    feed.close();
  });
});

describe("a block's messages", () => {
  const message = (fromHeight: bigint, index: bigint, text: string): Uint8Array =>
    encodeRootMessage({
      type: "message",
      version: 1,
      eventType: 128,
      toShard: 1n,
      fromHeight,
      index,
      payload: utf8(text),
    });
  const end = (height: bigint): Uint8Array => encodeRootMessage({ type: "end", height });

  it("are right where the root has told them, all of them or the first of them", async () => {
    const { feed } = await follow(usual);
    const all = feed.next(START);
    for (const count of [0, 1, 2, 3, 4]) {
      expect(feed.judge(START, all.slice(0, count))).toBe("right");
    }
    expect(feed.judge({ height: 2n, index: 1n }, all.slice(1))).toBe("right");
    feed.close();
  });

  it("are wrong where one is invented, changed, left out, doubled or out of order", async () => {
    const { feed } = await follow(usual);
    const [a, b, c] = feed.next(START).map((bytes) => present(bytes, "a message"));
    const one = (bytes: Uint8Array | undefined) => present(bytes, "a message");
    const wrong: (readonly Uint8Array[])[] = [
      [message(2n, 0n, "more for me")],
      [message(1n, 0n, "a")],
      [one(b), one(a)],
      [one(a), one(a)],
      [one(a), one(c)],
      [end(6n)],
      [one(a), end(2n)],
      [one(a), one(b), end(4n), one(c)],
      [new Uint8Array([9, 9])],
    ];
    for (const messages of wrong) expect(feed.judge(START, messages)).toBe("wrong");
    expect(feed.judge({ height: 2n, index: 1n }, [one(a)])).toBe("wrong");
    expect(feed.judge({ height: 7n, index: 0n }, [end(3n)])).toBe("wrong");
    feed.close();
  });

  it("are not known to be right where the root has not come so far here", async () => {
    const following = await follow(usual);
    const { feed, root, clock } = following;
    const ahead = [...feed.next(START).slice(0, 3), message(9n, 0n, "later"), end(9n)];
    expect(feed.judge(START, ahead)).toBe("unknown");
    expect(feed.judge(START, [...feed.next(START).slice(0, 3), end(9n)])).toBe("unknown");
    root.tell(9n, 1n, "later");
    root.finalHeight = 9n;
    await clock.advance(2_000);
    expect(feed.judge(START, ahead)).toBe("right");
    expect(following.news).toBeGreaterThan(0);
    feed.close();
  });
});
