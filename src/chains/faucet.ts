/**
 * Gives play money away: the faucet's account holds the supply, and its key is public
 * (`genesis.ts`). Knows the state and the pool only to number its transactions.
 */
import { type Address, addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { gasUnits } from "#core/gas-units.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { NodeMachine } from "./core/node-machine.ts";
import { faucetSigner } from "./genesis.ts";
import { type AccountSigner, signTransaction } from "./ledger/account-signer.ts";
import { readAccount } from "./ledger/framework.ts";
import { nextFreeNumber } from "./ledger/mempool.ts";
import { type Refusal, refusal } from "./ledger/refusal.ts";

/** Most units that one request gets: 10^6 coins. */
export const FAUCET_AMOUNT_MAX = 10_000_000_000n;

const TRANSFER = present(parseFunctionId("0x1::aptos_account::transfer"), "a function");
const MAX_GAS = gasUnits(100_000n);
const LIFETIME_SECS = 60n;

let signer: AccountSigner | undefined;

/** A signed payment of `amount` units, ready to be submitted. */
export function faucetPayment(
  machine: NodeMachine,
  to: Address,
  amount: bigint,
): Result<Uint8Array, Refusal> {
  if (amount === 0n || amount > FAUCET_AMOUNT_MAX) {
    const message = `The faucet gives 1 to ${FAUCET_AMOUNT_MAX} units at a time, not ${amount}.`;
    return err(refusal("invalid_input", message));
  }
  signer ??= faucetSigner();
  const { pool, tree, environment, nowMs } = machine;
  const { sequenceNumber } = readAccount(tree.head.state, signer.address);
  const { bytes } = signTransaction(
    {
      sender: signer.address,
      sequenceNumber: nextFreeNumber(pool, signer.address, sequenceNumber),
      payload: {
        type: "entryFunction",
        call: {
          function: TRANSFER,
          typeArgs: [],
          args: [addressToBytes(to), encodeBcs((writer) => writer.u64(amount))],
        },
      },
      maxGas: MAX_GAS,
      gasUnitPrice: environment.parameters.minGasUnitPrice,
      expirationSecs: nowMs / 1_000n + LIFETIME_SECS,
      chainId: environment.parameters.chainId,
    },
    signer,
  );
  return ok(bytes);
}
