// Gas goes to a shard and comes back, and epochs end, by real nodes that follow the root and tell
// it what the shard has decided: each thing once, whatever is restarted in between.
import { afterEach, describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import { readRootFigures, readShardFigures, signTransaction } from "#chains";
import { addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { readBalance } from "../../../src/chains/ledger/framework.ts";
import { readCommittee } from "../../../src/chains/shard/shard-state.ts";
import { accountNamed, commit, fund, rawTransaction, u64 } from "../fixture.ts";
import {
  closeShard,
  memberNamed,
  SHARD,
  type ShardNetwork,
  shardNode,
  startNode,
  startShard,
  stopNode,
} from "./shard-network.ts";

const alice = accountNamed("alice");
const SHARD_CHAIN_ID = 11;

let network: ShardNetwork | undefined;

afterEach(async () => {
  if (network !== undefined) await closeShard(network);
  network = undefined;
});

async function begin(epochBlocks?: bigint): Promise<ShardNetwork> {
  network = await startShard(4, 1, epochBlocks);
  await fund(network.root, alice.address, 100_000_000n);
  const args = [u64(SHARD), u64(50_000_000n)];
  const raw = rawTransaction(alice.address, 0n, "0x30::shard_gas::deposit_gas", args);
  await commit(network.root, signTransaction(raw, alice));
  await network.root.clock.advance(4_000);
  return network;
}

async function onShard(
  running: ShardNetwork,
  number: bigint,
  name: string,
  args: readonly Uint8Array[],
): Promise<void> {
  const changes = { chainId: SHARD_CHAIN_ID };
  const raw = rawTransaction(alice.address, number, `0x30::shard_gas::${name}`, args, changes);
  const { bytes } = signTransaction(raw, alice);
  for (const { node } of running.places) {
    if (node === undefined) continue;
    expect(await node.node.ask({ type: "submit", bytes })).toMatchObject({ ok: true });
    return;
  }
}

function onRoot({ root }: ShardNetwork, of: AccountSigner): bigint {
  return readBalance(root.node.source.tree.head.state, of.address);
}

async function view(
  { root, places }: ShardNetwork,
  where: "root" | "shard",
  name: string,
  args: readonly Uint8Array[] = [],
): Promise<Uint8Array> {
  const client = where === "root" ? root.client : present(places[0]?.client, "a shard's client");
  const called = present(parseFunctionId(`0x30::${name}`), "a function");
  const [bytes] = await client.view({ function: called, args });
  return present(bytes, "a value");
}

describe("a withdrawal", () => {
  it("[G5] is paid on the root once, and finished on the shard", async () => {
    const running = await begin();
    const before = onRoot(running, alice);
    await onShard(running, 0n, "user_withdraw_gas", [u64(10_000_000n)]);
    await running.root.clock.advance(15_000);
    expect(onRoot(running, alice)).toBe(before + 10_000_000n);
    const args = [addressToBytes(alice.address), u64(1n)];
    expect(
      new BcsReader(await view(running, "shard", "shard_gas::get_withdraw_by_id", args)).u64(),
    ).toBe(0n);
    const released = [u64(SHARD), addressToBytes(alice.address), u64(1n)];
    expect(
      (await view(running, "root", "shard_gas::get_released", released)).length,
    ).toBeGreaterThan(0);
    for (const place of [0, 1, 2, 3]) {
      const { relay } = shardNode(running, place).standing();
      expect(relay).toEqual({ waiting: 0, trouble: undefined, refusals: [] });
    }
  }, 120_000);

  it("is paid once though every node is killed while it tells the root", async () => {
    const running = await begin();
    const before = onRoot(running, alice);
    await onShard(running, 0n, "user_withdraw_gas", [u64(7_000_000n)]);
    for (let time = 0; time < 12; time++) {
      await running.root.clock.advance(400);
      await stopNode(running, time % 4);
      await running.root.clock.advance(100);
      await startNode(running, time % 4);
    }
    await running.root.clock.advance(20_000);
    expect(onRoot(running, alice)).toBe(before + 7_000_000n);
    const figures = readRootFigures(
      await view(running, "root", "shard_gas::get_root_figures", [u64(SHARD)]),
    );
    expect(figures.released).toBe(7_000_000n);
    const shard = readShardFigures(await view(running, "shard", "shard_gas::get_shard_figures"));
    expect(shard.finished).toBe(7_000_000n);
  }, 120_000);

  it("[G4] waits while too few nodes can tell the root, and is paid once enough can", async () => {
    const running = await begin();
    const before = onRoot(running, alice);
    // Two of four have spent what they would pay the root with; three would be needed.
    for (const place of [0, 1]) await spendAll(running, accountNamed(memberNamed(place)));
    await onShard(running, 0n, "user_withdraw_gas", [u64(3_000_000n)]);
    await running.root.clock.advance(15_000);
    expect(onRoot(running, alice)).toBe(before);
    expect(shardNode(running, 0).standing().relay.waiting).toBe(1);
    expect(shardNode(running, 0).standing().relay.trouble).toMatch(/needs|INSUFFICIENT/);
    await fund(running.root, accountNamed(memberNamed(0)).address, 10_000_000n);
    await running.root.clock.advance(10_000);
    expect(onRoot(running, alice)).toBe(before + 3_000_000n);
  }, 120_000);
});

async function spendAll(running: ShardNetwork, account: AccountSigner): Promise<void> {
  const { root } = running;
  const { sequenceNumber } = await root.client.account(account.address);
  const rest = onRoot(running, account) - 100_100n;
  const args = [addressToBytes(accountNamed("bob").address), u64(rest)];
  const raw = rawTransaction(account.address, sequenceNumber, "0x1::aptos_account::transfer", args);
  const { receipt } = await commit(root, signTransaction(raw, account));
  expect(receipt.status.type).toBe("executed");
}

describe("an epoch", () => {
  it("[G12] ends on the shard, then on the root with its fees, and the next begins", async () => {
    const running = await begin(20n);
    await onShard(running, 0n, "user_withdraw_gas", [u64(10_000n)]);
    await running.root.clock.advance(45_000);
    const { fees } = readRootFigures(
      await view(running, "root", "shard_gas::get_root_figures", [u64(SHARD)]),
    );
    const { committed } = readShardFigures(
      await view(running, "shard", "shard_gas::get_shard_figures"),
    );
    expect(fees).toBeGreaterThan(0n);
    expect(committed).toBe(fees);
    const { head } = shardNode(running, 0).node.source.tree;
    expect(readCommittee(head.state).keys).toHaveLength(4);
    const epoch = new BcsReader(await view(running, "shard", "committee::get_committee")).u64();
    expect(epoch).toBeGreaterThan(1n);
  }, 120_000);
});
