// What must hold between a root, its shard and its parallel chain at every moment, whatever is
// down, cut off or lying. Reads nodes' states and blocks; asks nobody.
import { checkApplied, checkFigures, readRootFigures, readShardFigures } from "#chains";
import { addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { toHex } from "#core/bytes.ts";
import type { Event } from "#core/effects.ts";
import { formatStructTag, formatTypeTag, makeStructTag } from "#core/type-tag.ts";
import { blockByHash, heightOf, parentOf } from "../../../src/chains/ledger/block-tree.ts";
import type { ExecutedBlock } from "../../../src/chains/ledger/executed-block.ts";
import type { QuerySource } from "../../../src/chains/query-source.ts";
import { readProcessedMessage } from "../../../src/chains/shard/contract.ts";
import { readRootCursor } from "../../../src/chains/shard/shard-state.ts";
import { TITLE } from "../../chains/para/para-chain.ts";
import { SHARD } from "../../chains/shard/shard-network.ts";
import { Violation } from "../checkers.ts";
import { type ChainsWorld, firstMember, LIAR, TWIN_OF } from "./chains-world.ts";
import { checkPaid, checkRootCoins, createPaid, notePayments, type Paid } from "./coin-checkers.ts";
import { readU64, u64, viewOn } from "./views.ts";

const SUPPLY = 1_000_000_000_000_000n;
/** What genesis sets aside for block rewards on every chain. */
const REWARDS = 100_000_000_000_000n;
const COIN_STORE = "CoinStore";
const DONE = formatStructTag(makeStructTag("0x40::consensus::CommitDone"));
const SETTLED = formatStructTag(makeStructTag("0x40::cross_asset::AssetSettled"));
/** Outcome of an action whose coins were paid on the root. */
const RELEASED = 1;

export interface Records {
  /** Hashes by chain and height, as the first node had them. */
  readonly blocks: Map<string, string>;
  /** Hash of the status that was done, by height; and by root block what it was done in. */
  readonly done: Map<bigint, string>;
  /** Hashes of cross-chain actions that were settled. */
  readonly settled: Set<string>;
  /** Places of the root's messages that the shard has applied. */
  readonly applied: { readonly height: bigint; readonly index: bigint }[];
  readonly paid: Paid;
  rootHeight: bigint;
  shardHeight: bigint;
  /** Blocks that were looked at. */
  steps: number;
}

export function createRecords(): Records {
  const maps = { blocks: new Map(), done: new Map(), settled: new Set<string>(), applied: [] };
  return { ...maps, paid: createPaid(), rootHeight: 0n, shardHeight: 0n, steps: 0 };
}

/** Throws a `Violation` named after what does not hold. */
export function checkChains(world: ChainsWorld, records: Records): void {
  checkShardBlocks(world, records);
  checkRootBlocks(world, records);
  checkParaBlocks(world, records);
  checkFiguresOf(world);
}

function note(records: Records, name: string, chain: string, block: ExecutedBlock): void {
  const key = `${chain} ${heightOf(block)}`;
  const hash = toHex(block.hash);
  const known = records.blocks.get(key);
  if (known === undefined) records.blocks.set(key, hash);
  else if (known !== hash) throw new Violation(name, `two blocks: ${key}`);
}

/** Every node of the shard has the same blocks, the twins too; messages are applied once. */
function checkShardBlocks(world: ChainsWorld, records: Records): void {
  for (const { node } of world.members) {
    if (node === undefined) continue;
    const { tree } = node.node.source;
    for (const block of tree.blocks.values()) note(records, "one shard block", "shard", block);
  }
  const { source } = firstMember(world).node;
  for (const block of blocksAbove(source, records.shardHeight)) {
    records.shardHeight = heightOf(block);
    records.steps += 1;
    for (const event of eventsOf(block)) {
      const processed = readProcessedMessage(event);
      if (processed === undefined || processed.outcome !== 0n) continue;
      records.applied.push({ height: processed.fromHeight, index: processed.index });
    }
  }
  raise(checkApplied(records.applied));
}

/** What is final on the root is so for all; there heights are done once, and actions paid once. */
function checkRootBlocks(world: ChainsWorld, records: Records): void {
  for (const { node } of world.roots) {
    if (node !== undefined) note(records, "one final root block", "root", node.source.tree.final);
  }
  const source = firstRoot(world);
  if (source === undefined) return;
  for (const block of finalAbove(source, records.rootHeight)) {
    records.rootHeight = heightOf(block);
    records.steps += 1;
    note(records, "one final root block", "root", block);
    for (const event of eventsOf(block)) noteEvent(records, event);
    for (const { events } of block.receipts) notePayments(records.paid, events);
  }
}

/** What a final block of the root says of the parallel chain. */
export function noteEvent(records: Records, event: Event): void {
  switch (formatTypeTag(event.type)) {
    case DONE:
      noteDone(records, new BcsReader(event.data));
      return;
    case SETTLED:
      noteSettled(records, new BcsReader(event.data));
      return;
    default:
  }
}

function noteDone({ done }: Records, reader: BcsReader): void {
  reader.string();
  const height = reader.u64();
  for (const _ of ["nodes", "commits", "same"]) reader.u64();
  const hash = toHex(reader.bytes());
  if (done.has(height)) throw new Violation("one done hash", `height ${height} is done twice`);
  done.set(height, hash);
}

function noteSettled({ settled }: Records, reader: BcsReader): void {
  const hash = toHex(reader.bytes());
  reader.string();
  reader.u64();
  reader.u8();
  const outcome = reader.u8();
  if (outcome > RELEASED + 2) return;
  if (settled.has(hash)) throw new Violation("paid once", `action ${hash} is settled twice`);
  settled.add(hash);
}

/** Honest nodes of the parallel chain have the same block wherever the root calls it final. */
function checkParaBlocks({ paras }: ChainsWorld, records: Records): void {
  for (const [place, { node }] of paras.entries()) {
    if (node === undefined || place === LIAR) continue;
    const { tree } = node.source;
    note(records, "one agreed block", "para", tree.final);
  }
}

/** I1 to I3 over what the foremost nodes have, and what is on the root alone. */
function checkFiguresOf(world: ChainsWorld): void {
  const shard = firstMember(world).node.source;
  const root = firstRoot(world);
  if (root === undefined) return;
  checkRootCoins(root);
  // A root that lags behind what the shard has taken in says nothing about it.
  if (heightOf(root.tree.final) < readRootCursor(shard.tree.head.state).height) return;
  const rootBytes = viewOn(root, "0x30::shard_gas::get_root_figures", u64(SHARD));
  const shardBytes = viewOn(shard, "0x30::shard_gas::get_shard_figures");
  const account = {
    shardId: SHARD,
    root: readRootFigures(rootBytes),
    shard: readShardFigures(shardBytes),
    held: coinsInStores(shard.tree.head),
  };
  raise(checkFigures([account]));
}

/** Once nothing moves any more: what the root has locked is what is out there, to the last unit. */
export function checkQuiet(world: ChainsWorld, { paid }: Records): void {
  const root = present(firstRoot(world), "a root node runs");
  checkPaid(root, paid);
  const para = present(world.paras[0]?.node, "a node of the parallel chain runs").source;
  const title = encodeBcs((writer) => writer.string(TITLE));
  const locked = readU64(viewOn(root, "0x40::vault::locked", title));
  const reserve = readU64(viewOn(para, "0x40::para_chain::reserve"));
  const out = SUPPLY - REWARDS - reserve;
  if (locked !== out) throw new Violation("coins add up", `${locked} locked for ${out}`);
}

/** Whether a member was found to sign twice, and the root does not know of it yet. */
export function isUnpunished(world: ChainsWorld): boolean {
  const found = world.members.flatMap(({ node, member }) => {
    return member === TWIN_OF ? [] : (node?.standing().evidence ?? []);
  });
  const root = present(firstRoot(world), "a root node runs");
  return found.some(({ key }) => {
    const args = [u64(SHARD), encodeBcs((writer) => writer.bytes(key))];
    return viewOn(root, "0x30::shard_stake::is_punished", ...args)[0] === 0;
  });
}

/** Of the newest block of the root. */
export function rootHeight(world: ChainsWorld): bigint {
  return heightOf(present(firstRoot(world), "a root node runs").tree.head);
}

/**
 * Whether the parallel chain's nodes have agreed on what came of the root's blocks up to a height,
 * so that coins that left there have arrived; and the first of them has come as far.
 */
export function isAgreedUpTo(world: ChainsWorld, height: bigint): boolean {
  const root = present(firstRoot(world), "a root node runs");
  const title = encodeBcs((writer) => writer.string(TITLE));
  const status = new BcsReader(viewOn(root, "0x40::consensus::get_title", title));
  const [agreed] = status.vector((item) => item.u64());
  for (const _ of ["block", "state", "root block"]) status.bytes();
  if (agreed === undefined || status.u64() < height) return false;
  const first = world.paras[0]?.node;
  return first !== undefined && heightOf(first.source.tree.head) >= agreed;
}

/** Units of an account's deposits that are still on their way to the shard. */
export function underWay(
  world: ChainsWorld,
  address: Parameters<typeof addressToBytes>[0],
): bigint {
  const root = present(firstRoot(world), "a root node runs");
  const account = viewOn(
    root,
    "0x30::gas_account::get_account",
    u64(SHARD),
    addressToBytes(address),
  );
  const reader = new BcsReader(account);
  reader.u64();
  const arrived = viewOn(
    firstMember(world).node.source,
    "0x30::gas_account::get_arrived",
    addressToBytes(address),
  );
  return reader.u128() - new BcsReader(arrived).u128();
}

/** Withdrawals of an account that the shard does not know to be paid. */
export function openCount(
  world: ChainsWorld,
  address: Parameters<typeof addressToBytes>[0],
): number {
  const shard = firstMember(world).node.source;
  const bytes = viewOn(shard, "0x30::shard_gas::get_unfinished", addressToBytes(address));
  return new BcsReader(bytes).vector((item) => [item.u64(), item.u64()]).length;
}

function raise(violations: readonly { readonly invariant: string; readonly message: string }[]) {
  const [first] = violations;
  if (first !== undefined) throw new Violation(first.invariant, first.message);
}

/** The root node that has finalised most. */
export function firstRoot({ roots }: ChainsWorld): QuerySource | undefined {
  const sources = roots.flatMap(({ node }) => node?.source ?? []);
  const final = ({ tree }: QuerySource) => heightOf(tree.final);
  return sources.sort((a, b) => (final(a) > final(b) ? -1 : 1))[0];
}

function blocksAbove({ tree }: QuerySource, height: bigint): readonly ExecutedBlock[] {
  return branchDown(tree.head, tree, height);
}

function finalAbove({ tree }: QuerySource, height: bigint): readonly ExecutedBlock[] {
  return branchDown(tree.final, tree, height);
}

/** Blocks of a branch above a height, oldest first, as far as they are in memory. */
function branchDown(
  tip: ExecutedBlock,
  tree: QuerySource["tree"],
  height: bigint,
): readonly ExecutedBlock[] {
  const blocks: ExecutedBlock[] = [];
  let block = blockByHash(tree, tip.hash);
  while (block !== undefined && heightOf(block) > height) {
    blocks.push(block);
    block = parentOf(tree, block);
  }
  return blocks.reverse();
}

function eventsOf({ receipts }: ExecutedBlock): readonly Event[] {
  return receipts.flatMap(({ events }) => events);
}

function coinsInStores({ state }: ExecutedBlock): bigint {
  let total = 0n;
  for (const { key, value } of state.entries()) {
    if (key.kind === "resource" && key.type.name === COIN_STORE) total += readU64(value);
  }
  return total;
}
