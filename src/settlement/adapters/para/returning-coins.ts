/**
 * Brings an account's coins back from a parallel chain to the root. It is asked for on the root,
 * whose blocks the parallel chain is made of; from there on it comes to its end by itself: the
 * parallel chain takes the coins, its nodes agree that it did, and the root pays.
 */
import type { Clock } from "#channel";
import { callOutcome } from "../../call-outcome.ts";
import type { ChainAccess } from "../../chain-access.ts";
import { coinsOf } from "../../coins.ts";
import { outboxOf } from "../../outbox.ts";
import { SettlementError } from "../../settlement-error.ts";
import { CROSSING_GAS, isCrossingRepeated, readCrossings, withdrawCoins } from "./contract.ts";

/** Less than this is not worth the root's fee. */
const WORTHWHILE = 2n * CROSSING_GAS;

/**
 * Asks back all that the account holds, and tells how many units that is: 0 where nothing is worth
 * it, or where another life of the account has just asked. Rejects as sending on the root does.
 */
export async function withdrawAll(
  root: ChainAccess,
  para: Pick<ChainAccess, "view" | "account">,
  title: string,
  clock: Clock,
): Promise<bigint> {
  const { account } = para;
  const held = await coinsOf(para, account);
  if (held < WORTHWHILE) return 0n;
  const { count } = await readCrossings(root, title, account);
  try {
    const call = withdrawCoins(title, account, held, count);
    callOutcome(await outboxOf(root, clock).send(call));
  } catch (error) {
    if (!(error instanceof SettlementError) || !isCrossingRepeated(error)) throw error;
    return 0n;
  }
  return held;
}
