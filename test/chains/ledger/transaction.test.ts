// The bytes of transactions, held against the official SDK: whatever it encodes, signs and hashes,
// we read, verify, hash and encode the same.
import * as sdk from "@aptos-labs/ts-sdk";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { toHexPrefixed } from "#core/bytes.ts";
import { parseSecretKey } from "#core/ed25519.ts";
import { gasUnits } from "#core/gas-units.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { parseTypeTag } from "#core/type-tag.ts";
import { accountSigner, signTransaction } from "../../../src/chains/ledger/account-signer.ts";
import { verifyAuthenticator } from "../../../src/chains/ledger/authenticator.ts";
import {
  decodeSignedTransaction,
  EVIDENCE_TRANSACTION_SIZE_MAX,
  encodeRawTransaction,
  makeSignedTransaction,
  type RawTransaction,
  TRANSACTION_SIZE_MAX,
} from "../../../src/chains/ledger/transaction.ts";

const U64_MAX = (1n << 64n) - 1n;
const TYPES = [
  "bool",
  "u8",
  "u256",
  "vector<vector<u16>>",
  "0x1::aptos_coin::AptosCoin",
  "0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin, vector<address>>",
];

interface Case {
  readonly secret: Uint8Array;
  readonly sequenceNumber: bigint;
  readonly maxGas: bigint;
  readonly price: bigint;
  readonly expiration: bigint;
  readonly chainId: number;
  readonly types: readonly string[];
  readonly args: readonly Uint8Array[];
}

const anyU64 = fc.bigInt({ min: 0n, max: U64_MAX });
const anyCase: fc.Arbitrary<Case> = fc.record({
  secret: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  sequenceNumber: fc.bigInt({ min: 0n, max: U64_MAX - 1n }),
  maxGas: anyU64,
  price: anyU64,
  expiration: anyU64,
  chainId: fc.integer({ min: 0, max: 255 }),
  types: fc.array(fc.constantFrom(...TYPES), { maxLength: 3 }),
  args: fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 }),
});

function sdkTransaction(of: Case) {
  const account = new sdk.Ed25519Account({
    privateKey: new sdk.Ed25519PrivateKey(of.secret),
  });
  const entry = sdk.EntryFunction.build(
    `0x${"20".padStart(64, "0")}::state_channel`,
    "join_entry",
    of.types.map((type) => sdk.parseTypeTag(type)),
    of.args.map((arg) => sdk.MoveVector.U8(arg)),
  );
  const raw = new sdk.RawTransaction(
    account.accountAddress,
    of.sequenceNumber,
    new sdk.TransactionPayloadEntryFunction(entry),
    of.maxGas,
    of.price,
    of.expiration,
    new sdk.ChainId(of.chainId),
  );
  const transaction = new sdk.SimpleTransaction(raw);
  const senderAuthenticator = account.signTransactionWithAuthenticator(transaction);
  return {
    account,
    rawBytes: raw.bcsToBytes(),
    bytes: sdk.generateSignedTransaction({ transaction, senderAuthenticator }),
    hash: sdk.generateUserTransactionHash({ transaction, senderAuthenticator }),
  };
}

function ourRaw(of: Case, sender: string): RawTransaction {
  return {
    sender: makeAddress(sender),
    sequenceNumber: of.sequenceNumber,
    payload: {
      type: "entryFunction",
      call: {
        function: present(parseFunctionId("0x20::state_channel::join_entry"), "a function"),
        typeArgs: of.types.map((type) => present(parseTypeTag(type), "a type")),
        args: of.args.map((arg) => encodeBcs((writer) => writer.bytes(arg))),
      },
    },
    maxGas: gasUnits(of.maxGas),
    gasUnitPrice: of.price,
    expirationSecs: of.expiration,
    chainId: of.chainId,
  };
}

const FIXED: Case = {
  secret: Uint8Array.from({ length: 32 }, (_, index) => index),
  sequenceNumber: 7n,
  maxGas: 2_000_000n,
  price: 1n,
  expiration: 1_900_000_000n,
  chainId: 4,
  types: ["0x1::aptos_coin::AptosCoin"],
  args: [Uint8Array.of(1, 2, 3)],
};

