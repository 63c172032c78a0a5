/**
 * Blocks: a header that commits to what was executed and to the state after it, signed by its
 * producer. A block opens with a transaction of its own, the prologue, which takes the block's
 * first version.
 */
import type { Address } from "#core/address.ts";
import { type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { type BcsWriter, encodeBcs } from "#core/bcs/writer.ts";
import { concatBytes } from "#core/bytes.ts";
import {
  type PublicKey,
  parseSignature,
  SIGNATURE_SIZE,
  type Signature,
  verifyEd25519,
} from "#core/ed25519.ts";
import { domainHash, domainPrefix, type Hash } from "#core/hash.ts";
import { type Finality, readFinality, writeFinality } from "./finality.ts";
import { readHash } from "./receipt.ts";

/** What is fixed before anything of a block runs. */
export interface BlockOpening {
  readonly chainId: number;
  /** Genesis is 0. */
  readonly height: bigint;
  /** Hash of the block below; zero for genesis. */
  readonly parent: Hash;
  /** Microseconds since the Unix epoch, above the parent's. */
  readonly timestampUs: bigint;
  readonly proposer: Address;
  /** Version of the prologue. */
  readonly firstVersion: bigint;
  /** What this block says of the branch below it. */
  readonly finality: Finality;
}

export interface BlockHeader extends BlockOpening {
  /** Versions in this block, the prologue's included. */
  readonly transactionCount: number;
  /** Merkle root of the transactions' hashes. */
  readonly transactionsRoot: Hash;
  /** Merkle root of the receipts' hashes. */
  readonly receiptsRoot: Hash;
  /** Root of the state after the block. */
  readonly stateRoot: Hash;
}

export interface Block {
  readonly header: BlockHeader;
  /** By the proposer's key, over the header's hash. */
  readonly signature: Signature;
  /** What another chain has told this one, taken in before the transactions; none on the root. */
  readonly messages: readonly Uint8Array[];
  /** The exact bytes of the user transactions, in order. */
  readonly transactions: readonly Uint8Array[];
  /** Why the block is final, where others than its producer decide that; else empty. */
  readonly certificate: Uint8Array;
}

export function blockHash(header: BlockHeader): Hash {
  return domainHash("Block", encodeBlockHeader(header));
}

/** What a producer signs for a header. */
export function blockSigningMessage(header: BlockHeader): Uint8Array {
  return concatBytes(domainPrefix("BlockSignature"), blockHash(header));
}

export function isSignedBy(block: Block, proposer: PublicKey): boolean {
  return verifyEd25519(blockSigningMessage(block.header), block.signature, proposer);
}

/**
 * The name of the transaction that opens a block; genesis has one too. It names the block's
 * messages, which that transaction takes in.
 */
export function prologueHash(opening: BlockOpening, messages: readonly Uint8Array[]): Hash {
  const bytes = encodeBcs((writer) => {
    writeOpening(writer, opening);
    writeList(writer, messages);
  });
  return domainHash("BlockPrologue", bytes);
}

/** The version of the last transaction of a block. */
export function lastVersion(header: BlockHeader): bigint {
  return header.firstVersion + BigInt(header.transactionCount) - 1n;
}

export function encodeBlockHeader(header: BlockHeader): Uint8Array {
  return encodeBcs((writer) => writeBlockHeader(writer, header));
}

export function encodeBlock(block: Block): Uint8Array {
  return encodeBcs((writer) => writeBlock(writer, block));
}

/** Throws `BcsError`. */
export function decodeBlock(bytes: Uint8Array): Block {
  return decodeBcs(bytes, readBlock);
}

export function writeBlock(writer: BcsWriter, block: Block): void {
  writeBlockHeader(writer, block.header);
  writer.fixed(block.signature);
  writeList(writer, block.messages);
  writeList(writer, block.transactions);
  writer.bytes(block.certificate);
}

export function readBlock(reader: BcsReader): Block {
  return {
    header: readBlockHeader(reader),
    signature: readSignature(reader),
    messages: readList(reader),
    transactions: readList(reader),
    certificate: reader.bytes().slice(),
  };
}

function writeList(writer: BcsWriter, items: readonly Uint8Array[]): void {
  writer.vector(items, (out, bytes) => out.bytes(bytes));
}

function readList(reader: BcsReader): readonly Uint8Array[] {
  return reader.vector((item) => item.bytes().slice());
}

function writeOpening(writer: BcsWriter, opening: BlockOpening): void {
  writer.u8(opening.chainId).u64(opening.height).fixed(opening.parent);
  writer.u64(opening.timestampUs).address(opening.proposer).u64(opening.firstVersion);
  writeFinality(writer, opening.finality);
}

export function writeBlockHeader(writer: BcsWriter, header: BlockHeader): void {
  writeOpening(writer, header);
  writer.u32(header.transactionCount);
  writer.fixed(header.transactionsRoot).fixed(header.receiptsRoot).fixed(header.stateRoot);
}

export function readBlockHeader(reader: BcsReader): BlockHeader {
  return {
    chainId: reader.u8(),
    height: reader.u64(),
    parent: readHash(reader),
    timestampUs: reader.u64(),
    proposer: reader.address(),
    firstVersion: reader.u64(),
    finality: readFinality(reader),
    transactionCount: reader.u32(),
    transactionsRoot: readHash(reader),
    receiptsRoot: readHash(reader),
    stateRoot: readHash(reader),
  };
}

function readSignature(reader: BcsReader): Signature {
  const signature = parseSignature(reader.fixed(SIGNATURE_SIZE).slice());
  return signature ?? reader.fail("BAD_VALUE", "not a signature");
}
