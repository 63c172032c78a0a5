// What settling costs on chain, whatever was played before, how fast the node is, and what it costs
// and takes by each adapter. What is settled stands among the tests; a published package does not
// have it.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CommandError } from "../command-error.ts";
import { benchNode, type NodeBenchOptions, type NodeMetrics } from "./node.ts";

const PLACE = new URL("../../test/chains/contracts/settlement-cost.ts", import.meta.url);
const FIGURES = new URL("../../test/settlement/settlement-figures.ts", import.meta.url);
type AdapterName = "root" | "aptos" | "shard" | "para";

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

/** Times are the chains' own: until a block has it, and until everybody is told of it for good. */
interface AdapterMetrics extends Growth {
  readonly soft_ms: number;
  readonly hard_ms: number;
}

export interface SettleMetrics extends Growth, NodeMetrics {
  readonly adapters: Readonly<Record<AdapterName, AdapterMetrics>>;
}

interface Cost {
  readonly gas: number;
}

type SettlementCost = (calls: number) => Cost;

interface Figures extends Cost {
  readonly softMs: number;
  readonly hardMs: number;
}

type SettlementFigures = (place: string, calls: number) => Promise<Figures>;

/** Throws a `CommandError` where this installation does not have what is measured. */
export async function benchSettle(options: SettleBenchOptions): Promise<SettleMetrics> {
  const settlementCost = await loadCost();
  const figures = await loadFigures();
  const growth = growthOf(settlementCost(options.few), settlementCost(options.many));
  const node = await benchNode(options);
  const adapters = {
    root: await benchAdapter(figures, "root", options),
    aptos: await benchAdapter(figures, "aptos", options),
    shard: await benchAdapter(figures, "shard", options),
    para: await benchAdapter(figures, "para", options),
  };
  return { ...growth, ...node, adapters };
}

async function benchAdapter(
  figures: SettlementFigures,
  place: AdapterName,
  { few, many }: SettleBenchOptions,
): Promise<AdapterMetrics> {
  const [early, late] = [await figures(place, few), await figures(place, many)];
  return { ...growthOf(early, late), soft_ms: late.softMs, hard_ms: late.hardMs };
}

function growthOf({ gas: few }: Cost, { gas: many }: Cost): Growth {
  return { gas_1k: few, gas_100k: many, growth: many / few - 1 };
}

async function loadCost(): Promise<SettlementCost> {
  const loaded: unknown = existsSync(fileURLToPath(PLACE)) ? await import(PLACE.href) : undefined;
  if (hasCost(loaded)) return loaded.settlementCost;
  const message = "The settlement that is measured belongs to a checkout, and this is none.";
  throw new CommandError("BENCH_FILES_MISSING", message);
}

async function loadFigures(): Promise<SettlementFigures> {
  const loaded: unknown = existsSync(fileURLToPath(FIGURES))
    ? await import(FIGURES.href)
    : undefined;
  if (hasFigures(loaded)) return loaded.settlementFigures;
  const message = "The chains that are settled on belong to a checkout, and this is none.";
  throw new CommandError("BENCH_FILES_MISSING", message);
}

function hasFigures(value: unknown): value is { readonly settlementFigures: SettlementFigures } {
  return typeof value === "object" && value !== null && "settlementFigures" in value;
}

function hasCost(value: unknown): value is { readonly settlementCost: SettlementCost } {
  return typeof value === "object" && value !== null && "settlementCost" in value;
}