describe("transactions of the official SDK", () => {
  it("are encoded, signed and hashed byte for byte the same here", () => {
    fc.assert(
      fc.property(anyCase, (of) => {
        const theirs = sdkTransaction(of);
        const signer = accountSigner(present(parseSecretKey(of.secret), "a secret key"));
        const ours = signTransaction(ourRaw(of, signer.address), signer);
        expect(signer.address).toBe(theirs.account.accountAddress.toStringLong());
        expect(encodeRawTransaction(ours.raw)).toEqual(theirs.rawBytes);
        expect(ours.bytes).toEqual(theirs.bytes);
        expect(toHexPrefixed(ours.hash)).toBe(theirs.hash);
      }),
      { numRuns: 25 },
    );
  });

  it("are read back whole and their signature holds", () => {
    fc.assert(
      fc.property(anyCase, (of) => {
        const { bytes, hash, rawBytes } = sdkTransaction(of);
        const read = decodeSignedTransaction(bytes);
        if (!read.ok) throw new Error(read.error.message);
        const { raw, authenticator } = read.value;
        expect(toHexPrefixed(read.value.hash)).toBe(hash);
        expect(raw).toEqual(ourRaw(of, raw.sender));
        const signers = verifyAuthenticator(authenticator, raw.sender, rawBytes);
        expect(signers?.payer).toBe(raw.sender);
        expect(toHexPrefixed(signers?.senderAuthenticationKey ?? new Uint8Array())).toBe(
          raw.sender,
        );
        expect(makeSignedTransaction(raw, authenticator).bytes).toEqual(bytes);
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ["MultiEd25519", 1],
    ["unknown", 5],
  ])("with authenticator %s are refused by its name", (name, variant) => {
    const { bytes, rawBytes } = sdkTransaction(FIXED);
    const altered = bytes.slice();
    altered[rawBytes.length] = variant;
    const read = decodeSignedTransaction(altered);
    expect(read).toMatchObject({ ok: false, error: { code: "invalid_input" } });
    expect(!read.ok && read.error.message).toContain(name);
  });
});

describe("malformed transactions", () => {
  const { bytes, rawBytes } = sdkTransaction(FIXED);

  it("are refused at every truncation, with the offset", () => {
    for (let size = 0; size < bytes.length; size++) {
      const read = decodeSignedTransaction(bytes.subarray(0, size));
      expect(read).toMatchObject({ ok: false, error: { code: "invalid_input" } });
      expect(!read.ok && read.error.message).toMatch(/at byte \d+/);
    }
  });

  it("are refused when bytes follow", () => {
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    const read = decodeSignedTransaction(longer);
    expect(!read.ok && read.error.message).toContain("TRAILING_BYTES");
  });

  it("are refused when too large", () => {
    const tooLarge = {
      ok: false,
      error: { code: "vm_error", status: "EXCEEDED_MAX_TRANSACTION_SIZE" },
    };
    const filled = (target: string, size: number) => {
      const read = decodeSignedTransaction(bytes);
      const { raw, authenticator } = present(read.ok ? read.value : undefined, "it is sound");
      const call = {
        function: present(parseFunctionId(target), "a function"),
        typeArgs: [],
        args: [new Uint8Array(size)],
      };
      const payload = { type: "entryFunction", call } as const;
      return decodeSignedTransaction(
        makeSignedTransaction({ ...raw, payload }, authenticator).bytes,
      );
    };
    expect(filled("0x21::chat::post", TRANSACTION_SIZE_MAX)).toMatchObject(tooLarge);
    expect(filled("0x20::fraud::report_entry", TRANSACTION_SIZE_MAX).ok).toBe(true);
    const evidence = filled("0x20::fraud::report_entry", EVIDENCE_TRANSACTION_SIZE_MAX);
    expect(evidence).toMatchObject(tooLarge);
  });

  it("are refused with a length that is not minimal", () => {
    // The payload tag 2 as two bytes.
    const padded = [...bytes.subarray(0, 40), 0x82, 0x00, ...bytes.subarray(41)];
    const read = decodeSignedTransaction(Uint8Array.from(padded));
    expect(!read.ok && read.error.message).toContain("ULEB128_NOT_MINIMAL");
  });

  it.each([0, 1, 3, 4, 5, 9])("are refused with payload %i", (payload) => {
    const altered = bytes.slice();
    altered[40] = payload;
    const read = decodeSignedTransaction(altered);
    expect(!read.ok && read.error.message).toContain(`payload ${payload}`);
  });

  it("are refused when they ask for no sequence number", () => {
    const altered = bytes.slice().fill(0xff, 32, 40);
    const read = decodeSignedTransaction(altered);
    expect(!read.ok && read.error.message).toContain("orderless");
  });

  it("never read as something else after one byte changes, unless their bytes say so", () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const altered = bytes.slice();
        altered[at] = (altered[at] ?? 0) ^ flip;
        const read = decodeSignedTransaction(altered);
        if (!read.ok) return;
        const { raw, authenticator } = read.value;
        expect(makeSignedTransaction(raw, authenticator).bytes).toEqual(altered);
        const signed = encodeRawTransaction(raw);
        expect(verifyAuthenticator(authenticator, raw.sender, signed)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it("do not hold with a signature over another transaction", () => {
    const read = decodeSignedTransaction(bytes);
    if (!read.ok) throw new Error(read.error.message);
    const other = encodeRawTransaction({ ...read.value.raw, chainId: 5 });
    const { authenticator, raw } = read.value;
    expect(verifyAuthenticator(authenticator, raw.sender, other)).toBeUndefined();
    expect(verifyAuthenticator(authenticator, raw.sender, rawBytes)).toBeDefined();
  });
});
