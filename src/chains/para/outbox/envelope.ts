/** Makes a root transaction of a call: asks for its number and price, and has it signed. */
import { gasUnits } from "#core/gas-units.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { EntryFunctionCall } from "../../ledger/transaction.ts";
import type { Clock } from "../../ports.ts";
import type { WalletState } from "../commit/machine.ts";
import type { RootAccess } from "../root-access.ts";
import type { Wallet } from "../wallet.ts";
import type { Envelope } from "./flight.ts";

/** How long a signed transaction may wait for a block. */
const LIFETIME_SECS = 120n;
const MILLISECONDS_PER_SECOND = 1_000n;

export interface Order {
  readonly call: EntryFunctionCall;
  /** Gas units that it may use. */
  readonly maxGas: bigint;
  /** Raises the price, so that it takes the place of an earlier one that still waits. */
  readonly attempt: number;
}

/**
 * Refuses with the wallet's state, "ready" where the root node did not answer.
 */
export async function seal(
  root: RootAccess,
  wallet: Wallet,
  clock: Clock,
  { call, maxGas, attempt }: Order,
): Promise<Result<Envelope, WalletState>> {
  try {
    const { gasUnitPrice, chainId } = await root.head();
    const signed = await wallet.sign({
      sender: wallet.address,
      sequenceNumber: await root.sequenceNumber(wallet.address),
      payload: { type: "entryFunction", call },
      maxGas: gasUnits(maxGas),
      gasUnitPrice: gasUnitPrice + BigInt(attempt),
      expirationSecs: clock.now() / MILLISECONDS_PER_SECOND + LIFETIME_SECS,
      chainId,
    });
    return signed.ok ? ok({ hash: signed.value.hash, bytes: signed.value.bytes }) : signed;
  } catch {
    return err("ready");
  }
}
