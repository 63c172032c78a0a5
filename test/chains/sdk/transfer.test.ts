// Money and accounts through the unmodified official SDK.
import {
  Account,
  AccountAuthenticatorEd25519,
  Ed25519Signature,
  type InputGenerateTransactionOptions,
  SigningSchemeInput,
  type SimpleTransaction,
} from "@aptos-labs/ts-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failureOf, type ServedChain, serveChain } from "./served-chain.ts";

const RESOURCES = `0x${"50".padStart(64, "0")}`;
const COIN = "0x1::aptos_coin::AptosCoin";
let chain: ServedChain;

beforeAll(async () => {
  chain = await serveChain();
});
afterAll(() => chain.close());

async function transfer(
  from: Account,
  to: Account,
  amount: number,
  options: InputGenerateTransactionOptions = {},
): Promise<SimpleTransaction> {
  return chain.aptos.transaction.build.simple({
    sender: from.accountAddress,
    data: {
      function: "0x1::aptos_account::transfer",
      functionArguments: [to.accountAddress, amount],
    },
    options,
  });
}

async function send(from: Account, transaction: SimpleTransaction) {
  const pending = await chain.aptos.signAndSubmitTransaction({ signer: from, transaction });
  return chain.aptos.waitForTransaction({ transactionHash: pending.hash });
}

