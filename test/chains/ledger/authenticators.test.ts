// Every way to sign that the chain accepts, made by the official SDK: what it signed holds, and
// nothing else does.
import {
  Account,
  AccountAddress,
  AccountAuthenticatorNoAccountAuthenticator,
  ChainId,
  EntryFunction,
  MultiAgentTransaction,
  RawTransaction,
  SignedTransaction,
  SigningSchemeInput,
  SimpleTransaction,
  TransactionAuthenticatorFeePayer,
  TransactionAuthenticatorMultiAgent,
  TransactionAuthenticatorSingleSender,
  TransactionPayloadEntryFunction,
  U64,
} from "@aptos-labs/ts-sdk";
import { describe, expect, it } from "vitest";
import { formatAddress } from "#core/address.ts";
import {
  decodeSignedTransaction,
  makeSignedTransaction,
} from "../../../src/chains/ledger/transaction.ts";
import { verifySignatures } from "../../../src/chains/ledger/validation.ts";

const { Ed25519, Secp256k1Ecdsa } = SigningSchemeInput;
const SENDERS: readonly [string, Account][] = [
  ["Ed25519", Account.generate()],
  ["SingleKey Ed25519", Account.generate({ scheme: Ed25519, legacy: false })],
  ["SingleKey Secp256k1", Account.generate({ scheme: Secp256k1Ecdsa })],
];
const second = Account.generate({ scheme: Secp256k1Ecdsa });
const sponsor = Account.generate({ scheme: Ed25519, legacy: false });

function rawOf(sender: Account): RawTransaction {
  const call = EntryFunction.build(
    "0x1::aptos_account",
    "transfer",
    [],
    [sponsor.accountAddress, new U64(5)],
  );
  const payload = new TransactionPayloadEntryFunction(call);
  return new RawTransaction(
    sender.accountAddress,
    0n,
    payload,
    2_000n,
    1n,
    1_800_000_000n,
    new ChainId(4),
  );
}

/** One signer. */
function simple(sender: Account): Uint8Array {
  const raw = rawOf(sender);
  const authenticator = sender.signTransactionWithAuthenticator(new SimpleTransaction(raw));
  const single = new TransactionAuthenticatorSingleSender(authenticator);
  return new SignedTransaction(raw, single).bcsToBytes();
}

function multiAgent(sender: Account): Uint8Array {
  const raw = rawOf(sender);
  const addresses = [second.accountAddress];
  const transaction = new MultiAgentTransaction(raw, addresses);
  const authenticator = new TransactionAuthenticatorMultiAgent(
    sender.signTransactionWithAuthenticator(transaction),
    addresses,
    [second.signTransactionWithAuthenticator(transaction)],
  );
  return new SignedTransaction(raw, authenticator).bcsToBytes();
}

/** @param payerKnown whether the sender signs for the sponsor or for the address 0x0. */
function sponsored(sender: Account, payerKnown: boolean): Uint8Array {
  const raw = rawOf(sender);
  const addresses = [second.accountAddress];
  const payer = sponsor.accountAddress;
  const asSigned = payerKnown ? payer : AccountAddress.ZERO;
  const unsure = new MultiAgentTransaction(raw, addresses, asSigned);
  const sure = new MultiAgentTransaction(raw, addresses, payer);
  const authenticator = new TransactionAuthenticatorFeePayer(
    sender.signTransactionWithAuthenticator(unsure),
    addresses,
    [second.signTransactionWithAuthenticator(unsure)],
    { address: payer, authenticator: sponsor.signTransactionWithAuthenticator(sure) },
  );
  return new SignedTransaction(raw, authenticator).bcsToBytes();
}

function verdict(bytes: Uint8Array): string {
  const read = decodeSignedTransaction(bytes);
  if (!read.ok) return read.error.code;
  const verified = verifySignatures(read.value);
  return verified.ok ? "accepted" : (verified.error.status ?? "refused");
}

const KINDS: readonly [string, (sender: Account) => Uint8Array][] = [
  ["alone", simple],
  ["with a second signer", multiAgent],
  ["with a sponsor", (sender) => sponsored(sender, true)],
  ["with a sponsor it did not know", (sender) => sponsored(sender, false)],
];
const CASES = KINDS.flatMap(([kind, make]) =>
  SENDERS.map(([name, sender]) => [`${name} ${kind}`, make(sender), sender] as const),
);

