/** The chain itself and its blocks: the REST profile's endpoints `/`, gas price and `/blocks`. */
import { ok } from "#core/result.ts";
import { lastVersion } from "../ledger/block.ts";
import type { StoredBlock } from "../ports.ts";
import { oldestKept } from "../state-history.ts";
import { transactionsOf } from "../store/block-records.ts";
import { type Api, type Call, parseU64 } from "./api.ts";
import { type Answering, hex, type JsonValue, refuse } from "./message.ts";
import { committedJson } from "./transaction-json.ts";

/** This chain has no epochs: one goes on for ever. */
const EPOCH = "1";

interface LedgerPosition {
  readonly chainId: number;
  readonly version: bigint;
  readonly oldestVersion: bigint;
  readonly timestampUs: bigint;
  readonly height: bigint;
  readonly oldestHeight: bigint;
  readonly finalVersion: bigint;
  readonly finalHeight: bigint;
}

async function positionOf({ node }: Api): Promise<LedgerPosition> {
  const { environment, tree } = node.source;
  const oldest = await oldestKept(node.source);
  const { header } = tree.head.block;
  return {
    chainId: environment.parameters.chainId,
    version: lastVersion(header),
    oldestVersion: oldest.version,
    timestampUs: header.timestampUs,
    height: header.height,
    oldestHeight: oldest.height,
    finalVersion: lastVersion(tree.final.block.header),
    finalHeight: tree.final.block.header.height,
  };
}

/** The headers that every answer about the ledger carries (profile section 2). */
export async function ledgerHeaders(api: Api): Promise<Record<string, string>> {
  const position = await positionOf(api);
  return {
    "x-aptos-chain-id": position.chainId.toString(),
    "x-aptos-ledger-version": position.version.toString(),
    "x-aptos-ledger-oldest-version": position.oldestVersion.toString(),
    "x-aptos-ledger-timestampusec": position.timestampUs.toString(),
    "x-aptos-epoch": EPOCH,
    "x-aptos-block-height": position.height.toString(),
    "x-aptos-oldest-block-height": position.oldestHeight.toString(),
  };
}

export async function getLedger(api: Api): Promise<Answering> {
  const position = await positionOf(api);
  const json = {
    chain_id: position.chainId,
    epoch: EPOCH,
    ledger_version: position.version.toString(),
    oldest_ledger_version: position.oldestVersion.toString(),
    ledger_timestamp: position.timestampUs.toString(),
    node_role: "full_node",
    // Beyond the profile: evidence of fraud is run again here, so that no member need vote on it.
    judges_fraud: true,
    block_height: position.height.toString(),
    oldest_block_height: position.oldestHeight.toString(),
    // Ours, beside the profile: up to here nothing can be undone.
    final_ledger_version: position.finalVersion.toString(),
    final_block_height: position.finalHeight.toString(),
  };
  return ok({ json });
}

export function getGasPrice({ node }: Api): Promise<Answering> {
  const price = Number(node.source.environment.parameters.minGasUnitPrice);
  const json = {
    deprioritized_gas_estimate: price,
    gas_estimate: price,
    prioritized_gas_estimate: price,
  };
  return Promise.resolve(ok({ json }));
}

export async function getBlockByHeight(api: Api, call: Call): Promise<Answering> {
  const [, , text] = call.path;
  const height = parseU64(text);
  if (height === undefined) return refuse("invalid_input", `"${text}" is no height.`);
  return blockAt(api, call, height);
}

export async function getBlockByVersion(api: Api, call: Call): Promise<Answering> {
  const [, , text] = call.path;
  const version = parseU64(text);
  if (version === undefined) return refuse("invalid_input", `"${text}" is no version.`);
  const { store, tree } = api.node.source;
  if (version > lastVersion(tree.head.block.header)) {
    return refuse("version_not_found", `There is no version ${version} yet.`);
  }
  const { version: oldest } = await oldestKept(api.node.source);
  if (version < oldest) {
    return refuse("version_pruned", `Version ${version} was forgotten; ${oldest} is the oldest.`);
  }
  const [found] = await store.transactionsFrom(version, 1);
  return blockAt(api, call, found?.height ?? 0n);
}

async function blockAt(api: Api, { query }: Call, height: bigint): Promise<Answering> {
  const { store, tree } = api.node.source;
  const stored = await store.blockAt(height);
  if (stored === undefined) {
    return height < tree.head.block.header.height
      ? refuse("block_pruned", `Block ${height} was forgotten.`)
      : refuse("block_not_found", `There is no block ${height} yet.`);
  }
  return ok({ json: blockJson(api, stored, query.get("with_transactions") === "true") });
}

function blockJson(api: Api, stored: StoredBlock, withTransactions: boolean): JsonValue {
  const { header } = stored.block;
  const transactions = withTransactions
    ? transactionsOf(stored).map((item) => committedJson(api.reading, item, header))
    : null;
  return {
    block_height: header.height.toString(),
    block_hash: hex(stored.hash),
    block_timestamp: header.timestampUs.toString(),
    first_version: header.firstVersion.toString(),
    last_version: lastVersion(header).toString(),
    transactions,
  };
}
