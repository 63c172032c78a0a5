// What settling costs on chain, whatever was played before, and how fast the node is. The channel
// that is settled stands among the tests; a published package does not have it.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CommandError } from "../command-error.ts";
import { benchNode, type NodeBenchOptions, type NodeMetrics } from "./node.ts";

const PLACE = new URL("../../test/chains/contracts/settlement-cost.ts", import.meta.url);

export interface SettleBenchOptions extends NodeBenchOptions {
  /** Calls before the first settlement, and before the second. */
  readonly few: number;
  readonly many: number;
}

interface Growth {
  readonly gas_1k: number;
  readonly gas_100k: number;
  /** How much dearer the second is, as a part of the first. */
  readonly growth: number;
}

export interface SettleMetrics extends Growth, NodeMetrics {
  readonly adapters: { readonly root: Growth };
}

interface Cost {
  readonly gas: number;
}

type SettlementCost = (calls: number) => Cost;

/** Throws a `CommandError` where this installation does not have what is measured. */
export async function benchSettle(options: SettleBenchOptions): Promise<SettleMetrics> {
  const settlementCost = await loadCost();
  const [few, many] = [settlementCost(options.few).gas, settlementCost(options.many).gas];
  const growth: Growth = { gas_1k: few, gas_100k: many, growth: many / few - 1 };
  // The root's adapter sends these very transactions, one for each command.
  return { ...growth, ...(await benchNode(options)), adapters: { root: growth } };
}

async function loadCost(): Promise<SettlementCost> {
  const loaded: unknown = existsSync(fileURLToPath(PLACE)) ? await import(PLACE.href) : undefined;
  if (hasCost(loaded)) return loaded.settlementCost;
  const message = "The settlement that is measured belongs to a checkout, and this is none.";
  throw new CommandError("BENCH_FILES_MISSING", message);
}

function hasCost(value: unknown): value is { readonly settlementCost: SettlementCost } {
  return typeof value === "object" && value !== null && "settlementCost" in value;
}
