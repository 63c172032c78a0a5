/** Where a node's key is: it signs, and never gives the key away. */
import type { Address } from "#core/address.ts";
import { err, ok, type Result } from "#core/result.ts";
import { type AccountSigner, signTransaction } from "../ledger/account-signer.ts";
import type { RawTransaction, SignedTransaction } from "../ledger/transaction.ts";
import type { WalletState } from "./commit/machine.ts";

/** Never rejects: a wallet that cannot be asked is locked. */
export interface Wallet {
  readonly address: Address;
  state(): Promise<WalletState>;
  /** Refuses with its state when it cannot sign. */
  sign(raw: RawTransaction): Promise<Result<SignedTransaction, WalletState>>;
}

/** A wallet that is this process's own and always open. */
export function keyWallet(signer: AccountSigner): Wallet {
  return lockableWallet(signer, () => "ready");
}

/** A wallet that somebody else opens and locks. */
export function lockableWallet(signer: AccountSigner, state: () => WalletState): Wallet {
  return {
    address: signer.address,
    state: () => Promise.resolve(state()),
    sign: (raw) => {
      const now = state();
      return Promise.resolve(now === "ready" ? ok(signTransaction(raw, signer)) : err(now));
    },
  };
}
