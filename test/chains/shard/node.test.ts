// Nodes of a shard over the real ledger and the real contracts: they make blocks together, follow
// the root, and go on while one of four is gone.
import { afterEach, describe, expect, it } from "vitest";
import { faucetSigner, signTransaction } from "#chains";
import { addressToBytes } from "#core/address.ts";
import { toHex } from "#core/bytes.ts";
import { readBalance } from "../../../src/chains/ledger/framework.ts";
import { accountNamed, commit, fund, rawTransaction, u64 } from "../fixture.ts";
import {
  closeShard,
  heights,
  SHARD,
  type ShardNetwork,
  shardNode,
  startNode,
  startShard,
  stopNode,
} from "./shard-network.ts";

const alice = accountNamed("alice");
const bob = accountNamed("bob");

let network: ShardNetwork | undefined;

async function begin(size: number): Promise<ShardNetwork> {
  network = await startShard(size);
  return network;
}

afterEach(async () => {
  if (network !== undefined) await closeShard(network);
  network = undefined;
});

async function deposit({ root }: ShardNetwork, number: bigint, amount: bigint): Promise<void> {
  const raw = rawTransaction(alice.address, number, "0x30::shard_gas::deposit_gas", [
    u64(SHARD),
    u64(amount),
  ]);
  const done = await commit(root, signTransaction(raw, alice));
  expect(done.receipt.status.type).toBe("executed");
}

function balanceOn(running: ShardNetwork, index: number, of: typeof alice): bigint {
  return readBalance(shardNode(running, index).node.source.tree.head.state, of.address);
}

describe("a shard of four nodes", () => {
  it("makes blocks that all agree on, each final as soon as it is there", async () => {
    const running = await begin(4);
    await running.root.clock.advance(20_000);
    const lowest = heights(running).reduce((a, b) => (a < b ? a : b));
    expect(lowest).toBeGreaterThan(8n);
    const blocks = await Promise.all(running.places.map(({ store }) => store.blockAt(lowest)));
    expect(new Set(blocks.map((block) => block && toHex(block.hash))).size).toBe(1);
    const { tree } = shardNode(running, 0).node.source;
    expect(tree.final).toBe(tree.head);
    expect(faucetSigner().address).not.toBe(tree.head.block.header.proposer);
  }, 60_000);

  it("[G1] pays a deposit on the root out on the shard, once", async () => {
    const running = await begin(4);
    await fund(running.root, alice.address, 100_000_000n);
    await deposit(running, 0n, 5_000_000n);
    await running.root.clock.advance(5_000);
    expect([0, 1, 2, 3].map((index) => balanceOn(running, index, alice))).toEqual(
      Array<bigint>(4).fill(5_000_000n),
    );
    await deposit(running, 1n, 7n);
    await running.root.clock.advance(5_000);
    expect(balanceOn(running, 3, alice)).toBe(5_000_007n);
  }, 60_000);

  it("takes transactions, whichever node they are handed to", async () => {
    const running = await begin(4);
    await fund(running.root, alice.address, 100_000_000n);
    await deposit(running, 0n, 50_000_000n);
    await running.root.clock.advance(5_000);
    const args = [addressToBytes(bob.address), u64(1_234n)];
    const target = "0x1::aptos_account::transfer";
    const raw = rawTransaction(alice.address, 0n, target, args, { chainId: 11 });
    const { bytes } = signTransaction(raw, alice);
    expect(await shardNode(running, 2).node.ask({ type: "submit", bytes })).toMatchObject({
      ok: true,
    });
    await running.root.clock.advance(5_000);
    expect([0, 1, 2, 3].map((index) => balanceOn(running, index, bob))).toEqual(
      Array<bigint>(4).fill(1_234n),
    );
  }, 60_000);

  it("goes on without one of them, and brings it up to date when it is back", async () => {
    const running = await begin(4);
    await running.root.clock.advance(5_000);
    await stopNode(running, 1);
    const before = heights(running)[0] ?? 0n;
    await running.root.clock.advance(20_000);
    expect((heights(running)[0] ?? 0n) - before).toBeGreaterThan(3n);
    await startNode(running, 1);
    await running.root.clock.advance(20_000);
    const all = heights(running);
    const lowest = all.reduce((a, b) => (a < b ? a : b));
    expect(all.every((height) => height - lowest <= 1n)).toBe(true);
    expect(lowest).toBeGreaterThan(before + 10n);
  }, 60_000);
});