describe("the official SDK", () => {
  it("funds an account by its defaults and reads the balance", async () => {
    const alice = Account.generate();
    const paid = await chain.aptos.fundAccount({
      accountAddress: alice.accountAddress,
      amount: 5_000_000,
    });
    expect(paid.type).toBe("user_transaction");
    const accountAddress = alice.accountAddress;
    expect(await chain.aptos.getAccountAPTAmount({ accountAddress })).toBe(5_000_000);
    expect(await chain.aptos.getBalance({ accountAddress, asset: COIN })).toBe(5_000_000);
    expect(await chain.aptos.getBalance({ accountAddress, asset: "0xa" })).toBe(5_000_000);
    expect(await chain.aptos.getAccountCoinAmount({ accountAddress, coinType: COIN })).toBe(
      5_000_000,
    );
  });

  it("transfers, waits, and reads what became of it", async () => {
    const [alice, bob] = [await chain.fundedAccount(), Account.generate()];
    const before = await chain.aptos.getBalance({
      accountAddress: alice.accountAddress,
      asset: COIN,
    });
    const done = await send(alice, await transfer(alice, bob, 1_234));
    expect(done).toMatchObject({
      type: "user_transaction",
      success: true,
      vm_status: "Executed successfully",
      sender: alice.accountAddress.toString(),
      sequence_number: "0",
      payload: {
        type: "entry_function_payload",
        function: "0x1::aptos_account::transfer",
        type_arguments: [],
        arguments: [bob.accountAddress.toString(), "1234"],
      },
      signature: { type: "ed25519_signature" },
    });
    expect(await chain.aptos.getBalance({ accountAddress: bob.accountAddress, asset: COIN })).toBe(
      1_234,
    );
    const after = await chain.aptos.getBalance({
      accountAddress: alice.accountAddress,
      asset: COIN,
    });
    expect(before - after).toBe(1_234 + Number(done.gas_used));
    const info = await chain.aptos.getAccountInfo({ accountAddress: alice.accountAddress });
    expect(info.sequence_number).toBe("1");
    expect(info.authentication_key).toBe(alice.accountAddress.toString());
    const byVersion = await chain.aptos.getTransactionByVersion({
      ledgerVersion: Number(done.version),
    });
    expect(byVersion).toEqual(done);
    const own = await chain.aptos.getAccountTransactions({ accountAddress: alice.accountAddress });
    expect(own).toEqual([done]);
  });

  it("reads the ledger, its blocks and its transactions", async () => {
    const [alice, bob] = [await chain.fundedAccount(), Account.generate()];
    const done = await send(alice, await transfer(alice, bob, 1));
    const { aptos } = chain;
    expect(await aptos.getChainId()).toBe(4);
    const ledger = await aptos.getLedgerInfo();
    expect(ledger).toMatchObject({ chain_id: 4, node_role: "full_node", epoch: "1" });
    expect(await aptos.getGasPriceEstimation()).toMatchObject({ gas_estimate: 1 });
    const version = Number(done.version);
    const options = { withTransactions: true };
    const block = await aptos.getBlockByVersion({ ledgerVersion: version, options });
    expect(block.transactions).toContainEqual(done);
    expect(block.transactions?.length).toBe(
      Number(block.last_version) - Number(block.first_version) + 1,
    );
    const blockHeight = Number(block.block_height);
    expect(await aptos.getBlockByHeight({ blockHeight, options })).toEqual(block);
    const listed = await aptos.getTransactions({ options: { offset: version, limit: 1 } });
    expect(listed).toEqual([done]);
    expect(await aptos.getTransactionByHash({ transactionHash: done.hash })).toEqual(done);
    expect(await aptos.isPendingTransaction({ transactionHash: done.hash })).toBe(false);
  });

  it("shows the events and changes of a transaction", async () => {
    const [alice, bob] = [await chain.fundedAccount(), Account.generate()];
    const done = await send(alice, await transfer(alice, bob, 77));
    if (!("events" in done)) throw new Error("a user transaction has events");
    const deposit = done.events.find(({ type }) => type === "0x1::coin::CoinDeposit");
    expect(deposit).toEqual({
      guid: { creation_number: "0", account_address: "0x0" },
      sequence_number: "0",
      type: "0x1::coin::CoinDeposit",
      data: { coin_type: COIN, account: bob.accountAddress.toString(), amount: "77" },
    });
    // Ours beside the profile: the SDK hands it on as it came.
    expect(done).toMatchObject({
      actions: [
        { kind: "fee", function: `${RESOURCES}::fees::onfee`, type_arguments: [] },
        { kind: "entry", function: "0x1::aptos_account::transfer" },
        { kind: "notification", cause: 1 },
        { kind: "notification", cause: 1 },
      ],
    });
    expect(done.changes).toContainEqual({
      type: "write_resource",
      address: bob.accountAddress.toString(),
      state_key_hash: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string,
      data: {
        type: `0x1::coin::CoinStore<${COIN}>`,
        data: { coin: { value: "77" }, frozen: false },
      },
    });
  });

  it("transfers by a type argument of its built-in call", async () => {
    const [alice, bob] = [await chain.fundedAccount(), Account.generate()];
    const transaction = await chain.aptos.transferCoinTransaction({
      sender: alice.accountAddress,
      recipient: bob.accountAddress,
      amount: 9,
    });
    expect(await send(alice, transaction)).toMatchObject({ success: true });
  });

  it("signs by a single key, Ed25519 and Secp256k1", async () => {
    const bob = Account.generate();
    for (const scheme of [SigningSchemeInput.Ed25519, SigningSchemeInput.Secp256k1Ecdsa]) {
      const alice = Account.generate({ scheme, legacy: false } as { scheme: typeof scheme });
      await chain.aptos.fundAccount({ accountAddress: alice.accountAddress, amount: 10_000_000 });
      const done = await send(alice, await transfer(alice, bob, 5));
      const type = scheme === SigningSchemeInput.Ed25519 ? "ed25519" : "secp256k1_ecdsa";
      expect(done).toMatchObject({
        success: true,
        signature: { type: "single_sender", public_key: { type }, signature: { type } },
      });
    }
  });

  it("lets a sponsor pay, also for an account that is not there yet", async () => {
    const sponsor = await chain.fundedAccount();
    for (const alice of [await chain.fundedAccount(), Account.generate()]) {
      const before = await chain.aptos.getBalance({
        accountAddress: alice.accountAddress,
        asset: COIN,
      });
      const transaction = await chain.aptos.transaction.build.simple({
        sender: alice.accountAddress,
        withFeePayer: true,
        data: {
          function: "0x1::aptos_account::create_account",
          functionArguments: [Account.generate().accountAddress],
        },
      });
      const senderAuthenticator = chain.aptos.transaction.sign({ signer: alice, transaction });
      const feePayerAuthenticator = chain.aptos.transaction.signAsFeePayer({
        signer: sponsor,
        transaction,
      });
      const pending = await chain.aptos.transaction.submit.simple({
        transaction,
        senderAuthenticator,
        feePayerAuthenticator,
      });
      const done = await chain.aptos.waitForTransaction({ transactionHash: pending.hash });
      expect(done).toMatchObject({
        success: true,
        signature: {
          type: "fee_payer_signature",
          fee_payer_address: sponsor.accountAddress.toString(),
        },
      });
      const info = await chain.aptos.getAccountInfo({ accountAddress: alice.accountAddress });
      expect(info.sequence_number).toBe("1");
      const after = await chain.aptos.getBalance({
        accountAddress: alice.accountAddress,
        asset: COIN,
      });
      expect(after).toBe(before);
    }
  });

  it("simulates without leaving a trace, and never what could be sent", async () => {
    const [alice, bob] = [await chain.fundedAccount(), Account.generate()];
    const transaction = await transfer(alice, bob, 50);
    const [tried] = await chain.aptos.transaction.simulate.simple({
      signerPublicKey: alice.publicKey,
      transaction,
      options: { estimateGasUnitPrice: true, estimateMaxGasAmount: true },
    });
    expect(tried).toMatchObject({ success: true, vm_status: "Executed successfully" });
    expect(Number(tried?.max_gas_amount)).toBe(2_000_000);
    const info = await chain.aptos.getAccountInfo({ accountAddress: alice.accountAddress });
    expect(info.sequence_number).toBe("0");
    const poor = await transfer(alice, bob, 999_000_000_000);
    const [failing] = await chain.aptos.transaction.simulate.simple({
      signerPublicKey: alice.publicKey,
      transaction: poor,
    });
    expect(failing?.success).toBe(false);
    expect(failing?.vm_status).toContain("EINSUFFICIENT_BALANCE(0x10006)");
    const [unsigned] = await chain.aptos.transaction.simulate.simple({ transaction });
    expect(unsigned).toMatchObject({ success: true, gas_used: tried?.gas_used });
    const [mistaken] = await chain.aptos.transaction.simulate.simple({
      signerPublicKey: bob.publicKey,
      transaction,
    });
    expect(mistaken).toMatchObject({ success: false, vm_status: "INVALID_AUTH_KEY" });
    const sponsored = await chain.aptos.transaction.build.simple({
      sender: bob.accountAddress,
      withFeePayer: true,
      data: {
        function: "0x1::aptos_account::create_account",
        functionArguments: [Account.generate().accountAddress],
      },
    });
    const [free] = await chain.aptos.transaction.simulate.simple({
      signerPublicKey: bob.publicKey,
      transaction: sponsored,
    });
    expect(free).toMatchObject({ success: true, sequence_number: "0" });
    const done = await send(alice, transaction);
    expect(done.gas_used).toBe(tried?.gas_used);
  });
});

