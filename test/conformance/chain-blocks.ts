// Blocks to put into a store: what stands in them is made up, and only their bytes matter.
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { parseSecretKey, parseSignature, publicKeyOf } from "#core/ed25519.ts";
import type { Change } from "#core/effects.ts";
import { gasUnits } from "#core/gas-units.ts";
import { domainHash, ZERO_HASH } from "#core/hash.ts";
import { makeStructTag } from "#core/type-tag.ts";
import type { ChainIdentity, StoredBlock } from "../../src/chains/ports.ts";

const producerSecret = present(parseSecretKey(new Uint8Array(32).fill(7)), "a key");
export const TEST_IDENTITY: ChainIdentity = {
  config: {
    chainId: 4,
    timestampUs: 1_000_000n,
    producers: [publicKeyOf(producerSecret)],
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

/** A block at `height` whose one user transaction makes `changes`. */
export function blockAt(height: number, changes: readonly Change[]): StoredBlock {
  const name = Uint8Array.of(height);
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
        transactionCount: 2,
        transactionsRoot: ZERO_HASH,
        receiptsRoot: ZERO_HASH,
        stateRoot: ZERO_HASH,
      },
      signature: present(parseSignature(new Uint8Array(64)), "a signature"),
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
