// Blocks to put into a store: what stands in them is made up, and only their bytes matter.
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { parseSecretKey, parseSignature, publicKeyOf } from "#core/ed25519.ts";
import type { Change } from "#core/effects.ts";
import { gasUnits } from "#core/gas-units.ts";
import { domainHash, ZERO_HASH } from "#core/hash.ts";
import { makeStructTag } from "#core/type-tag.ts";
import type { BranchChange, ChainIdentity, StoredBlock } from "../../src/chains/ports.ts";

const producerSecret = present(parseSecretKey(new Uint8Array(32).fill(7)), "a key");
export const TEST_IDENTITY: ChainIdentity = {
  config: {
    chainId: 4,
    timestampUs: 1_000_000n,
    producers: [publicKeyOf(producerSecret)],
    slotMs: 1_000,
    faucet: makeAddress("0xfa"),
  },
  producerSecret,
};

const TYPE = makeStructTag("0x1::counter::Counter");
const OWNER = makeAddress("0x1");
/** The value that every block may change. */
export const COUNTER = { kind: "resource", address: OWNER, type: TYPE } as const;
const ITEM = { kind: "tableItem", handle: makeAddress("0x77"), key: Uint8Array.of(9, 9) } as const;

export function byte(value: number): Uint8Array {
  return Uint8Array.of(value);
}

/**
 * A block at `height` whose one user transaction makes `changes`.
 *
 * @param branch tells blocks of one height apart.
 */
export function blockAt(height: number, changes: readonly Change[], branch = 0): StoredBlock {
  const name = Uint8Array.of(height, branch);
  const firstVersion = BigInt(2 * height);
  const receipt = (index: number, made: readonly Change[]) => ({
    version: firstVersion + BigInt(index),
    transactionHash: domainHash("TestTransaction", name, byte(index)),
    status: { type: "executed" } as const,
    gasUsed: gasUnits(5n),
    actions: [],
    events: [{ type: { kind: "u8" } as const, data: byte(height) }],
    changes: made,
  });
  return {
    hash: domainHash("TestBlock", name),
    block: {
      header: {
        chainId: 4,
        height: BigInt(height),
        parent: ZERO_HASH,
        timestampUs: BigInt(1_000_000 + height),
        proposer: OWNER,
        firstVersion,
        finality: {
          votes: 1,
          base: 0n,
          source: { epoch: 0n, height: 0n },
          justified: { epoch: 0n, height: 0n },
          finalHeight: 0n,
        },
        transactionCount: 2,
        transactionsRoot: ZERO_HASH,
        receiptsRoot: ZERO_HASH,
        stateRoot: ZERO_HASH,
      },
      signature: present(parseSignature(new Uint8Array(64)), "a signature"),
      messages: [],
      certificate: new Uint8Array(),
      transactions: [byte(height)],
    },
    receipts: [receipt(0, []), receipt(1, changes)],
  };
}

export const GENESIS_BLOCK = blockAt(0, [
  { key: COUNTER, op: { type: "new", value: byte(1) } },
  { key: ITEM, op: { type: "new", value: byte(2) } },
]);
export const SECOND_BLOCK = blockAt(1, [
  { key: COUNTER, op: { type: "modify", old: byte(1), value: byte(3) } },
  { key: ITEM, op: { type: "delete", old: byte(2) } },
]);

/** The block at `height` of a chain in which each block adds one to the counter. */
export function countingBlock(height: number): StoredBlock {
  if (height === 0) return GENESIS_BLOCK;
  const op = { type: "modify", old: byte(height), value: byte(height + 1) } as const;
  return blockAt(height, [{ key: COUNTER, op }]);
}

/**
 * The block at `height` of the branch that leaves the counting one above its parent: it counts from
 * 100 on.
 */
export function rivalBlock(height: number): StoredBlock {
  const before = byte(height === 1 || height === 2 ? height : 100 + height - 1);
  const op = { type: "modify", old: before, value: byte(100 + height) } as const;
  return blockAt(height, [{ key: COUNTER, op }], 1);
}

/** The change that keeps `blocks` after the head. */
export function after(...blocks: readonly StoredBlock[]): BranchChange {
  const first = present(blocks[0], "a block to keep");
  return { keptHeight: first.block.header.height - 1n, blocks };
}

/** What a store lives through where it is killed: blocks, a reorganisation, and a block on it. */
export const STORE_LIFE: readonly BranchChange[] = [
  after(countingBlock(1)),
  { ...after(countingBlock(2)), signed: { slot: 7n, sourceEpoch: 1n } },
  { keptHeight: 0n, blocks: [1, 2, 3].map(rivalBlock) },
  after(rivalBlock(4)),
];

/**
 * The branch that is kept after so many changes of {@link STORE_LIFE}, from genesis on; nothing at
 * -1.
 */
export function branchAfter(changes: number): readonly StoredBlock[] {
  if (changes < 0) return [];
  const branch = [GENESIS_BLOCK];
  for (const { keptHeight, blocks } of STORE_LIFE.slice(0, changes)) {
    branch.splice(Number(keptHeight) + 1, branch.length, ...blocks);
  }
  return branch;
}
