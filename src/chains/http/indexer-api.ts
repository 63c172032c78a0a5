/**
 * The one question to an indexer that the official SDK asks on its own: how far it has come (REST
 * profile section 9). This chain has no indexer; its node is always up to date with itself.
 */
import { ok } from "#core/result.ts";
import type { AskedNode } from "../asked-node.ts";
import { lastVersion } from "../ledger/block.ts";
import type { Call } from "./api.ts";
import { type Answering, isRecord, parseJson, refuse } from "./message.ts";
import { type HttpHandler, routed } from "./router.ts";

const QUESTION = "processor_status";
const MICROSECONDS_PER_MILLISECOND = 1_000n;

export function createIndexerApi(node: AskedNode): HttpHandler {
  return routed({ "POST /graphql": query }, node, "v1");
}

function query(node: AskedNode, { request }: Call): Promise<Answering> {
  return Promise.resolve(answerQuery(node, parseJson(request.body)));
}

function answerQuery({ source }: AskedNode, json: ReturnType<typeof parseJson>): Answering {
  const text = isRecord(json) ? json["query"] : undefined;
  if (typeof text !== "string") return refuse("invalid_input", "The body is no GraphQL request.");
  if (!text.includes(QUESTION)) {
    const message = "This chain has no indexer; only processor_status is answered.";
    return ok({ json: { errors: [{ message }] } });
  }
  const { header } = source.tree.head.block;
  const milliseconds = Number(header.timestampUs / MICROSECONDS_PER_MILLISECOND);
  const status = {
    last_success_version: Number(lastVersion(header)),
    processor: "node",
    last_updated: new Date(milliseconds).toISOString(),
  };
  return ok({ json: { data: { [QUESTION]: [status] } } });
}
