// A chain of blocks without a node, to act on under the resource model: everybody is funded, the
// trial package is there from genesis, and any height is one step away.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AccountSigner, faucetSigner, signTransaction } from "#chains";
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { assert, present } from "#core/assert.ts";
import { BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { utf8 } from "#core/bytes.ts";
import { signEd25519 } from "#core/ed25519.ts";
import { gasUnits } from "#core/gas-units.ts";
import { parseFunctionId, parseModuleId } from "#core/identifier.ts";
import { formatVmStatus, isExecuted } from "#core/status.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { makeChangeSet } from "#sandbox";
import { contractModules } from "../../../src/chains/contract-modules.ts";
import { rootEnvironment } from "../../../src/chains/core/environment.ts";
import { createGenesis } from "../../../src/chains/genesis.ts";
import type { Action } from "../../../src/chains/ledger/action-trace.ts";
import { produceBlock } from "../../../src/chains/ledger/block-execution.ts";
import type { ExecutedBlock } from "../../../src/chains/ledger/executed-block.ts";
import { readAccount } from "../../../src/chains/ledger/framework.ts";
import { SLOT_MS_USUAL } from "../../../src/chains/ledger/genesis-config.ts";
import type { ChainParameters } from "../../../src/chains/ledger/parameters.ts";
import type { Receipt } from "../../../src/chains/ledger/receipt.ts";
import type { Refusal } from "../../../src/chains/ledger/refusal.ts";
import type { RawTransaction, SignedTransaction } from "../../../src/chains/ledger/transaction.ts";
import { verifySignatures } from "../../../src/chains/ledger/validation.ts";
import { runView } from "../../../src/chains/queries.ts";
import { accountNamed, rawTransaction, START_MS, secretNamed } from "../fixture.ts";

export const TRIAL = makeAddress("0x7e57");
export const RESOURCES = makeAddress("0x50");
/** Units of one coin. */
export const COIN = 10_000n;
/** What everybody here begins with. */
export const FUNDS = 1_000_000n * COIN;
export const SUPPLY = 1_000_000_000_000_000n;

export const alice = accountNamed("alice");
export const bob = accountNamed("bob");
export const producer = accountNamed("producer");
export const faucet = faucetSigner();

const SIGNER = {
  publicKey: producer.publicKey,
  sign: (message: Uint8Array) => signEd25519(message, secretNamed("producer")),
};
const TRIAL_MODULES = ["acting", "receiver"];

export interface Sent {
  readonly receipt: Receipt;
  readonly transaction: SignedTransaction;
}

export interface ResourceChain {
  head(): ExecutedBlock;
  height(): bigint;
  /** An action in a block of its own. */
  act(by: AccountSigner, name: string, args: readonly Uint8Array[], terms?: Terms): Sent;
  /** {@link act} that must succeed. */
  ok(by: AccountSigner, name: string, args: readonly Uint8Array[], terms?: Terms): Sent;
  /** {@link act} that is refused. */
  refused(by: AccountSigner, name: string, args: readonly Uint8Array[], terms?: Terms): Refusal;
  /** Actions in one block, in this order; every one has its place there. */
  together(acts: readonly Act[]): readonly Sent[];
  /** Payment from the faucet. */
  fund(to: Address, amount: bigint): void;
  view(name: string, ...args: readonly Uint8Array[]): BcsReader;
  /** {@link view} of a function that returns several values. */
  viewAll(name: string, ...args: readonly Uint8Array[]): readonly BcsReader[];
  balance(of: Address): bigint;
  /** Makes empty blocks. */
  blocks(count: number): void;
  /** Goes on under other parameters. */
  change(parameters: Partial<ChainParameters>): void;
  /** Goes to a height as if there had been blocks up to it. */
  skipTo(height: bigint): void;
  /** Goes on from an earlier block: what came after it was on a branch that lost. */
  rewind(to: ExecutedBlock): void;
}

export interface Act {
  readonly by: AccountSigner;
  readonly name: string;
  readonly args: readonly Uint8Array[];
  readonly terms?: Terms;
}

export type Terms = Partial<RawTransaction> & { readonly typeArgs?: readonly string[] };

export const arg = {
  u32: (value: number) => encodeBcs((writer) => writer.u32(value)),
  u64: (value: bigint | number) => encodeBcs((writer) => writer.u64(BigInt(value))),
  bool: (value: boolean) => encodeBcs((writer) => writer.bool(value)),
  bytes: (value: Uint8Array) => encodeBcs((writer) => writer.bytes(value)),
  text: (value: string) => encodeBcs((writer) => writer.string(value)),
  address: (value: Address) => addressToBytes(value),
  list: (values: readonly Uint8Array[]) =>
    encodeBcs((writer) => writer.vector(values, (out, value) => out.bytes(value))),
};

/** Genesis with the trial package: it is made once. */
let genesis: ExecutedBlock | undefined;

export function startResourceChain(changes: Partial<ChainParameters> = {}): ResourceChain {
  const root = rootEnvironment([producer.publicKey]);
  let environment = { ...root, parameters: { ...root.parameters, ...changes } };
  genesis ??= makeGenesis();
  let head = genesis;
  const numbers = new Map<Address, bigint>();

  function produce(...transactions: readonly SignedTransaction[]) {
    const verified = transactions.map((transaction) => {
      const result = verifySignatures(transaction);
      assert(result.ok, "a test signs well");
      return result.value;
    });
    const time = head.block.header.timestampUs + 1_000_000n;
    const made = produceBlock(environment, head, time, SIGNER, verified);
    head = made.block;
    return made;
  }

  function transactionOf(
    by: AccountSigner,
    name: string,
    args: readonly Uint8Array[],
    terms: Terms,
  ): SignedTransaction {
    const { typeArgs = [], ...changed } = terms;
    const number = numbers.get(by.address) ?? readAccount(head.state, by.address).sequenceNumber;
    return signTransaction(rawTransaction(by.address, number, name, args, changed, typeArgs), by);
  }

  function act(by: AccountSigner, name: string, args: readonly Uint8Array[], terms: Terms = {}) {
    const transaction = transactionOf(by, name, args, terms);
    const { discarded } = produce(transaction);
    assert(discarded.length === 0, `${name}: ${discarded[0]?.refusal.message}`);
    numbers.set(by.address, transaction.raw.sequenceNumber + 1n);
    return { receipt: present(head.receipts[1], "a receipt"), transaction };
  }

  const chain: ResourceChain = {
    head: () => head,
    height: () => head.block.header.height,
    act,
    ok(by, name, args, terms) {
      const sent = act(by, name, args, terms);
      const { status } = sent.receipt;
      assert(isExecuted(status), `${name}: ${formatVmStatus(status)}`);
      return sent;
    },
    refused(by, name, args, terms = {}) {
      const { discarded } = produce(transactionOf(by, name, args, terms));
      return present(discarded[0], `${name} is refused`).refusal;
    },
    together(acts) {
      const transactions = acts.map(({ by, name, args, terms }) => {
        const transaction = transactionOf(by, name, args, terms ?? {});
        numbers.set(by.address, transaction.raw.sequenceNumber + 1n);
        return transaction;
      });
      const { discarded } = produce(...transactions);
      assert(discarded.length === 0, discarded.map(({ refusal }) => refusal.message).join());
      // The first receipt is of what opens the block.
      return transactions.map((transaction, place) => {
        return { transaction, receipt: present(head.receipts[place + 1], "a receipt") };
      });
    },
    fund(to, amount) {
      chain.ok(faucet, "0x1::aptos_account::transfer", [arg.address(to), arg.u64(amount)]);
    },
    view: (name, ...args) => present(chain.viewAll(name, ...args)[0], "a view returns"),
    viewAll(name, ...args) {
      const called = present(parseFunctionId(name), `a function: ${name}`);
      const call = { function: called, typeArgs: [], args };
      const { status, returns } = runView(environment, head.state, call);
      assert(isExecuted(status), `${name}: ${formatVmStatus(status)}`);
      return returns.map((bytes) => new BcsReader(bytes));
    },
    balance: (of) => coinsOf(head, of),
    blocks(count) {
      for (let left = count; left > 0; left--) produce();
    },
    change(parameters) {
      environment = { ...root, parameters: { ...environment.parameters, ...parameters } };
    },
    skipTo(height) {
      head = atHeight(head, height);
    },
    rewind(to) {
      head = to;
      numbers.clear();
    },
  };
  for (const { address } of [alice, bob, producer]) chain.fund(address, FUNDS);
  return chain;
}

function makeGenesis(): ExecutedBlock {
  const trial = TRIAL_MODULES.map((name) => ({
    id: present(parseModuleId(`0x7e57::${name}`), "a module"),
    bytes: Uint8Array.from(
      readFileSync(join(import.meta.dirname, `../contracts/trial/bytecode/${name}.mv`)),
    ),
  }));
  const config = {
    chainId: 4,
    timestampUs: START_MS * 1_000n,
    producers: [producer.publicKey],
    slotMs: SLOT_MS_USUAL,
    faucet: faucet.address,
  };
  const environment = rootEnvironment(config.producers);
  return createGenesis(environment, config, [...contractModules(), ...trial]);
}

const BLOCK = makeStructTag("0x1::block::BlockResource");
const COINS = makeStructTag("0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>");

/** The same state under a block of another height, of which nothing else is checked here. */
function atHeight(head: ExecutedBlock, height: bigint): ExecutedBlock {
  const state = head.state.fork();
  const key = { kind: "resource", address: makeAddress("0x1"), type: BLOCK } as const;
  const old = present(state.get(key), "a chain has blocks");
  // The height comes first.
  const value = old.slice();
  value.set(arg.u64(height));
  state.apply(makeChangeSet([{ key, op: { type: "modify", old, value } }]));
  const { block } = head;
  return { ...head, state, block: { ...block, header: { ...block.header, height } } };
}

function coinsOf({ state }: ExecutedBlock, address: Address): bigint {
  const bytes = state.get({ kind: "resource", address, type: COINS });
  return bytes === undefined ? 0n : decodeBcs(bytes.subarray(0, 8), (reader) => reader.u64());
}

/** The trace as the seed prints it: kinds, functions, fees. */
export function traceOf({ receipt }: Sent): readonly string[] {
  return receipt.actions.map((action) => {
    const { module, name } = action.function;
    if (action.kind === "fee") return `onfee ${feeOf(action)}`;
    if (action.kind === "notification") return `${nameOf(module.address)} is told`;
    return `${module.name}::${name}`;
  });
}

/** What an entry of the trace says was taken for an action. */
export function feeOf(action: Action): bigint {
  assert(action.kind === "fee", "a fee");
  return decodeBcs(present(action.args[1], "an amount"), (reader) => reader.u64());
}

/** Queues an action of the trial package's own account. */
export function actAsTrial(
  chain: ResourceChain,
  name: string,
  args: readonly Uint8Array[],
  terms: Terms = {},
): Sent {
  const { module, name: called } = present(parseFunctionId(name), `a function: ${name}`);
  const list = [
    arg.address(module.address),
    arg.text(module.name),
    arg.text(called),
    arg.list((terms.typeArgs ?? []).map((text) => utf8(text))),
    arg.list(args),
  ];
  const { typeArgs: _types, ...rest } = terms;
  return chain.act(alice, "0x7e57::acting::queue", list, rest);
}

/** What an action of the trial package costs, set by the package itself. */
export function setTrialFee(chain: ResourceChain, action: string, fee: bigint): Sent {
  return actAsTrial(chain, "0x50::fees::setfee", feeRow(action, fee));
}

/** Arguments of `setfee` for an action of the trial package. */
export function feeRow(
  action: string,
  fee: bigint,
  [cpu, net, ram]: readonly [number, number, number] = [0, 0, 0],
): readonly Uint8Array[] {
  const limits = [arg.u32(cpu), arg.u32(net), arg.u32(ram)];
  return [arg.address(TRIAL), arg.text(action), arg.u64(fee), ...limits];
}

/** What the one producer decides: proposed, approved, executed. */
export function decide(chain: ResourceChain, name: string, args: readonly Uint8Array[]): Sent {
  const { module, name: called } = present(parseFunctionId(name), `a function: ${name}`);
  // A proposal whose execution failed stays.
  const key = [arg.text(`proposal at ${chain.height()}`)];
  const proposal = [...key, arg.text(module.name), arg.text(called), arg.list(args)];
  const proposer = [arg.address(producer.address), ...key];
  chain.ok(producer, "0x50::multisig::propose", proposal);
  chain.ok(producer, "0x50::multisig::approve", proposer);
  // Barring a producer costs more than most things.
  const terms = { maxGas: gasUnits(1_100_000n) };
  return chain.act(producer, "0x50::multisig::exec", proposer, terms);
}

/** All fees of a transaction. */
export function feesOf({ receipt }: Sent): bigint {
  const fees = receipt.actions.filter(({ kind }) => kind === "fee");
  return fees.reduce((sum, fee) => sum + feeOf(fee), 0n);
}

const NAMES = new Map<Address, string>([
  [alice.address, "alice"],
  [bob.address, "bob"],
  [TRIAL, "testc"],
  [makeAddress("0x7e57a"), "testa"],
  [makeAddress("0x7e57b"), "testb"],
]);

function nameOf(address: Address): string {
  return NAMES.get(address) ?? address;
}

/** `0x50::ram 9` for an abort; the status's name for anything else. */
export function outcomeOf({ receipt }: Sent): string {
  const { status } = receipt;
  if (status.type === "executed") return "EXECUTED";
  if (status.type === "failed") return status.status;
  const { address, name } = status.location.module;
  return `0x${BigInt(address).toString(16)}::${name} ${status.code}`;
}
