/**
 * What a member does before it votes for a block: it reads it, compares what it brings from the
 * root with what the root says here, and executes it.
 */
import { BcsError } from "#core/bcs/reader.ts";
import { equalBytes } from "#core/bytes.ts";
import { type Block, blockHash, decodeBlock } from "../ledger/block.ts";
import { runBlock } from "../ledger/block-execution.ts";
import type { ExecutedBlock } from "../ledger/executed-block.ts";
import type { ExecutionEnvironment } from "../ledger/user-transaction.ts";
import type { Value } from "./consensus/messages.ts";
import type { FeedVerdict, RootFeed } from "./root-feed.ts";
import { objectionToMaker, type TriedBlocks } from "./shard-kind.ts";
import { readRootCursor } from "./shard-state.ts";

const MICROSECONDS_PER_MILLISECOND = 1_000n;
/** How far ahead of our clock a proposer's may be. */
const AHEAD_MS_MAX = 2_000n;

/** Unknown where this node's root has to come further first. */
export function checkBlock(
  environment: ExecutionEnvironment,
  head: ExecutedBlock,
  feed: RootFeed,
  tried: TriedBlocks,
  nowMs: bigint,
  value: Value,
): FeedVerdict {
  const block = readBlock(value.block);
  if (block === undefined) return "wrong";
  const { header, messages, certificate } = block;
  const { hash, stateRoot } = value.choice;
  const isNamed = equalBytes(blockHash(header), hash) && equalBytes(header.stateRoot, stateRoot);
  if (!isNamed || certificate.length > 0) return "wrong";
  if (tried.get(hash) !== undefined) return "right";
  const aheadMs = header.timestampUs / MICROSECONDS_PER_MILLISECOND - nowMs;
  if (aheadMs > AHEAD_MS_MAX) return "wrong";
  if (!equalBytes(header.parent, head.hash) || objectionToMaker(head, block)) return "wrong";
  const told = feed.judge(readRootCursor(head.state), messages);
  if (told !== "right") return told;
  const executed = runBlock(environment, head, block);
  if (!executed.ok) return "wrong";
  tried.add(executed.value);
  return "right";
}

/** Undefined for bytes that are no block. */
export function readBlock(bytes: Uint8Array): Block | undefined {
  try {
    return decodeBlock(bytes);
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}