describe("a transaction that must be refused", () => {
  const refused = async (
    change: InputGenerateTransactionOptions,
    funds = 100_000_000,
  ): Promise<unknown> => {
    const [alice, bob] = [await chain.fundedAccount(funds), Account.generate()];
    const transaction = await transfer(alice, bob, 1, change);
    const failing = chain.aptos.signAndSubmitTransaction({ signer: alice, transaction });
    const { status, data } = await failureOf(failing);
    return { status, error_code: data?.error_code, vm_error_code: data?.vm_error_code };
  };
  const vmError = (code: number) => ({ status: 400, error_code: "vm_error", vm_error_code: code });

  it("is refused for a sequence number that was used", async () => {
    const [alice, bob] = [await chain.fundedAccount(), Account.generate()];
    await send(alice, await transfer(alice, bob, 1));
    const again = await transfer(alice, bob, 2, { accountSequenceNumber: 0 });
    const failing = chain.aptos.signAndSubmitTransaction({ signer: alice, transaction: again });
    expect(await failureOf(failing)).toMatchObject({ status: 400, data: { vm_error_code: 3 } });
  });

  it("is refused once it has expired", async () => {
    const expireTimestamp = Math.floor(Date.now() / 1_000) - 5;
    expect(await refused({ expireTimestamp })).toEqual(vmError(6));
  });

  it("is refused when its payer cannot pay for the gas", async () => {
    expect(await refused({ gasUnitPrice: 100 }, 1_000_000)).toEqual(vmError(5));
  });

  it("is refused when it allows more gas than there is", async () => {
    expect(await refused({ maxGasAmount: 3_000_000 })).toEqual(vmError(13));
  });

  it("is refused on another chain", async () => {
    const [alice, bob] = [await chain.fundedAccount(), Account.generate()];
    const transaction = await transfer(alice, bob, 1);
    Object.assign(transaction.rawTransaction.chain_id, { chainId: 5 });
    const failing = chain.aptos.signAndSubmitTransaction({ signer: alice, transaction });
    expect(await failureOf(failing)).toMatchObject({ status: 400, data: { vm_error_code: 23 } });
  });

  it("is refused with a signature that was tampered with", async () => {
    const [alice, bob] = [await chain.fundedAccount(), Account.generate()];
    const transaction = await transfer(alice, bob, 1);
    const signed = chain.aptos.transaction.sign({ signer: alice, transaction });
    if (!signed.isEd25519()) throw new Error("an Ed25519 account");
    const bytes = signed.signature.toUint8Array().slice();
    bytes[3] = (bytes[3] ?? 0) ^ 1;
    const senderAuthenticator = new AccountAuthenticatorEd25519(
      signed.public_key,
      new Ed25519Signature(bytes),
    );
    const failing = chain.aptos.transaction.submit.simple({ transaction, senderAuthenticator });
    expect(await failureOf(failing)).toMatchObject({ status: 400, data: { vm_error_code: 1 } });
  });

  it("is committed as failed when the money is not there, with the reason in words", async () => {
    const [alice, bob] = [await chain.fundedAccount(), Account.generate()];
    const transaction = await transfer(alice, bob, 999_000_000_000);
    const { transaction: failed } = await failureOf(send(alice, transaction));
    expect(failed?.vm_status).toMatch(
      /^Move abort in 0x1::coin: EINSUFFICIENT_BALANCE\(0x10006\): /,
    );
  });
});
