// Parallel chains on a root chain in one process: what the title's group needs before it commits,
// the chain's genesis, made once, and readings of both chains.
import {
  type AccountSigner,
  type ChainClient,
  type ChainStore,
  createMemoryStore,
  faucetSigner,
  type ParaConfig,
  paraConfig,
  signTransaction,
} from "#chains";
import { type Address, addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { storedBlock } from "../../../src/chains/node-opening.ts";
import {
  createParaGenesis,
  genesisConfigOf,
  paraEnvironment,
} from "../../../src/chains/para/genesis.ts";
import type { StoredBlock } from "../../../src/chains/ports.ts";
import { accountNamed, rawTransaction, START_MS, secretNamed, u64 } from "../fixture.ts";

export const TITLE = "user.p.land.";
/** Units of one coin. */
export const COIN = 10_000n;
/** What every account that takes part begins with on the root chain. */
export const FUNDS = 1_000n * COIN;
/** What each node of the group freezes. */
const FROZEN = 100n * COIN;

const faucet = faucetSigner();

export function paraAccount(index: number): AccountSigner {
  return accountNamed(`para node ${index}`);
}

/** The chain that the root chain of {@link START_MS} orders from its genesis on. */
export const CONFIG: ParaConfig = present(
  paraConfig(TITLE, 1, accountNamed("para owner").publicKey, {
    height: 0n,
    timestampUs: START_MS * 1_000n,
  }),
  "a title",
);

let genesis: StoredBlock | undefined;

/** A store with the chain's genesis, and a relay key of its own. */
export async function paraStore(index: number): Promise<ChainStore> {
  genesis ??= storedBlock(createParaGenesis(paraEnvironment(CONFIG), CONFIG));
  const store = createMemoryStore();
  const producerSecret = relaySecret(index);
  await store.create({ config: genesisConfigOf(CONFIG), producerSecret }, genesis);
  return store;
}

function relaySecret(index: number) {
  return secretNamed(`relay ${index}`);
}

export function relayAccount(index: number): AccountSigner {
  return accountNamed(`relay ${index}`);
}

/** BCS of a string. */
export function text(value: string): Uint8Array {
  return encodeBcs((writer) => writer.string(value));
}

function addresses(values: readonly Address[]): Uint8Array {
  return encodeBcs((writer) => writer.vector(values, (out, value) => out.address(value)));
}

/** Somebody's transactions on a chain, numbered as they are made. */
export interface Sender {
  call(target: string, args: readonly Uint8Array[]): Uint8Array;
}

export function sender(
  signer: AccountSigner,
  nowMs: () => bigint,
  chainId = 4,
  first = 0n,
): Sender {
  let number = first;
  return {
    call: (target, args) => {
      const changes = {
        chainId,
        expirationSecs: nowMs() / 1_000n + 100_000n,
        maxGas: rawTransaction(signer.address, 0n, target, []).maxGas,
      };
      const raw = rawTransaction(signer.address, number, target, args, changes);
      number += 1n;
      return signTransaction(raw, signer).bytes;
    },
  };
}

/** Everything that has to be in root blocks, in this order, before nodes can commit. */
export function groupTransactions(
  nowMs: () => bigint,
  producers: readonly AccountSigner[],
  nodes: readonly AccountSigner[],
  others: readonly AccountSigner[],
): readonly (readonly Uint8Array[])[] {
  const rich = sender(faucet, nowMs);
  const pay = (to: Address) => {
    return rich.call("0x1::aptos_account::transfer", [addressToBytes(to), u64(FUNDS)]);
  };
  const [manager] = producers;
  const members = nodes.map(({ address }) => address);
  const boss = sender(present(manager, "a producer"), nowMs);
  const named = addressToBytes(present(manager, "a producer").address);
  const small = encodeBcs((writer) => writer.bool(members.length < 4));
  const appointments = producers.map((producer, index) => {
    return (index === 0 ? boss : sender(producer, nowMs)).call("0x40::manager::appoint", [named]);
  });
  const apply = [text(TITLE), addresses(members), u64(FROZEN), small];
  return [
    [...new Set([...producers, ...nodes, ...others])].map(({ address }) => pay(address)),
    appointments,
    [rich.call("0x40::node_group::apply", apply)],
    [boss.call("0x40::node_group::approve", [u64(0n)])],
  ];
}

export async function submitAll(
  client: ChainClient,
  transactions: readonly Uint8Array[],
): Promise<void> {
  for (const bytes of transactions) await client.submit(bytes);
}
