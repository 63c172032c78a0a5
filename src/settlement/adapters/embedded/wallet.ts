/** Money for an account on a chain whose coins are play money. */
import type { ChainClient } from "#chains";
import { type Address, addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { makeStructTag } from "#core/type-tag.ts";

const BALANCE = present(parseFunctionId("0x1::coin::balance"), "a function");
const COIN = { kind: "struct", struct: makeStructTag("0x1::aptos_coin::AptosCoin") } as const;
const PAYMENT_TIMEOUT_MS = 20_000;

/** Units of the native coin; 0 for an account that does not exist. */
export async function balanceOf(client: ChainClient, address: Address): Promise<bigint> {
  const args = [addressToBytes(address)];
  const [bytes] = await client.view({ function: BALANCE, typeArgs: [COIN], args });
  return new BcsReader(present(bytes, "a view of one value")).u64();
}

/**
 * Asks the faucet unless the account holds `least` units; resolves when it does. Rejects with
 * `ChainError`.
 */
export async function fundFromFaucet(
  client: ChainClient,
  address: Address,
  least: bigint,
): Promise<void> {
  const held = await balanceOf(client, address);
  if (held >= least) return;
  const hash = await client.fund(address, least - held);
  await client.waitForTransaction(hash, PAYMENT_TIMEOUT_MS);
}
