// Coins and transactions that cross between a root chain and a parallel one: what is packed, what
// is credited, and what is paid back when the nodes agree.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRestApi, faucetSigner, signTransaction } from "#chains";
import { type Address, addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { readAccount, readBalance } from "../../../src/chains/ledger/framework.ts";
import { decodeSignedTransaction } from "../../../src/chains/ledger/transaction.ts";
import { readBitmap } from "../../../src/chains/para/bitmap.ts";
import { type NodeStatus, statusOf } from "../../../src/chains/para/node-status.ts";
import { accountNamed, rawTransaction, u64 } from "../fixture.ts";
import { COIN, CONFIG, TITLE, text } from "./para-chain.ts";
import {
  closeWorld,
  consensusOf,
  createParaWorld,
  foundGroup,
  headOf,
  type ParaWorld,
  paraNode,
  pass,
  rootNode,
  startPara,
} from "./para-world.ts";

/** Minutes of virtual time, on one processor. */
const TIMEOUT_MS = 120_000;

const faucet = faucetSigner();
const alice = accountNamed("alice");
const bob = accountNamed("bob");

let world: ParaWorld;
beforeEach(async () => {
  world = await createParaWorld();
  await foundGroup(world);
  for (const index of world.paras.keys()) await startPara(world, index);
  await onRoot(faucet, "0x1::aptos_account::transfer", [
    addressToBytes(alice.address),
    u64(1_000n * COIN),
  ]);
});
afterEach(() => closeWorld(world));

/** Runs a transaction on the root chain; returns whether it executed. */
async function onRoot(
  signer: typeof faucet,
  target: string,
  args: readonly Uint8Array[],
): Promise<boolean> {
  const root = rootNode(world);
  const { sequenceNumber } = readAccount(root.source.tree.head.state, signer.address);
  const expirationSecs = world.clock.now() / 1_000n + 600n;
  const raw = rawTransaction(signer.address, sequenceNumber, target, args, { expirationSecs });
  const client = root.connect();
  const hash = await client.submit(signTransaction(raw, signer).bytes);
  const waiting = client.waitForTransaction(hash, 9_000);
  await pass(world, 1_000);
  const { receipt } = await waiting;
  client.close();
  return receipt.status.type === "executed";
}

function transferIn(to: Address, amount: bigint): Promise<boolean> {
  const args = [text(TITLE), addressToBytes(to), u64(amount)];
  return onRoot(alice, "0x40::cross_asset::transfer", args);
}

function withdraw(signer: typeof alice, to: Address, amount: bigint): Promise<boolean> {
  const args = [text(TITLE), addressToBytes(to), u64(amount)];
  return onRoot(signer, "0x40::cross_asset::withdraw", args);
}

function onPara(index: number, of: Address): bigint {
  return readBalance(paraNode(world, index).source.tree.head.state, of);
}

function rootBalance(of: Address): bigint {
  return readBalance(rootNode(world).source.tree.head.state, of);
}

async function locked(): Promise<bigint> {
  const client = rootNode(world).connect();
  const id = present(parseFunctionId("0x40::vault::locked"), "a function");
  const [value] = await client.view({ function: id, args: [text(TITLE)] });
  client.close();
  return new BcsReader(present(value, "a number")).u64();
}

/** A transaction of the parallel chain. */
function paraTransaction(
  signer: typeof alice,
  number: bigint,
  target: string,
  args: readonly Uint8Array[],
): Uint8Array {
  const expirationSecs = world.clock.now() / 1_000n + 600n;
  const changes = { expirationSecs, chainId: CONFIG.chainId };
  return signTransaction(rawTransaction(signer.address, number, target, args, changes), signer)
    .bytes;
}

function payment(signer: typeof alice, number: bigint, to: Address, amount: bigint): Uint8Array {
  const args = [addressToBytes(to), u64(amount)];
  return paraTransaction(signer, number, "0x1::aptos_account::transfer", args);
}

function sendOnRoot(payloads: readonly Uint8Array[], title: string = TITLE): Promise<boolean> {
  const list = encodeBcs((writer) => writer.vector(payloads, (out, item) => out.bytes(item)));
  return onRoot(alice, "0x40::para_transaction::send", [text(title), list]);
}

async function statusAt(height: bigint): Promise<NodeStatus> {
  const { store } = paraNode(world, 0).source;
  return statusOf(CONFIG.title, present(await store.blockAt(height), "a block"));
}

/** The status of the newest block that packed or moved anything. */
async function busyStatus(): Promise<NodeStatus> {
  for (let height = headOf(paraNode(world, 0)); height > 0n; height--) {
    const status = await statusAt(height);
    if (status.txCounts + status.crossTxResult.count > 0) return status;
  }
  throw new Error("no block packed anything");
}

async function untilAgreed(): Promise<void> {
  const height = headOf(paraNode(world, 0));
  for (let second = 0; second < 30; second++) {
    if ((await consensusOf(world)) >= height) return;
    await pass(world, 1_000);
  }
  throw new Error(`nothing was agreed on up to ${height}`);
}

describe("coins that cross", { timeout: TIMEOUT_MS }, () => {
  it("are locked on the root chain and credited on the parallel one, on every node", async () => {
    expect(await transferIn(bob.address, 70n * COIN)).toBe(true);
    await pass(world, 2_000);
    for (const index of [0, 1, 2, 3]) expect(onPara(index, bob.address)).toBe(70n * COIN);
    await untilAgreed();
    expect(await locked()).toBe(70n * COIN);
    const status = await busyStatus();
    expect(readBitmap(status.crossTxResult)).toEqual([true]);
    expect([status.txCounts, status.crossTxHashes.length]).toEqual([0, 1]);
  });

  it("are taken there and paid out here when the nodes agree, and not before", async () => {
    await transferIn(alice.address, 70n * COIN);
    await untilAgreed();
    expect(await withdraw(alice, bob.address, 20n * COIN)).toBe(true);
    expect(rootBalance(bob.address)).toBe(0n);
    await pass(world, 1_000);
    expect(onPara(1, alice.address)).toBe(50n * COIN);
    await untilAgreed();
    expect(rootBalance(bob.address)).toBe(20n * COIN);
    expect(await locked()).toBe(50n * COIN);
  });

  it("are not paid out when the account there has too few", async () => {
    await transferIn(alice.address, 5n * COIN);
    await withdraw(alice, bob.address, 6n * COIN);
    await pass(world, 1_000);
    const status = await busyStatus();
    expect(readBitmap(status.crossTxResult)).toEqual([false]);
    await untilAgreed();
    expect(rootBalance(bob.address)).toBe(0n);
    expect(onPara(0, alice.address)).toBe(5n * COIN);
  });

  it("leave no trace when their root transaction failed: they are not in the bitmap", async () => {
    const before = headOf(paraNode(world, 0));
    expect(await transferIn(bob.address, 5_000n * COIN)).toBe(false);
    await pass(world, 10_000);
    for (let height = before + 1n; height <= headOf(paraNode(world, 0)); height++) {
      expect((await statusAt(height)).crossTxResult.count).toBe(0);
    }
    expect(headOf(paraNode(world, 0))).toBeGreaterThan(before);
  });
});

describe("transactions of a title", { timeout: TIMEOUT_MS }, () => {
  it("are packed as the group that one root transaction brings, each with its end", async () => {
    await transferIn(alice.address, 70n * COIN);
    const group = [
      payment(alice, 0n, bob.address, 3n * COIN),
      payment(alice, 1n, bob.address, 900n * COIN),
      payment(alice, 2n, bob.address, 4n * COIN),
    ];
    expect(await sendOnRoot(group)).toBe(true);
    await pass(world, 2_000);
    for (const index of [0, 1, 2, 3]) expect(onPara(index, bob.address)).toBe(7n * COIN);
    const status = await busyStatus();
    expect([status.txCounts, status.txResult.count]).toEqual([3, 3]);
    expect(readBitmap(status.txResult)).toEqual([true, false, true]);
    await untilAgreed();
  });

  it("are not packed when their root transaction failed, or was for another title", async () => {
    await transferIn(alice.address, 70n * COIN);
    await untilAgreed();
    const group = Array.from({ length: 21 }, (_, index) => {
      return payment(alice, BigInt(index), bob.address, COIN);
    });
    expect(await sendOnRoot(group)).toBe(false);
    expect(await sendOnRoot(group.slice(0, 1), "user.p.other.")).toBe(false);
    await pass(world, 6_000);
    expect(onPara(0, bob.address)).toBe(0n);
  });

  it("are passed over when they are none, or of another chain, or sent twice", async () => {
    await transferIn(alice.address, 70n * COIN);
    const once = payment(alice, 0n, bob.address, 3n * COIN);
    const foreign = rawTransaction(alice.address, 1n, "0x1::aptos_account::transfer", [
      addressToBytes(bob.address),
      u64(5n * COIN),
    ]);
    const changed = once.slice();
    changed[40] = (changed[40] ?? 0) ^ 1;
    const payloads = [Uint8Array.of(1, 2, 3), changed, once, once];
    payloads.push(signTransaction(foreign, alice).bytes);
    expect(await sendOnRoot(payloads)).toBe(true);
    await pass(world, 2_000);
    expect(onPara(2, bob.address)).toBe(3n * COIN);
    const status = await busyStatus();
    expect([status.txCounts, readBitmap(status.txResult)]).toEqual([1, [true]]);
  });

  it("are brought to the root chain by the node that they are handed to", async () => {
    await transferIn(alice.address, 70n * COIN);
    await untilAgreed();
    const node = paraNode(world, 2);
    const client = node.connect();
    const [first, second] = [
      payment(alice, 0n, bob.address, 3n * COIN),
      payment(alice, 1n, bob.address, 4n * COIN),
    ];
    // The second comes first: it waits for the number before it.
    const later = await client.submit(second);
    const sooner = await client.submit(first);
    const waiting = [later, sooner].map((hash) => client.waitForTransaction(hash, 20_000));
    await pass(world, 12_000);
    const ended = await Promise.all(waiting);
    expect(ended.map(({ receipt }) => receipt.status.type)).toEqual(["executed", "executed"]);
    for (const index of [0, 1, 2, 3]) expect(onPara(index, bob.address)).toBe(7n * COIN);
    const refused = client.submit(first);
    await expect(refused).rejects.toMatchObject({ status: "SEQUENCE_NUMBER_TOO_OLD" });
    client.close();
  });

  it("are served over the REST API, with what is agreed on as final", async () => {
    await transferIn(alice.address, 70n * COIN);
    await untilAgreed();
    await pass(world, 3_000);
    const node = paraNode(world, 1);
    const api = createRestApi(node);
    const ask = async (target: string) => {
      const request = { method: "GET", target, headers: {}, body: new Uint8Array() };
      return JSON.parse((await api(request)).body) as Record<string, unknown>;
    };
    const ledger = await ask("/v1");
    expect(ledger["chain_id"]).toBe(101);
    expect(ledger["block_height"]).toBe(headOf(node).toString());
    const final = node.source.tree.final.block.header.height;
    expect(final).toBeGreaterThan(0n);
    expect(final).toBeLessThanOrEqual(await consensusOf(world));
    expect(ledger["final_block_height"]).toBe(final.toString());
    const bytes = payment(alice, 0n, bob.address, COIN);
    const headers = { "content-type": "application/x.aptos.signed_transaction+bcs" };
    const target = "/v1/transactions";
    const answer = await api({ method: "POST", target, headers, body: bytes });
    expect(answer.status).toBe(202);
    await pass(world, 8_000);
    const decoded = decodeSignedTransaction(bytes);
    expect(decoded.ok).toBe(true);
    expect(onPara(3, bob.address)).toBe(COIN);
  });
});
