// A chain to test against: a node with a clock that the test moves, and accounts to act with.

import {
  type AccountSigner,
  accountSigner,
  type ChainClient,
  type ChainNode,
  type ChainStore,
  type CommittedTransaction,
  createChainNode,
  createMemoryStore,
  type NodeSettings,
  type RawTransaction,
  type SignedTransaction,
  signTransaction,
} from "#chains";
import { type Address, addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { utf8 } from "#core/bytes.ts";
import { parseSecretKey, type SecretKey } from "#core/ed25519.ts";
import { gasUnits } from "#core/gas-units.ts";
import { sha2_256 } from "#core/hash.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { parseTypeTag } from "#core/type-tag.ts";
import type { ChainIdentity, StoredBlock } from "../../src/chains/ports.ts";
import { type ManualClock, manualClock } from "./manual-clock.ts";

export const START_MS = 1_700_000_000_000n;
/** Longer than a block takes to come. */
export const BLOCK_MS = 1_100;

export interface TestChain {
  readonly clock: ManualClock;
  readonly node: ChainNode;
  readonly client: ChainClient;
  readonly store: ChainStore;
}

interface Newborn {
  readonly identity: ChainIdentity;
  readonly genesis: StoredBlock;
}

/**
 * What a new chain keeps first, made once: publishing verifies every contract, which takes its
 * time.
 */
let newborn: Promise<Newborn> | undefined;

async function makeNewborn(): Promise<Newborn> {
  const store = createMemoryStore();
  const clock = manualClock(START_MS);
  const node = await createChainNode({ clock, store, entropy });
  await node.close();
  const { identity, head } = present(await store.load(), "a chain was begun");
  return { identity, genesis: head };
}

/** A store that holds the genesis of {@link START_MS} and nothing else. */
export async function genesisStore(): Promise<ChainStore> {
  newborn ??= makeNewborn();
  const { identity, genesis } = await newborn;
  const store = createMemoryStore();
  await store.create(identity, genesis);
  return store;
}

function entropy(size: number): Uint8Array {
  return new Uint8Array(size).fill(0x5a);
}

export async function startChain(
  options: {
    readonly store?: ChainStore;
    readonly clock?: ManualClock;
    readonly settings?: Partial<NodeSettings>;
    readonly keptBlocks?: bigint;
  } = {},
): Promise<TestChain> {
  const clock = options.clock ?? manualClock(START_MS);
  const store = options.store ?? (await genesisStore());
  const { settings = {}, keptBlocks } = options;
  const kept = keptBlocks === undefined ? {} : { keptBlocks };
  const node = await createChainNode({ clock, store, entropy, settings, ...kept });
  return { clock, node, client: node.connect(), store };
}

export function secretNamed(name: string): SecretKey {
  return present(parseSecretKey(sha2_256(utf8(name))), "a hash is a key");
}

export function accountNamed(name: string): AccountSigner {
  return accountSigner(secretNamed(name));
}

export function u64(value: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u64(value));
}

/** A transaction with everything but its sender and payload at sensible values. */
export function rawTransaction(
  sender: Address,
  sequenceNumber: bigint,
  target: string,
  args: readonly Uint8Array[],
  changes: Partial<RawTransaction> = {},
  typeArgs: readonly string[] = [],
): RawTransaction {
  return {
    sender,
    sequenceNumber,
    payload: {
      type: "entryFunction",
      call: {
        function: present(parseFunctionId(target), `a function: ${target}`),
        typeArgs: typeArgs.map((text) => present(parseTypeTag(text), `a type: ${text}`)),
        args,
      },
    },
    maxGas: gasUnits(100_000n),
    gasUnitPrice: 1n,
    expirationSecs: START_MS / 1_000n + 3_600n,
    chainId: 4,
    ...changes,
  };
}

export function transferTo(
  from: AccountSigner,
  sequenceNumber: bigint,
  to: Address,
  amount: bigint,
  changes: Partial<RawTransaction> = {},
): SignedTransaction {
  const args = [addressToBytes(to), u64(amount)];
  const target = "0x1::aptos_account::transfer";
  return signTransaction(rawTransaction(from.address, sequenceNumber, target, args, changes), from);
}

/** Sends a transaction and lets the chain take it in. */
export async function commit(
  { client, clock }: TestChain,
  transaction: SignedTransaction,
): Promise<CommittedTransaction> {
  const hash = await client.submit(transaction.bytes);
  const waiting = client.waitForTransaction(hash, 10_000);
  await clock.advance(BLOCK_MS);
  return waiting;
}

export async function fund(chain: TestChain, to: Address, amount: bigint): Promise<void> {
  const hash = await chain.client.fund(to, amount);
  const waiting = chain.client.waitForTransaction(hash, 10_000);
  await chain.clock.advance(BLOCK_MS);
  await waiting;
}

const COIN = present(parseTypeTag("0x1::aptos_coin::AptosCoin"), "the coin");
const BALANCE = present(parseFunctionId("0x1::coin::balance"), "a function");

export async function balanceOf({ client }: TestChain, of: Address): Promise<bigint> {
  const args = [addressToBytes(of)];
  const [bytes] = await client.view({ function: BALANCE, typeArgs: [COIN], args });
  const view = new DataView(present(bytes, "a balance").slice().buffer);
  return view.getBigUint64(0, true);
}
