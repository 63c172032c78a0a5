// Members of one chat group on one chain, each with an adapter of its own, on a clock that the test
// moves.

import type { AccountSigner, ChainClient } from "#chains";
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { utf8 } from "#core/bytes.ts";
import { publicKeyOf, signEd25519 } from "#core/ed25519.ts";
import { sha2_256 } from "#core/hash.ts";
import { makeStructTag } from "#core/type-tag.ts";
import {
  balanceOf,
  type ChainAccess,
  chatDapp,
  createSettlementAdapter,
  fundFromFaucet,
  rootAccess,
  type SettlementAdapter,
} from "#settlement";
import { getState } from "../../src/settlement/contract/calls.ts";
import { accountNamed, secretNamed, startChain, type TestChain } from "../chains/fixture.ts";
import type { AdapterMember, AdapterWorld } from "../conformance/settlement-adapter.suite.ts";

const FUNDS = 50_000_000n;
const GROUP_ID = 1n;
const CHAT_GROUP = makeStructTag("0x21::chat::ChatGroup");
/** How far the clock goes between two looks whether something is done. */
const STEP_MS = 100;
const STEPS_MAX = 3_000;

export interface TestMember extends AdapterMember {
  readonly account: AccountSigner;
  readonly access: ChainAccess;
  readonly client: ChainClient;
}

/** Lets the chain's clock run until `work` is done. */
export async function during<T>({ clock }: Pick<TestChain, "clock">, work: Promise<T>): Promise<T> {
  let done = false;
  const watched = work.finally(() => {
    done = true;
  });
  watched.catch(() => undefined);
  for (let step = 0; step < STEPS_MAX && !done; step++) await clock.advance(STEP_MS);
  return watched;
}

/** @param wrap puts something between the adapter and its chain. */
export function memberOf(
  chain: TestChain,
  name: string,
  wrap: (access: ChainAccess) => ChainAccess = (access) => access,
): TestMember {
  const account = accountNamed(name);
  const nodeSecret = secretNamed(`${name}'s node`);
  const client = chain.node.connect();
  const access = wrap(rootAccess(client, account));
  const adapter: SettlementAdapter = createSettlementAdapter({
    access,
    clock: chain.clock,
    dapp: chatDapp({ groupId: GROUP_ID, name: "the group" }),
    keys: {
      memberKey: account.publicKey,
      nodeKey: publicKeyOf(nodeSecret),
      revealTip: sha2_256(utf8(`${name}'s reveal`)),
      signAsNode: (message) => signEd25519(message, nodeSecret),
    },
  });
  return {
    account,
    access,
    client,
    adapter,
    signAsNode: (message) => signEd25519(message, nodeSecret),
    balance: () => balanceOf(client, account.address),
  };
}

export interface TestWorld extends AdapterWorld {
  readonly chain: TestChain;
  readonly member: (name: string) => Promise<TestMember>;
  readonly during: <T>(work: Promise<T>) => Promise<T>;
}

export async function startWorld(
  wrap: (access: ChainAccess) => ChainAccess = (access) => access,
): Promise<TestWorld> {
  const chain = await startChain();
  // Somebody watches, so that time goes on.
  chain.client.onHead(() => undefined);
  return {
    chain,
    member: async (name) => {
      const member = memberOf(chain, name, wrap);
      await during(chain, fundFromFaucet(chain.client, member.account.address, FUNDS));
      return member;
    },
    stateOf: async (id) => {
      const [bytes] = await chain.client.view(getState(CHAT_GROUP, id));
      return new BcsReader(present(bytes, "a view of one value")).bytes().slice();
    },
    otherState: withMessage,
    during: (work) => during(chain, work),
    pass: (ms) => chain.clock.advance(ms),
  };
}

/** The group with one message more. */
function withMessage(group: Uint8Array, text: string): Uint8Array {
  const reader = new BcsReader(group);
  const [id, name, count] = [reader.u64(), reader.string(), reader.u64()];
  const messages = reader.vector((item) => ({
    number: item.u64(),
    author: item.address(),
    text: item.string(),
  }));
  const author = accountNamed("alice").address;
  return encodeBcs((writer) => {
    writer
      .u64(id)
      .string(name)
      .u64(count + 1n);
    writer.vector([...messages, { number: count + 1n, author, text }], (out, message) =>
      out.u64(message.number).address(message.author).string(message.text),
    );
  });
}
