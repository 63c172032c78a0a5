/**
 * Coins for accounts on a network for development, from its faucet. The faucet's account is
 * everybody's, and so are others that a network begins with: whoever was overtaken by another
 * transaction of the same account tries again.
 */
import { type Address, addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { type FunctionId, parseFunctionId } from "#core/identifier.ts";
import { parseTypeTag } from "#core/type-tag.ts";
import type { Clock } from "../ports.ts";
import { type ChainClient, ChainError } from "../rpc/client.ts";

const WAIT_MS = 30_000;
const PAUSE_MS = 500;
/** As many who use one account at once, each a few times. */
const TRIES_MAX = 50;

const BALANCE = functionId("0x1::coin::balance");
const COIN = present(parseTypeTag("0x1::aptos_coin::AptosCoin"), "the coin");

/** Sees to it that an account has half of `amount` units at least. Rejects with `ChainError`. */
export async function provide(
  client: ChainClient,
  clock: Clock,
  address: Address,
  amount: bigint,
): Promise<void> {
  await untilTaken(clock, async () => {
    const args = [addressToBytes(address)];
    const [bytes] = await client.view({ function: BALANCE, typeArgs: [COIN], args });
    if (new BcsReader(present(bytes, "a balance")).u64() >= amount / 2n) return;
    await client.waitForTransaction(await client.fund(address, amount), WAIT_MS);
  });
}

/** Does `work`, and again where a transaction of its was overtaken by another of its account. */
export async function untilTaken<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isOvertaken(error) || tries === TRIES_MAX) throw error;
    }
    await new Promise<void>((resolve) => {
      clock.after(PAUSE_MS, resolve);
    });
  }
}

function isOvertaken(error: unknown): boolean {
  if (!(error instanceof ChainError)) return false;
  switch (error.code) {
    case "transaction_not_found":
    case "sequence_number_too_old":
    case "invalid_transaction_update":
      return true;
    default:
      return error.status === "SEQUENCE_NUMBER_TOO_OLD";
  }
}

function functionId(text: string): FunctionId {
  return present(parseFunctionId(text), `not a function: ${text}`);
}
