/** What a shard's node asks of the root's contracts, by name. */
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { type FunctionId, parseFunctionId } from "#core/identifier.ts";
import type { ViewCall } from "../rpc/client.ts";

const GENESIS = functionId("0x30::shard_mgmt::get_genesis");

/** What a shard begins with; the view fails while the shard is not active. */
export function genesisView(shardId: bigint): ViewCall {
  return { function: GENESIS, args: [encodeBcs((writer) => writer.u64(shardId))] };
}

function functionId(text: string): FunctionId {
  return present(parseFunctionId(text), `not a function: ${text}`);
}
