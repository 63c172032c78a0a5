// A chain of blocks without a node, root or shard: transactions in blocks of their own, the chain's
// own calls between two blocks, and copies that go on by themselves, as branches do.
import { type AccountSigner, signTransaction } from "#chains";
import { type Address, makeAddress } from "#core/address.ts";
import { assert, present } from "#core/assert.ts";
import { BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { concatBytes, utf8 } from "#core/bytes.ts";
import { signEd25519 } from "#core/ed25519.ts";
import { type Hash, sha2_256 } from "#core/hash.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { formatVmStatus, isExecuted, type VmStatus } from "#core/status.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { type Call, makeChangeSet } from "#sandbox";
import { contractModules } from "../../../../src/chains/contract-modules.ts";
import { rootEnvironment } from "../../../../src/chains/core/environment.ts";
import { type ChainPlace, createGenesis } from "../../../../src/chains/genesis.ts";
import { produceBlock } from "../../../../src/chains/ledger/block-execution.ts";
import type { ExecutedBlock } from "../../../../src/chains/ledger/executed-block.ts";
import { SLOT_MS_USUAL } from "../../../../src/chains/ledger/genesis-config.ts";
import type { Receipt } from "../../../../src/chains/ledger/receipt.ts";
import type { SignedTransaction } from "../../../../src/chains/ledger/transaction.ts";
import { verifySignatures } from "../../../../src/chains/ledger/validation.ts";
import { runView } from "../../../../src/chains/queries.ts";
import {
  type ProcessedMessage,
  readProcessedMessage,
  readShardMessage,
  type ShardMessage,
} from "../../../../src/chains/shard/contract.ts";
import { accountNamed, rawTransaction, START_MS, secretNamed } from "../../fixture.ts";
import { GAS } from "./call.ts";

const COINS = makeStructTag("0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>");
const BLOCK_US = 1_000_000n;
const SHARDS = makeAddress("0x30");

const producer = accountNamed("producer");
const SIGNER = {
  publicKey: producer.publicKey,
  sign: (message: Uint8Array) => signEd25519(message, secretNamed("producer")),
};

/** What a chain says to another, and where. */
export interface SentMessage {
  readonly message: ShardMessage;
  /** Place among the block's messages to the same chain. */
  readonly index: bigint;
  /** Of the block. Whether nothing undoes it any more is for who carries it to know. */
  readonly height: bigint;
}

export interface Ran {
  readonly status: VmStatus;
  readonly messages: readonly ShardMessage[];
  readonly processed: readonly ProcessedMessage[];
}

export interface LedgerChain {
  readonly genesisHash: Hash;
  height(): bigint;
  /** An action in a block of its own. */
  act(by: AccountSigner, name: string, args: readonly Uint8Array[]): Receipt;
  /** {@link act} that must succeed. */
  ok(by: AccountSigner, name: string, args: readonly Uint8Array[]): Receipt;
  /** What the chain itself runs, outside of transactions: no fee is taken. */
  run(call: Call): Ran;
  /** An entry function without a transaction and its fee. */
  call(by: Address, name: string, args: readonly Uint8Array[]): Ran;
  view(name: string, ...args: readonly Uint8Array[]): BcsReader;
  /** What a view returns, one value behind another. */
  viewBytes(name: string, ...args: readonly Uint8Array[]): Uint8Array;
  /** How a view ends that may be refused. */
  viewStatus(name: string, ...args: readonly Uint8Array[]): VmStatus;
  balance(of: Address): bigint;
  /** Everything in coin stores. */
  coinsInStores(): bigint;
  /** Rewrites a resource of the shard contracts, as nothing on a chain could. */
  alter(name: string, change: (bytes: Uint8Array) => Uint8Array): void;
  /** Makes empty blocks. */
  blocks(count: number): void;
  /** Every message that was sent on this branch, in order. */
  sent(): readonly SentMessage[];
  /** The same chain so far; what comes differs. */
  branch(): LedgerChain;
}

/** @param faucet has the whole supply. */
export function startLedger(chainId: number, faucet: Address, place: ChainPlace): LedgerChain {
  const root = rootEnvironment([producer.publicKey]);
  const environment = { ...root, parameters: { ...root.parameters, chainId } };
  const config = {
    chainId,
    timestampUs: START_MS * 1_000n,
    producers: [producer.publicKey],
    slotMs: SLOT_MS_USUAL,
    faucet,
  };
  const genesis = createGenesis(environment, config, contractModules(), place);

  function chainFrom(
    start: ExecutedBlock,
    numbers: Map<Address, bigint>,
    messages: SentMessage[],
  ): LedgerChain {
    let head = start;
    let callCount = 0;

    function note(sent: readonly ShardMessage[], height: bigint): void {
      for (const message of sent) {
        const before = messages.filter(
          (other) => other.height === height && other.message.toShard === message.toShard,
        );
        messages.push({ message, index: BigInt(before.length), height });
      }
    }

    function produce(...transactions: readonly SignedTransaction[]) {
      const verified = transactions.map((transaction) => {
        const result = verifySignatures(transaction);
        assert(result.ok, "a test signs well");
        return result.value;
      });
      const time = head.block.header.timestampUs + BLOCK_US;
      const made = produceBlock(environment, head, time, SIGNER, verified);
      head = made.block;
      for (const { events } of head.receipts) {
        note(events.map(readShardMessage).filter(isPresent), head.block.header.height);
      }
      return made;
    }

    const chain: LedgerChain = {
      genesisHash: genesis.hash,
      height: () => head.block.header.height,
      act(by, name, args) {
        const number = numbers.get(by.address) ?? 0n;
        const raw = rawTransaction(by.address, number, name, args, { chainId });
        const { discarded } = produce(signTransaction(raw, by));
        assert(discarded.length === 0, `${name}: ${discarded[0]?.refusal.message}`);
        numbers.set(by.address, number + 1n);
        return present(head.receipts[1], "a receipt");
      },
      ok(by, name, args) {
        const receipt = chain.act(by, name, args);
        const { status } = receipt;
        assert(isExecuted(status), `${name}: ${formatVmStatus(status)}`);
        return receipt;
      },
      run(call) {
        const state = head.state.fork();
        const { height } = head.block.header;
        const uniqueSeed = sha2_256(utf8(`call ${callCount++} at ${height}`));
        const session = environment.executor.begin(state, { uniqueSeed, chainId });
        const { status, events } = session.execute(call);
        if (!isExecuted(status)) return { status, messages: [], processed: [] };
        state.apply(session.changes());
        head = { ...head, state };
        const told = events.map(readShardMessage).filter(isPresent);
        note(told, height);
        const processed = events.map(readProcessedMessage).filter(isPresent);
        return { status, messages: told, processed };
      },
      call(by, name, args) {
        const id = present(parseFunctionId(name), `a function: ${name}`);
        const typeArgs: readonly [] = [];
        const call = { function: id, typeArgs, args, signers: [by], gasLimit: GAS };
        return chain.run({ mode: "entry", ...call });
      },
      view: (name, ...args) => new BcsReader(chain.viewBytes(name, ...args)),
      viewBytes(name, ...args) {
        const id = present(parseFunctionId(name), `a function: ${name}`);
        const ran = runView(environment, head.state, { function: id, typeArgs: [], args });
        assert(isExecuted(ran.status), `${name}: ${formatVmStatus(ran.status)}`);
        return concatBytes(...ran.returns);
      },
      viewStatus(name, ...args) {
        const id = present(parseFunctionId(name), `a function: ${name}`);
        return runView(environment, head.state, { function: id, typeArgs: [], args }).status;
      },
      balance(address) {
        const bytes = head.state.get({ kind: "resource", address, type: COINS });
        return bytes === undefined ? 0n : coinsOf(bytes);
      },
      coinsInStores() {
        let total = 0n;
        for (const { key, value } of head.state.entries()) {
          const isStore = key.kind === "resource" && key.type.name === "CoinStore";
          if (isStore) total += coinsOf(value);
        }
        return total;
      },
      alter(name, change) {
        const key = { kind: "resource", address: SHARDS, type: makeStructTag(name) } as const;
        const old = present(head.state.get(key), "a resource");
        const state = head.state.fork();
        state.apply(makeChangeSet([{ key, op: { type: "modify", old, value: change(old) } }]));
        head = { ...head, state };
      },
      blocks(count) {
        for (let left = count; left > 0; left--) produce();
      },
      sent: () => messages,
      branch: () => chainFrom(head, new Map(numbers), [...messages]),
    };
    return chain;
  }
  return chainFrom(genesis, new Map(), []);
}

function coinsOf(store: Uint8Array): bigint {
  return decodeBcs(store.subarray(0, 8), (reader) => reader.u64());
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** `0x30::shard_gas 5` for an abort; the status's name for anything else. */
export function outcomeOf({ status }: { readonly status: VmStatus }): string {
  if (status.type === "executed") return "EXECUTED";
  if (status.type === "failed") return status.status;
  const { address, name } = status.location.module;
  return `0x${BigInt(address).toString(16)}::${name} ${status.code}`;
}
