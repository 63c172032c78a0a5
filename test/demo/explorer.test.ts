// What the explorer says of accounts, shards, exits and the room's channel.
import { describe, expect, it } from "vitest";
import { foldEmpty } from "../../demo/explorer/block-list.ts";
import { createDetailsReader, shardView } from "../../demo/explorer/chain-details.ts";
import {
  accountName,
  accountRow,
  pricesText,
  shardRow,
  shardsText,
} from "../../demo/explorer/chain-facts.ts";
import { exitRecords } from "../../demo/explorer/exit-record.ts";
import { type BlockDetails } from "../../demo/view/chain.ts";

const nobody = () => undefined;

describe("an account", () => {
  it("is called by its player, its package, or its address", () => {
    expect(accountName("0x21", () => "Brisk Crane")).toBe("Brisk Crane");
    expect(accountName(`0x${"0".repeat(62)}20`, nobody)).toBe("channels");
    expect(accountName(`0x${"ab".repeat(32)}`, nobody)).toBe("ababab…abab");
  });

  it("tells its coins and RAM, and what it does not know", () => {
    const account = { address: "0xa", balance: 1_000n, ramUsed: 3_483n, staked: 0n };
    const limited = accountRow({ ...account, ramQuota: 8_192n }, "You");
    expect(limited).toEqual(["You", "1,000", "3,483 B, of 8,192 B", "0"]);
    const free = accountRow({ ...account, ramQuota: undefined }, "You");
    expect(free[2]).toBe("3,483 B, no limit");
    const unknown = { address: "0xa", balance: undefined, ramUsed: undefined };
    const row = accountRow({ ...unknown, ramQuota: undefined, staked: undefined }, "You");
    expect(row).toEqual(["You", "–", "–", "–"]);
  });
});

describe("a shard", () => {
  it("tells its state, peers and gas, as the root's contract has them", () => {
    const read = shardView(
      {
        id: 1n,
        creator: "0xc",
        state: 2,
        config: { k: 4 },
        epoch: 3n,
        epoch_height: 9n,
        peers: [{}, {}, {}, {}],
      },
      5_000n,
    );
    expect(read).toMatchObject({ state: "active", seatsCount: 4, peersCount: 4 });
    const row = read && shardRow(read, "Brisk Crane");
    expect(row).toEqual(["Shard 1", "active", "Brisk Crane", "3", "4 for 4 seats", "5,000"]);
  });

  it("is nothing where the chain answers with something else", () => {
    expect(shardView(undefined, undefined)).toBeUndefined();
    expect(shardView(["no", "shard"], 1n)).toBeUndefined();
  });

  it("is not looked for on a shard, nor where there is no contract for them", () => {
    expect(shardsText([], 2n)).toContain("shard 2");
    expect(shardsText(undefined, undefined)).toContain("no contract");
    expect(shardsText([], 0n)).toContain("no shards");
  });
});

describe("what fees buy", () => {
  it("says whether RAM is limited yet", () => {
    const prices = { cpuMicroseconds: 200n, netBytes: 500n, freeRamBytes: 8_192n };
    expect(pricesText({ ...prices, isRamLimited: true })).toContain("200 µs and 500 B");
    expect(pricesText({ ...prices, isRamLimited: false })).toContain("no limit yet");
    expect(pricesText(undefined)).toContain("no resource contract");
  });
});

describe("blocks", () => {
  const block = (height: bigint, transactionsCount: number, hash = `${height}`): BlockDetails => {
    return { height, transactionsCount, hash, atMs: 0, transactions: [] };
  };

  it("with nothing in them are told of together", () => {
    const blocks = [block(9n, 0), block(8n, 0), block(7n, 2), block(6n, 0), block(5n, 1)];
    const told = foldEmpty(blocks).map((item) =>
      item.type === "block" ? item.block.height : [item.first.height, item.last.height],
    );
    expect(told).toEqual([[8n, 9n], 7n, [6n, 6n], 5n]);
  });

  /** A chain of so many blocks, every third of which has a transaction. */
  function chainOf(head: bigint) {
    const asked: bigint[] = [];
    const hash = (height: bigint) => new Uint8Array(32).fill(Number(height));
    const link = {
      height: () => Promise.resolve(head),
      block(height: bigint) {
        asked.push(height);
        const transactionsCount = height % 3n === 0n ? 1 : 0;
        return Promise.resolve({
          height,
          hash: hash(height),
          transactionsCount,
          timestampMs: 0n,
          lastVersion: height,
        });
      },
      transactionsIn: () => Promise.resolve([]),
    };
    return { link, asked };
  }

  it("are read back until enough have transactions, and the deep ones once", async () => {
    const { link, asked } = chainOf(100n);
    const nothing = { view: async () => undefined, decode: async () => undefined };
    const reader = createDetailsReader(link, nothing);
    const { blocks } = await reader.read([]);
    const filled = blocks.filter(({ transactionsCount }) => transactionsCount > 0);
    expect(filled.length).toBeGreaterThanOrEqual(16);
    expect(blocks.length).toBeLessThan(64);
    const first = asked.splice(0).length;
    expect(first).toBe(blocks.length);
    await reader.read([]);
    expect(asked).toEqual([100n, 99n, 98n, 97n, 96n, 95n, 94n, 93n]);
  });

  it("are read no further than the chain's first", async () => {
    const { link, asked } = chainOf(3n);
    const nothing = { view: async () => undefined, decode: async () => undefined };
    await createDetailsReader(link, nothing).read([]);
    expect(asked).toEqual([3n, 2n, 1n, 0n]);
  });
});

describe("an exit", () => {
  const view = {
    highest: [],
    floor: [],
    exits: { open: [{ seat: 3n, owner: "0xa", due_ms: 20_000n }], claims: [], claimed: [] },
  };

  it("tells what is left of its window by the chain's active time", () => {
    expect(exitRecords(view, 12_500n)).toEqual([{ seat: 3n, leftMs: 7_500 }]);
    expect(exitRecords(view, 30_000n)).toEqual([{ seat: 3n, leftMs: 0 }]);
  });

  it("is none where the chain says nothing", () => {
    expect(exitRecords(undefined, 1n)).toEqual([]);
    expect(exitRecords(view, undefined)).toEqual([]);
  });
});