describe("a transaction signed by", () => {
  it.each(CASES)("%s is read and written byte for byte, and holds", (_name, bytes, sender) => {
    const read = decodeSignedTransaction(bytes);
    if (!read.ok) throw new Error(read.error.message);
    expect(makeSignedTransaction(read.value.raw, read.value.authenticator).bytes).toEqual(bytes);
    const verified = verifySignatures(read.value);
    if (!verified.ok) throw new Error(verified.error.message);
    const { signers } = verified.value;
    expect(formatAddress(signers.sender)).toBe(sender.accountAddress.toString());
    // A fresh account's authentication key is its address.
    for (const { address, authenticationKey } of signers.cosigners) {
      expect(Buffer.from(authenticationKey).toString("hex")).toBe(address.slice(2));
    }
    expect(Buffer.from(signers.senderAuthenticationKey).toString("hex")).toBe(
      signers.sender.slice(2),
    );
  });

  it.each(CASES)("%s does not hold after any byte changes", (_name, bytes) => {
    // Every fifth byte, in a different bit: the whole would be thousands of curve operations.
    for (let at = 0; at < bytes.length; at += 5) {
      const altered = bytes.slice();
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      const read = decodeSignedTransaction(altered);
      if (!read.ok) continue;
      const verified = verifySignatures(read.value);
      if (!verified.ok) continue;
      // A key changes who signed, which the account's key then refuses; nothing else may pass.
      const { signers } = verified.value;
      const keys = [
        [signers.sender, signers.senderAuthenticationKey] as const,
        ...signers.cosigners.map((item) => [item.address, item.authenticationKey] as const),
      ];
      const own = keys.every(
        ([address, key]) => Buffer.from(key).toString("hex") === address.slice(2),
      );
      expect(own).toBe(false);
    }
  });
});

describe("signers that do not fit", () => {
  const [, sender] = SENDERS[0] ?? [];
  if (sender === undefined) throw new Error("a sender");
  const raw = rawOf(sender);

  it("are refused when one stands twice or lacks a signature", () => {
    const twice = [sender.accountAddress];
    const transaction = new MultiAgentTransaction(raw, twice);
    const own = sender.signTransactionWithAuthenticator(transaction);
    const doubled = new TransactionAuthenticatorMultiAgent(own, twice, [own]);
    expect(verdict(new SignedTransaction(raw, doubled).bcsToBytes())).toBe(
      "SIGNERS_CONTAIN_DUPLICATES",
    );
    const missing = new TransactionAuthenticatorMultiAgent(own, [second.accountAddress], []);
    expect(verdict(new SignedTransaction(raw, missing).bcsToBytes())).toBe(
      "SECONDARY_KEYS_ADDRESSES_COUNT_MISMATCH",
    );
  });

  it("are refused when nobody signed", () => {
    const nobody = new AccountAuthenticatorNoAccountAuthenticator();
    const single = new TransactionAuthenticatorSingleSender(nobody);
    expect(verdict(new SignedTransaction(raw, single).bcsToBytes())).toBe("INVALID_SIGNATURE");
  });

  it("are refused when the sponsor signed for somebody unknown", () => {
    const unsure = new MultiAgentTransaction(raw, [], AccountAddress.ZERO);
    const authenticator = new TransactionAuthenticatorFeePayer(
      sender.signTransactionWithAuthenticator(unsure),
      [],
      [],
      {
        address: sponsor.accountAddress,
        authenticator: sponsor.signTransactionWithAuthenticator(unsure),
      },
    );
    expect(verdict(new SignedTransaction(raw, authenticator).bcsToBytes())).toBe(
      "INVALID_SIGNATURE",
    );
  });

  it("are refused when the signature is that of another kind of transaction", () => {
    const plain = sender.signTransactionWithAuthenticator(new SimpleTransaction(raw));
    const claimed = new TransactionAuthenticatorMultiAgent(plain, [], []);
    expect(verdict(new SignedTransaction(raw, claimed).bcsToBytes())).toBe("INVALID_SIGNATURE");
  });
});
