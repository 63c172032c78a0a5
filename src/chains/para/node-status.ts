/**
 * What a node of a parallel chain says of one of its blocks: the seed's `ParacrossNodeStatus`, its
 * bytes, and how it is told from what the store keeps of the block. A block's first transaction
 * carries where it stands on the root chain, so nothing else need be kept for it.
 */
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { domainHash, type Hash } from "#core/hash.ts";
import { isExecuted } from "#core/status.ts";
import type { StoredBlock } from "../ports.ts";
import { type Bitmap, makeBitmap, readBitmapBytes, writeBitmap } from "./bitmap.ts";
import { crossResultsOf, type MinerRecord, minerRecordOf } from "./contract.ts";
import type { RootPlace } from "./root-block.ts";
import type { Title } from "./title.ts";

export interface NodeStatus {
  readonly mainBlockHash: Uint8Array;
  readonly mainBlockHeight: bigint;
  readonly title: string;
  readonly height: bigint;
  readonly preBlockHash: Uint8Array;
  readonly blockHash: Uint8Array;
  readonly preStateHash: Uint8Array;
  readonly stateHash: Uint8Array;
  readonly txCounts: number;
  readonly txResult: Bitmap;
  readonly txHashes: readonly Uint8Array[];
  readonly crossTxResult: Bitmap;
  readonly crossTxHashes: readonly Uint8Array[];
}

const NOTHING = new Uint8Array();
const NO_BITS: Bitmap = makeBitmap([]);

/** The status of a block that is kept; genesis stands on no root block, and says only its hash. */
export function statusOf(title: Title, { hash, block, receipts }: StoredBlock): NodeStatus {
  const { height, stateRoot } = block.header;
  const opening = present(receipts[0], "a block is opened");
  const miner = height === 0n ? undefined : minerRecordOf(opening);
  const packed = height === 0n ? [] : receipts.slice(1);
  const cross = height === 0n ? [] : crossResultsOf(opening);
  return {
    mainBlockHash: miner?.mainBlockHash ?? NOTHING,
    mainBlockHeight: miner?.mainBlockHeight ?? 0n,
    title,
    height,
    preBlockHash: miner?.preBlockHash ?? NOTHING,
    blockHash: hash,
    preStateHash: miner?.preStateHash ?? NOTHING,
    stateHash: stateRoot,
    txCounts: packed.length,
    txResult: makeBitmap(packed.map(({ status }) => isExecuted(status))),
    txHashes: packed.map(({ transactionHash }) => transactionHash),
    crossTxResult: cross.length === 0 ? NO_BITS : makeBitmap(cross.map(({ isOk }) => isOk)),
    crossTxHashes: cross.map((result) => result.hash),
  };
}

/** The root block that a kept block was built from; undefined for genesis. */
export function rootPlaceOf({ block, receipts }: StoredBlock): RootPlace | undefined {
  if (block.header.height === 0n) return undefined;
  const record: MinerRecord = minerRecordOf(present(receipts[0], "a block is opened"));
  return { height: record.mainBlockHeight, hash: record.mainBlockHash };
}

/** By which votes are told apart: all of a status counts, not its block hash alone. */
export function statusHash(encoded: Uint8Array): Hash {
  return domainHash("NodeStatus", encoded);
}

export function encodeStatus(status: NodeStatus): Uint8Array {
  return encodeBcs((writer) => {
    writer.bytes(status.mainBlockHash).u64(status.mainBlockHeight).string(status.title);
    writer.u64(status.height).bytes(status.preBlockHash).bytes(status.blockHash);
    writer.bytes(status.preStateHash).bytes(status.stateHash).u32(status.txCounts);
    writeBitmap(writer, status.txResult);
    writer.vector(status.txHashes, (out, hash) => out.bytes(hash));
    writeBitmap(writer, status.crossTxResult);
    writer.vector(status.crossTxHashes, (out, hash) => out.bytes(hash));
  });
}

/** Throws `BcsError`. */
export function decodeStatus(bytes: Uint8Array): NodeStatus {
  return decodeBcs(bytes, (reader) => ({
    mainBlockHash: reader.bytes().slice(),
    mainBlockHeight: reader.u64(),
    title: reader.string(),
    height: reader.u64(),
    preBlockHash: reader.bytes().slice(),
    blockHash: reader.bytes().slice(),
    preStateHash: reader.bytes().slice(),
    stateHash: reader.bytes().slice(),
    txCounts: reader.u32(),
    txResult: readBitmapBytes(reader),
    txHashes: reader.vector((item) => item.bytes().slice()),
    crossTxResult: readBitmapBytes(reader),
    crossTxHashes: reader.vector((item) => item.bytes().slice()),
  }));
}
