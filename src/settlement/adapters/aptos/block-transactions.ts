/** The transactions of a block as an endpoint shows them (REST profile section 5), in short. */
import { parseAddress } from "#core/address.ts";
import { fromHex } from "#core/bytes.ts";
import { parseHash } from "#core/hash.ts";
import { parseFunctionId } from "#core/identifier.ts";
import type { TransactionSummary } from "../../chain-access.ts";
import { trouble } from "../../settlement-error.ts";
import { u64Of } from "./committed.ts";
import { isList, isRecord, type JsonRecord, type JsonValue } from "./json.ts";
import type { Rest } from "./rest.ts";

const USERS = "user_transaction";

/** Undefined where the chain has no such block any more, or not yet. */
export async function readBlockTransactions(
  rest: Rest,
  height: bigint,
): Promise<readonly TransactionSummary[] | undefined> {
  const answer = await rest({ path: `/blocks/by_height/${height}?with_transactions=true` });
  if (!answer.ok || !isRecord(answer.json)) return undefined;
  const { transactions } = answer.json;
  if (!isList(transactions)) throw trouble("BAD_ANSWER", `block ${height} has no transactions`);
  return transactions.flatMap(summary);
}

/** None for what the chain itself does, as it opens a block. */
function summary(json: JsonValue): readonly TransactionSummary[] {
  if (!isRecord(json) || json["type"] !== USERS) return [];
  const { sender, success, vm_status: statusText } = json;
  const from = typeof sender === "string" ? parseAddress(sender) : undefined;
  if (from === undefined || typeof success !== "boolean" || typeof statusText !== "string") {
    throw trouble("BAD_ANSWER", "a transaction has no sender, or no outcome");
  }
  return [
    {
      version: u64Of(json, "version"),
      hash: hashOf(json),
      sender: from,
      function: functionOf(json["payload"]),
      isExecuted: success,
      statusText,
      gasUsed: u64Of(json, "gas_used"),
    },
  ];
}

function hashOf(json: JsonRecord): TransactionSummary["hash"] {
  const bytes = typeof json["hash"] === "string" ? fromHex(json["hash"]) : undefined;
  const hash = bytes && parseHash(bytes);
  if (hash === undefined) throw trouble("BAD_ANSWER", "a transaction has no hash");
  return hash;
}

/** Other chains of the lineage have payloads that call no single function. */
function functionOf(payload: JsonValue | undefined): TransactionSummary["function"] {
  const name = isRecord(payload) ? payload["function"] : undefined;
  return typeof name === "string" ? parseFunctionId(name) : undefined;
}
