/** Signs transactions with an account's key, wherever that key is kept. Knows no chain state. */
import type { Address } from "#core/address.ts";
import { keyPairOf, type PublicKey, type SecretKey, type Signature } from "#core/ed25519.ts";
import {
  encodeRawTransaction,
  makeSignedTransaction,
  type RawTransaction,
  type SignedTransaction,
} from "./transaction.ts";
import { addressOfKey, signingMessage } from "./transaction-hash.ts";

/** An account's Ed25519 key behind a function, so that the secret can stay where it was made. */
export interface AccountSigner {
  readonly address: Address;
  readonly publicKey: PublicKey;
  readonly sign: (message: Uint8Array) => Signature;
}

export function accountSigner(secret: SecretKey): AccountSigner {
  const { publicKey, sign } = keyPairOf(secret);
  return { address: addressOfKey(publicKey), publicKey, sign };
}

export function signTransaction(raw: RawTransaction, signer: AccountSigner): SignedTransaction {
  const signature = signer.sign(signingMessage(encodeRawTransaction(raw)));
  return makeSignedTransaction(raw, { type: "ed25519", publicKey: signer.publicKey, signature });
}
