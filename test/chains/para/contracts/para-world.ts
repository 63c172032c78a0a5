// A main chain with the group of a parallel chain, whose nodes say what a test lets them say: every
// call is a transaction in a block of its own. There is no parallel chain here.
import type { AccountSigner } from "#chains";
import { type Address, addressToBytes, shortAddress } from "#core/address.ts";
import { assert } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { toHex } from "#core/bytes.ts";
import { gasUnits } from "#core/gas-units.ts";
import { domainHash } from "#core/hash.ts";
import { formatStructTag, formatTypeTag, makeStructTag } from "#core/type-tag.ts";
import type { NodeStatus } from "../../../../src/chains/para/node-status.ts";
import { accountNamed } from "../../fixture.ts";
import {
  alice,
  arg,
  COIN,
  producer,
  type ResourceChain,
  type Sent,
  startResourceChain,
  type Terms,
} from "../../resources/resource-chain.ts";
import { encodeStatus, hashOf, NO_BITS } from "./node-status.ts";

export const TITLE = "user.p.game.";
/** What a node freezes unless a test says otherwise. */
export const FROZEN = 100n * COIN;
/** What a node here has for fees and for freezing. */
const NODE_FUNDS = 10_000n * COIN;

export const manager = accountNamed("manager");

export interface ParaWorld {
  readonly chain: ResourceChain;
  readonly nodes: readonly AccountSigner[];
  /** What a node that is in order makes of a height; the same for all. */
  status(height: number, changes?: Partial<NodeStatus>): NodeStatus;
  /** A transaction of 0x40 that may fail. */
  act(by: AccountSigner, name: string, ...args: readonly Uint8Array[]): Sent;
  /** How it fails: `EXECUTED`, or the number with which 0x40 refuses. */
  outcome(by: AccountSigner, name: string, ...args: readonly Uint8Array[]): string | number;
  commit(by: AccountSigner, ...statuses: readonly NodeStatus[]): Sent;
  /** Several nodes, one after the other. */
  commitAll(by: readonly AccountSigner[], ...statuses: readonly NodeStatus[]): void;
  /** The consensus height, -1 before the first. */
  height(title?: string): number;
  view(name: string, ...args: readonly Uint8Array[]): BcsReader;
}

export const text = arg.text;

/** @param names of the nodes; with none, no group is made. */
export function startParaWorld(names: readonly string[]): ParaWorld {
  const chain = startResourceChain();
  const nodes = names.map(accountNamed);
  const mainBlocks = new Map<number, { hash: Uint8Array; height: bigint }>();

  const world: ParaWorld = {
    chain,
    nodes,
    status(height, changes = {}) {
      let main = mainBlocks.get(height);
      if (main === undefined) {
        main = { hash: chain.head().hash, height: chain.height() };
        mainBlocks.set(height, main);
      }
      return {
        mainBlockHash: main.hash,
        mainBlockHeight: main.height,
        title: TITLE,
        height: BigInt(height),
        preBlockHash: hashOf("block", height - 1),
        blockHash: hashOf("block", height),
        preStateHash: hashOf("state", height - 1),
        stateHash: hashOf("state", height),
        txCounts: 0,
        txResult: NO_BITS,
        txHashes: [],
        crossTxResult: NO_BITS,
        crossTxHashes: [],
        ...changes,
      };
    },
    act(by, name, ...args) {
      const terms: Terms = { maxGas: gasUnits(2_000_000n) };
      return chain.act(by, `0x40::${name}`, args, terms);
    },
    outcome: (by, name, ...args) => outcomeOf(world.act(by, name, ...args)),
    commit(by, ...statuses) {
      const list = arg.list(statuses.map(encodeStatus));
      return world.act(by, "consensus::commit", list, arg.u64(0));
    },
    commitAll(by, ...statuses) {
      for (const node of by) expectDone(world.commit(node, ...statuses));
    },
    height(title = TITLE) {
      const reader = world.view("consensus::consensus_height", text(title));
      return Number(reader.option((some) => some.u64()) ?? -1n);
    },
    view: (name, ...args) => chain.view(`0x40::${name}`, ...args),
  };

  for (const { address } of [manager, ...nodes]) chain.fund(address, NODE_FUNDS);
  expectDone(world.act(producer, "manager::appoint", arg.address(manager.address)));
  if (nodes.length > 0) makeGroup(world, TITLE, nodes);
  return world;
}

