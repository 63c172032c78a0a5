/** What an account holds in the native coin, on any chain that has the framework. */
import { type Address, addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { makeStructTag } from "#core/type-tag.ts";
import type { ChainReader } from "./chain-access.ts";
import { callOf } from "./contract/calls.ts";
import { decodeRecord } from "./contract/records.ts";

const COIN = { kind: "struct", struct: makeStructTag("0x1::aptos_coin::AptosCoin") } as const;

/** Units; 0 for an account that does not exist. Rejects as `ChainReader.view` does. */
export async function coinsOf(chain: Pick<ChainReader, "view">, of: Address): Promise<bigint> {
  const [bytes] = await chain.view(callOf("0x1::coin::balance", [addressToBytes(of)], [COIN]));
  return decodeRecord(present(bytes, "a view of one value"), (reader) => reader.u64());
}
