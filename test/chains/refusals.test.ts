// Everything that can be wrong with a transaction: the profile's code, and nothing changed.
import { describe, expect, it } from "vitest";
import { ChainError, type SignedTransaction, signTransaction, vmStatusText } from "#chains";
import { addressToBytes, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { fromHex, toHex } from "#core/bytes.ts";
import { parsePublicKey, parseSignature } from "#core/ed25519.ts";
import { gasUnits } from "#core/gas-units.ts";
import { contractModules } from "../../src/chains/contract-modules.ts";
import type { Ed25519Proof } from "../../src/chains/ledger/account-authenticator.ts";
import { makeSignedTransaction } from "../../src/chains/ledger/transaction.ts";
import { addressOfKey } from "../../src/chains/ledger/transaction-hash.ts";
import { deserializeModule } from "../../src/sandbox/binary-format/deserializer.ts";
import { serializeModule } from "../../src/sandbox/binary-format/serializer.ts";
import {
  accountNamed,
  balanceOf,
  commit,
  fund,
  rawTransaction,
  START_MS,
  startChain,
  type TestChain,
  transferTo,
  u64,
} from "./fixture.ts";
import { publishArguments } from "./package-metadata.ts";

const alice = accountNamed("alice");
const bob = accountNamed("bob");
const FUNDED = 1_000_000n;

/** The code with which the chain refuses these bytes; "accepted" if it does not. */
async function refusalOf(chain: TestChain, bytes: Uint8Array): Promise<string> {
  try {
    await chain.client.submit(bytes);
    return "accepted";
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    return error.status ?? error.code;
  }
}

async function stateRoot({ client }: TestChain): Promise<string> {
  const { height } = await client.ledger();
  return toHex(present(await client.block(height), "the head").block.header.stateRoot);
}

async function fundedChain(): Promise<TestChain> {
  const chain = await startChain({ settings: { idleBlockIntervalMs: 1_000_000_000n } });
  await fund(chain, alice.address, FUNDED);
  return chain;
}

describe("a transaction is refused, and nothing changes, when", () => {
  const nowSecs = START_MS / 1_000n;
  const cases: [string, string, () => Uint8Array][] = [
    ["its signature is for other bytes", "INVALID_SIGNATURE", tampered],
    ["it is too large", "EXCEEDED_MAX_TRANSACTION_SIZE", () => new Uint8Array(270_000)],
    ["it is no transaction", "invalid_input", () => Uint8Array.of(1, 2, 3)],
    ["it is empty", "invalid_input", () => new Uint8Array()],
    [
      "it allows too much gas",
      "MAX_GAS_UNITS_EXCEEDS_MAX_GAS_UNITS_BOUND",
      () => transferTo(alice, 0n, bob.address, 1n, { maxGas: gasUnits(2_000_001n) }).bytes,
    ],
    [
      "it allows too little gas",
      "MAX_GAS_UNITS_BELOW_MIN_TRANSACTION_GAS_UNITS",
      () => transferTo(alice, 0n, bob.address, 1n, { maxGas: gasUnits(1n) }).bytes,
    ],
    [
      "its gas is priced too low",
      "GAS_UNIT_PRICE_BELOW_MIN_BOUND",
      () => transferTo(alice, 0n, bob.address, 1n, { gasUnitPrice: 0n }).bytes,
    ],
    [
      "its gas is priced too high",
      "GAS_UNIT_PRICE_ABOVE_MAX_BOUND",
      () => transferTo(alice, 0n, bob.address, 1n, { gasUnitPrice: 10_001n }).bytes,
    ],
    [
      "it has expired",
      "TRANSACTION_EXPIRED",
      () => transferTo(alice, 0n, bob.address, 1n, { expirationSecs: nowSecs }).bytes,
    ],
    [
      "it was made for another chain",
      "BAD_CHAIN_ID",
      () => transferTo(alice, 0n, bob.address, 1n, { chainId: 5 }).bytes,
    ],
    ["its sender does not exist", "SENDING_ACCOUNT_DOES_NOT_EXIST", fromNobody],
    ["its key is not the sender's", "INVALID_AUTH_KEY", withForeignKey],
    [
      "its sender cannot pay the gas it allows",
      "INSUFFICIENT_BALANCE_FOR_TRANSACTION_FEE",
      () => transferTo(alice, 0n, bob.address, 1n, { gasUnitPrice: 11n }).bytes,
    ],
  ];

  it.each(cases)("%s: %s", async (_when, expected, make) => {
    const chain = await fundedChain();
    const before = await stateRoot(chain);
    expect(await refusalOf(chain, make())).toBe(expected);
    await chain.clock.advance(5_000);
    expect(await stateRoot(chain)).toBe(before);
    expect((await chain.client.account(alice.address)).sequenceNumber).toBe(0n);
    await commit(chain, transferTo(alice, 0n, bob.address, 1n));
  });

  it("sent again after it was committed", async () => {
    const chain = await fundedChain();
    const payment = transferTo(alice, 0n, bob.address, 1n);
    await commit(chain, payment);
    const before = await stateRoot(chain);
    expect(await refusalOf(chain, payment.bytes)).toBe("SEQUENCE_NUMBER_TOO_OLD");
    await chain.clock.advance(5_000);
    expect(await stateRoot(chain)).toBe(before);
  });
});

function tampered(): Uint8Array {
  const { bytes } = transferTo(alice, 0n, bob.address, 7n);
  const altered = bytes.slice();
  altered[39] = 1;
  return altered;
}

function fromNobody(): Uint8Array {
  return transferTo(accountNamed("nobody"), 0n, bob.address, 1n).bytes;
}

function withForeignKey(): Uint8Array {
  const args = [addressToBytes(bob.address), u64(1n)];
  const raw = rawTransaction(alice.address, 0n, "0x1::aptos_account::transfer", args);
  return signTransaction(raw, bob).bytes;
}

// Web verifiers disagree on these; the chain must not accept any.
const CRAFTED: [string, string, string][] = [
  [
    "a small-order key and S = 0",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    `01${"00".repeat(31)}${"00".repeat(32)}`,
  ],
  ["the identity as a key", `01${"00".repeat(31)}`, `01${"00".repeat(31)}${"00".repeat(32)}`],
  [
    "a non-canonical key",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    `01${"00".repeat(31)}${"00".repeat(32)}`,
  ],
];

function ed25519ProofOf({ authenticator }: SignedTransaction): Ed25519Proof {
  if (authenticator.type !== "ed25519") throw new Error("signed by Ed25519");
  return authenticator;
}

describe("a crafted signature", () => {
  it.each(CRAFTED)("with %s is refused", async (_what, keyHex, signatureHex) => {
    const chain = await fundedChain();
    const publicKey = present(parsePublicKey(present(fromHex(keyHex), "hex")), "a key");
    const signature = present(parseSignature(present(fromHex(signatureHex), "hex")), "a signature");
    const args = [addressToBytes(bob.address), u64(1n)];
    for (let number = 0n; number < 8n; number++) {
      const target = "0x1::aptos_account::transfer";
      const raw = rawTransaction(addressOfKey(publicKey), number, target, args);
      const { bytes } = makeSignedTransaction(raw, { type: "ed25519", publicKey, signature });
      expect(await refusalOf(chain, bytes)).toBe("INVALID_SIGNATURE");
    }
  });

  it("with S raised by the group order is refused", async () => {
    const chain = await fundedChain();
    const honest = transferTo(alice, 0n, bob.address, 1n);
    const order = (1n << 252n) + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
    const proof = ed25519ProofOf(honest);
    const signature = proof.signature.slice();
    let scalar = order;
    for (let index = 63; index >= 32; index--) {
      scalar += BigInt(signature[index] ?? 0) << BigInt(8 * (index - 32));
    }
    for (let index = 32; index < 64; index++) {
      signature[index] = Number((scalar >> BigInt(8 * (index - 32))) & 0xffn);
    }
    const { bytes } = makeSignedTransaction(honest.raw, {
      ...proof,
      signature: present(parseSignature(signature), "a signature"),
    });
    expect(await refusalOf(chain, bytes)).toBe("INVALID_SIGNATURE");
    expect(await refusalOf(chain, honest.bytes)).toBe("accepted");
  });
});

describe("a transaction that fails is kept, pays its gas, and does nothing else, when", () => {
  const call = (target: string, args: readonly Uint8Array[], typeArgs: readonly string[] = []) =>
    signTransaction(rawTransaction(alice.address, 0n, target, args, {}, typeArgs), alice);
  const transfer = "0x1::aptos_account::transfer";
  const publish = "0x1::code::publish_package_txn";
  const cases: [string, string, () => SignedTransaction][] = [
    [
      "its payload aborts",
      "Move abort in 0x1::coin: 0x10006",
      () => transferTo(alice, 0n, bob.address, 10n * FUNDED),
    ],
    [
      "it spends the coins its fee was to be paid with",
      "Move abort in 0x1::coin: 0x10006",
      () => transferTo(alice, 0n, bob.address, FUNDED),
    ],
    [
      "it calls a module that is not there",
      "LINKER_ERROR",
      () => call("0x1::nowhere::nothing", []),
    ],
    [
      "it calls a function that is not there",
      "FUNCTION_RESOLUTION_FAILURE",
      () => call("0x1::coin::nothing", []),
    ],
    [
      "it calls a function that is no entry",
      "INVALID_MAIN_FUNCTION_SIGNATURE",
      () => call("0x1::coin::register", [], ["0x1::aptos_coin::AptosCoin"]),
    ],
    [
      "it calls what only the chain may call",
      "INVALID_MAIN_FUNCTION_SIGNATURE",
      () => call("0x1::block::prologue", [u64(2n), u64(2n), addressToBytes(bob.address)]),
    ],
    [
      "it lacks an argument",
      "NUMBER_OF_ARGUMENTS_MISMATCH",
      () => call(transfer, [addressToBytes(bob.address)]),
    ],
    [
      "an argument cannot be read",
      "FAILED_TO_DESERIALIZE_ARGUMENT",
      () => call(transfer, [addressToBytes(bob.address), Uint8Array.of(1)]),
    ],
    [
      "it publishes what its metadata does not name",
      "CONSTRAINT_NOT_SATISFIED",
      () => call(publish, publishArguments({ name: "p", moduleNames: ["x"] }, [STRANGER])),
    ],
    [
      "its package cannot be read",
      "Move abort in 0x1::bcs_stream: 0x20002",
      () => call(publish, [Uint8Array.of(1, 0), ...publishArguments(UNREAD, [STRANGER]).slice(1)]),
    ],
    [
      "it publishes nothing that can be read",
      "FAILED_TO_DESERIALIZE_ARGUMENT",
      () => call(publish, [...publishArguments(UNREAD, []).slice(0, 1), Uint8Array.of(9)]),
    ],
    [
      "it publishes under an address that is not its sender's",
      "MODULE_ADDRESS_DOES_NOT_MATCH_SENDER",
      () => call(publish, publishArguments({ name: "p", moduleNames: ["error"] }, [SOME_MODULE])),
    ],
  ];

  it.each(cases)("%s: %s", async (_when, expected, make) => {
    const chain = await fundedChain();
    const { receipt } = await commit(chain, make());
    expect(vmStatusText(receipt.status)).toBe(expected);
    expect(receipt.gasUsed).toBeGreaterThan(0n);
    expect((await chain.client.account(alice.address)).sequenceNumber).toBe(1n);
    expect(await balanceOf(chain, alice.address)).toBe(FUNDED - receipt.gasUsed);
    expect((await chain.client.account(bob.address)).exists).toBe(false);
    const modules = receipt.changes.filter(({ key }) => key.kind === "module");
    expect(modules).toEqual([]);
  });
});

const SOME_MODULE = present(
  contractModules().find(({ id }) => id.name === "error"),
  "a module without dependencies",
).bytes;

/** A module of the framework as if Alice had written it at her own address. */
const STRANGER = strangerModule();

function strangerModule(): Uint8Array {
  const decoded = deserializeModule(SOME_MODULE);
  if (!decoded.ok) throw new Error("the framework deserialises");
  return serializeModule({ ...decoded.value, addresses: [alice.address] });
}

const UNREAD = { name: "p", moduleNames: ["error"] };

describe("the faucet", () => {
  it.each([0n, 10_000_000_001n])("gives no %i units", async (amount) => {
    const chain = await fundedChain();
    const asking = chain.client.fund(makeAddress("0xabc"), amount);
    await expect(asking).rejects.toMatchObject({ code: "invalid_input" });
  });
});
