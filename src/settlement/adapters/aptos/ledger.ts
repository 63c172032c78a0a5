/** Where the chain stands: its newest block and version, its terms, and older blocks. */
import { fromHex } from "#core/bytes.ts";
import { parseHash } from "#core/hash.ts";
import type { BlockSummary } from "../../chain-access.ts";
import { trouble } from "../../settlement-error.ts";
import { u64Of } from "./committed.ts";
import { isRecord, type JsonRecord } from "./json.ts";
import type { Rest } from "./rest.ts";

export interface Ledger {
  readonly chainId: number;
  readonly version: bigint;
  readonly height: bigint;
  readonly timestampUs: bigint;
  /** Runs evidence of fraud again; chains of the lineage that are not ours do not. */
  readonly judgesFraud: boolean;
  /** Up to here nothing can be undone, where the chain says so beside the profile; as ours does. */
  readonly finalVersion?: bigint;
}

const FINAL = "final_ledger_version";

export async function readLedger(rest: Rest): Promise<Ledger> {
  const json = await record(rest, "");
  const { chain_id: chainId } = json;
  if (typeof chainId !== "number") throw trouble("BAD_ANSWER", "the chain does not say its id");
  return {
    chainId,
    version: u64Of(json, "ledger_version"),
    height: u64Of(json, "block_height"),
    timestampUs: u64Of(json, "ledger_timestamp"),
    judgesFraud: json["judges_fraud"] === true,
    ...(FINAL in json ? { finalVersion: u64Of(json, FINAL) } : {}),
  };
}

export async function readGasPrice(rest: Rest): Promise<bigint> {
  const { gas_estimate: price } = await record(rest, "/estimate_gas_price");
  if (typeof price !== "number" || !Number.isSafeInteger(price) || price < 0) {
    throw trouble("BAD_ANSWER", "the chain names no gas price");
  }
  return BigInt(price);
}

/** Undefined where the chain has no such block any more, or not yet. */
export async function readBlock(rest: Rest, height: bigint): Promise<BlockSummary | undefined> {
  const answer = await rest({ path: `/blocks/by_height/${height}` });
  if (!answer.ok || !isRecord(answer.json)) return undefined;
  const { block_hash: text } = answer.json;
  const bytes = typeof text === "string" ? fromHex(text) : undefined;
  const hash = bytes && parseHash(bytes);
  if (hash === undefined) throw trouble("BAD_ANSWER", `block ${height} has no hash`);
  const [firstVersion, lastVersion] = [
    u64Of(answer.json, "first_version"),
    u64Of(answer.json, "last_version"),
  ];
  return {
    height,
    hash,
    // One of them opens the block.
    transactionsCount: Number(lastVersion - firstVersion),
    timestampMs: u64Of(answer.json, "block_timestamp") / 1_000n,
    lastVersion,
  };
}

async function record(rest: Rest, path: string): Promise<JsonRecord> {
  const answer = await rest({ path });
  if (answer.ok && isRecord(answer.json)) return answer.json;
  const why = answer.ok ? "no object" : answer.refusal.message;
  throw trouble("BAD_ANSWER", `the chain answers ${path === "" ? "/" : path} with: ${why}`);
}