/** Alice pays; two and three nodes are meant. */
export function makeGroup(world: ParaWorld, title: string, nodes: readonly AccountSigner[]): void {
  const applied = world.act(alice, "node_group::apply", ...application(title, nodes));
  expectDone(applied);
  const [event] = eventsOf(applied, "node_group::Applied");
  assert(event !== undefined, "an application has a number");
  expectDone(world.act(manager, "node_group::approve", arg.u64(event.u64())));
}

/** Arguments of `node_group::apply`. */
export function application(
  title: string,
  nodes: readonly AccountSigner[],
  coins = FROZEN,
  isSmallAccepted = true,
): readonly Uint8Array[] {
  const list = addresses(nodes.map(({ address }) => address));
  return [text(title), list, arg.u64(coins), arg.bool(isSmallAccepted)];
}

export function addresses(list: readonly Address[]): Uint8Array {
  return encodeBcs((writer) => writer.vector(list, (out, address) => out.address(address)));
}

/** `EXECUTED`, the number with which 0x40 refuses, or what else ended it. */
export function outcomeOf({ receipt }: Sent): string | number {
  const { status } = receipt;
  if (status.type === "executed") return "EXECUTED";
  if (status.type === "failed") return status.status;
  const { address, name } = status.location.module;
  const short = shortAddress(address);
  return short === "0x40" ? Number(status.code) : `${short}::${name} ${status.code}`;
}

export function expectDone(sent: Sent): Sent {
  const outcome = outcomeOf(sent);
  assert(outcome === "EXECUTED", `refused with ${outcome}`);
  return sent;
}

/** Readers of the events of a name of 0x40, in order. */
export function eventsOf({ receipt }: Sent, name: string): readonly BcsReader[] {
  const full = formatStructTag(makeStructTag(`0x40::${name}`));
  return receipt.events
    .filter(({ type }) => formatTypeTag(type) === full)
    .map(({ data }) => new BcsReader(data));
}

export interface Done {
  readonly title: string;
  readonly height: bigint;
  readonly totalNodes: bigint;
  readonly totalCommit: bigint;
  readonly mostSame: bigint;
  readonly statusHash: string;
  readonly blockHash: string;
  readonly stateHash: string;
  readonly mainBlockHash: string;
  readonly mainBlockHeight: bigint;
  readonly txCounts: number;
  readonly txResult: { readonly count: number; readonly bytes: string };
  readonly crossTxResult: { readonly count: number; readonly bytes: string };
}

export function doneOf(sent: Sent): readonly Done[] {
  const hex = (reader: BcsReader) => toHex(reader.bytes());
  const results = (reader: BcsReader) => ({ count: reader.u32(), bytes: hex(reader) });
  return eventsOf(sent, "consensus::CommitDone").map((reader) => {
    const done = {
      title: reader.string(),
      height: reader.u64(),
      totalNodes: reader.u64(),
      totalCommit: reader.u64(),
      mostSame: reader.u64(),
      statusHash: hex(reader),
      blockHash: hex(reader),
      stateHash: hex(reader),
      mainBlockHash: hex(reader),
      mainBlockHeight: reader.u64(),
      txCounts: reader.u32(),
      txResult: results(reader),
      crossTxResult: results(reader),
    };
    reader.end();
    return done;
  });
}

/** What hash a cross-chain action has. */
export function crossHash(
  id: number,
  isWithdrawal: boolean,
  from: AccountSigner,
  to: AccountSigner,
  amount: bigint,
  title = TITLE,
): Uint8Array {
  const bytes = encodeBcs((writer) => {
    writer
      .string(title)
      .u64(BigInt(id))
      .u8(isWithdrawal ? 1 : 0);
    writer.fixed(addressToBytes(from.address)).fixed(addressToBytes(to.address)).u64(amount);
  });
  return domainHash("CrossAction", bytes);
}

export const ABCD = ["node a", "node b", "node c", "node d"];
