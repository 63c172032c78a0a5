/** The faucet over HTTP, as the official SDK asks for it: `POST /fund` (REST profile section 3). */
import { parseAddress } from "#core/address.ts";
import { ok } from "#core/result.ts";
import type { AskedNode } from "../asked-node.ts";
import type { Call } from "./api.ts";
import { type Answering, isRecord, parseJson, refuse } from "./message.ts";
import { type HttpHandler, routed } from "./router.ts";
import { hashesJson } from "./transaction-endpoints.ts";

export function createFaucetApi(node: AskedNode): HttpHandler {
  return routed({ "POST /fund": fund, "GET /": greet }, node, "");
}

/** `{address, amount}`; answers with the hash of the payment, which the node knows from then on. */
async function fund(node: AskedNode, { request }: Call): Promise<Answering> {
  const json = parseJson(request.body);
  if (!isRecord(json)) return refuse("invalid_input", "The body is no JSON object.");
  const { address: text, amount } = json;
  const address = typeof text === "string" ? parseAddress(text) : undefined;
  if (address === undefined) return refuse("invalid_input", "`address` is no address.");
  if (typeof amount !== "number" || !Number.isSafeInteger(amount) || amount < 0) {
    return refuse("invalid_input", "`amount` is no whole number of units.");
  }
  const paid = await node.ask({ type: "fund", address, amount: BigInt(amount) });
  if (!paid.ok) return paid;
  if (paid.value.type !== "submitted") return refuse("internal_error", "The faucet did not pay.");
  return ok({ json: hashesJson([paid.value.hash]) });
}

function greet(): Promise<Answering> {
  return Promise.resolve(ok({ json: "The faucet is open: POST /fund." }));
}
