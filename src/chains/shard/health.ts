/**
 * Whether a shard is well, for whoever runs it: that what must hold between the root and the shard
 * holds (I1 to I5), that no member signed two things, and how far behind each follows the other.
 */
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { equalBytes } from "#core/bytes.ts";
import { parseFunctionId } from "#core/identifier.ts";
import type { Metric } from "../http/metrics.ts";
import type { Health } from "../http/operations-api.ts";
import { nodeMetrics } from "../node-metrics.ts";
import type { ChainClient } from "../rpc/client.ts";
import {
  checkFigures,
  readRootFigures,
  readShardFigures,
  type ShardAccount,
  type Violation,
} from "./invariants.ts";
import type { ShardNode } from "./node.ts";

/** Reads of both chains that are tried until none was overtaken by a block. */
const READS_MAX = 5;
/** A block more is on its way. */
const BEHIND_BLOCKS_MAX = 1n;

/**
 * What is broken between the root and a shard; undefined where blocks came so fast that the two
 * could not be read as they were at one moment. Rejects with `ChainError`.
 */
export async function findViolations(
  root: ChainClient,
  shard: ChainClient,
  shardId: bigint,
): Promise<readonly Violation[] | undefined> {
  for (let read = 0; read < READS_MAX; read++) {
    const before = await value(shard, "get_shard_figures", []);
    const accounts = await readAccounts(root, shardId, before);
    const after = await value(shard, "get_shard_figures", []);
    if (equalBytes(before, after)) return checkFigures(accounts);
  }
  return undefined;
}

async function readAccounts(
  root: ChainClient,
  ownId: bigint,
  figures: Uint8Array,
): Promise<readonly ShardAccount[]> {
  const count = new BcsReader(await value(root, "get_shard_count", [], "shard_mgmt")).u64();
  const accounts: ShardAccount[] = [];
  for (let shardId = 1n; shardId <= count; shardId++) {
    const id = encodeBcs((writer) => writer.u64(shardId));
    const held = readRootFigures(await value(root, "get_root_figures", [id]));
    const shard = shardId === ownId ? readShardFigures(figures) : undefined;
    accounts.push({ shardId, root: held, shard });
  }
  return accounts;
}

async function value(
  client: ChainClient,
  name: string,
  args: readonly Uint8Array[],
  module = "shard_gas",
): Promise<Uint8Array> {
  const called = present(parseFunctionId(`0x30::${module}::${name}`), "a function");
  const [bytes] = await client.view({ function: called, args });
  return present(bytes, "the view returns a value");
}

/** For `/health/shards`. Never rejects: a root that does not answer is ill health. */
export async function shardHealth(
  node: ShardNode,
  root: ChainClient,
  shard: ChainClient,
): Promise<Health> {
  const standing = node.standing();
  // A node that is late has not seen all that the root was told.
  const isBehind = node.network.height() > standing.headHeight + BEHIND_BLOCKS_MAX;
  const violations = isBehind
    ? undefined
    : await findViolations(root, shard, node.shardId).catch(() => undefined);
  const { evidence, failure, relay } = standing;
  const isHealthy = violations?.length === 0 && failure === undefined;
  const json = {
    healthy: isHealthy,
    behind: isBehind,
    shard: node.shardId.toString(),
    deciding_height: standing.height?.toString() ?? null,
    round: standing.round ?? null,
    root_height: standing.rootHeight.toString(),
    taken_root_height: standing.takenHeight.toString(),
    violations: violations?.map(({ invariant, message }) => ({ invariant, message })) ?? null,
    evidence: evidence.map(({ member, height, round }) => {
      return { member, height: height.toString(), round };
    }),
    waiting_for_root: relay.waiting,
    trouble: relay.trouble ?? null,
    refusals: [...relay.refusals],
    failure: failure ?? null,
  };
  return { isHealthy, json };
}

/** For `/metrics`. */
export function shardMetrics(node: ShardNode): readonly Metric[] {
  const standing = node.standing();
  const labels = { shard: node.shardId.toString() };
  const metric = (
    type: Metric["type"],
    name: string,
    help: string,
    amount: bigint | number,
  ): Metric => {
    return { name: `holdfast_shard_${name}`, help, type, samples: [{ labels, value: amount }] };
  };
  const { evidence, failure, relay } = standing;
  return [
    ...nodeMetrics(node.node, node.network.count()),
    metric("gauge", "round", "Round in which the next block is decided.", standing.round ?? -1),
    metric("gauge", "root_height", "Final height of the root here.", standing.rootHeight),
    metric("gauge", "taken_root_height", "Height of the root taken in.", standing.takenHeight),
    metric("gauge", "waiting_for_root", "News that the root has not taken in.", relay.waiting),
    metric("counter", "evidence_total", "Members proved to sign twice.", evidence.length),
    metric("gauge", "failed", "1 where the node takes no part any more.", failure ? 1 : 0),
  ];
}
