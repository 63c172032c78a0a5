/**
 * When a block is final, told from the headers of its branch alone (SPEC.md, "Finality"). A block
 * is its producer's vote, in its epoch, for the branch that it stands on; two thirds of the
 * producers in one epoch justify what the epoch began with, and two such epochs in a row make it
 * final. Each producer votes once an epoch and never goes back behind a justified block it has
 * voted from, so that no two branches can both become final while fewer than a third of the
 * producers break these rules. Knows neither tree nor network.
 */
import { type BcsReader } from "#core/bcs/reader.ts";
import type { BcsWriter } from "#core/bcs/writer.ts";
import type { ChainParameters } from "./parameters.ts";
import { epochAt, hasTurns } from "./turns.ts";

/** A block that stands for the beginning of an epoch: the last one below it. */
export interface Checkpoint {
  readonly epoch: bigint;
  readonly height: bigint;
}

/** What a block says of the branch it ends, all of it told by its ancestors and its own time. */
export interface Finality {
  /** Blocks of its epoch on this branch, itself included. */
  readonly votes: number;
  /** Height of the checkpoint of its epoch. */
  readonly base: bigint;
  /** The newest checkpoint that was justified before its epoch: what its vote starts from. */
  readonly source: Checkpoint;
  /** The newest checkpoint that is justified on this branch. */
  readonly justified: Checkpoint;
  /** Height of the newest block that this branch makes final. */
  readonly finalHeight: bigint;
}

/** The part of a header that the next block's finality depends on. */
export interface Standing {
  readonly height: bigint;
  readonly timestampUs: bigint;
  readonly finality: Finality;
}

/** Blocks in one epoch that justify its checkpoint: two thirds of the producers, rounded up. */
export function quorumOf({ producers }: ChainParameters): number {
  return Math.ceil((2 * producers.length) / 3);
}

export function genesisFinality(parameters: ChainParameters, timestampUs: bigint): Finality {
  const beginning = { epoch: epochAt(parameters, timestampUs), height: 0n };
  return { votes: 0, base: 0n, source: beginning, justified: beginning, finalHeight: 0n };
}

/** @param timestampUs of the block after `parent`. */
export function finalityAfter(
  parameters: ChainParameters,
  parent: Standing,
  timestampUs: bigint,
): Finality {
  const before = parent.finality;
  // Who makes all blocks alone confirms each with the next.
  if (!hasTurns(parameters)) return { ...before, votes: 1, finalHeight: parent.height };
  const epoch = epochAt(parameters, timestampUs);
  const isSameEpoch = epoch === epochAt(parameters, parent.timestampUs);
  const votes = isSameEpoch ? before.votes + 1 : 1;
  const base = isSameEpoch ? before.base : parent.height;
  const source = isSameEpoch ? before.source : before.justified;
  if (votes !== quorumOf(parameters)) return { ...before, votes, base, source };
  const followsOn = source.epoch === epoch - 1n;
  const finalHeight = followsOn ? source.height : before.finalHeight;
  return { votes, base, source, justified: { epoch, height: base }, finalHeight };
}

/** In BCS the fields in their order; a checkpoint is {epoch u64, height u64}. */
export function writeFinality(writer: BcsWriter, finality: Finality): void {
  writer.u32(finality.votes).u64(finality.base);
  writeCheckpoint(writer, finality.source);
  writeCheckpoint(writer, finality.justified);
  writer.u64(finality.finalHeight);
}

export function readFinality(reader: BcsReader): Finality {
  return {
    votes: reader.u32(),
    base: reader.u64(),
    source: readCheckpoint(reader),
    justified: readCheckpoint(reader),
    finalHeight: reader.u64(),
  };
}

export function isSameFinality(a: Finality, b: Finality): boolean {
  return (
    a.votes === b.votes &&
    a.base === b.base &&
    a.finalHeight === b.finalHeight &&
    isSameCheckpoint(a.source, b.source) &&
    isSameCheckpoint(a.justified, b.justified)
  );
}

function isSameCheckpoint(a: Checkpoint, b: Checkpoint): boolean {
  return a.epoch === b.epoch && a.height === b.height;
}

function writeCheckpoint(writer: BcsWriter, { epoch, height }: Checkpoint): void {
  writer.u64(epoch).u64(height);
}

function readCheckpoint(reader: BcsReader): Checkpoint {
  return { epoch: reader.u64(), height: reader.u64() };
}
