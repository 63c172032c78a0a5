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
  type ChainLink,
  chatDapp,
  createSettlementAdapter,
  fundFromFaucet,
  rootAccess,
  type SettlementAdapter,
} from "#settlement";
import { getState } from "../../src/settlement/contract/calls.ts";
import { accountNamed, genesisStore, START_MS, secretNamed } from "../chains/fixture.ts";
import { type ManualClock, manualClock } from "../chains/manual-clock.ts";
import type {
  AdapterMember,
  AdapterWorld,
  Line,
  WorldTerms,
} from "../conformance/settlement-world.ts";
import { type LivingNode, livingNode } from "./living-node.ts";

export const FUNDS = 50_000_000n;
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
export async function during<T>(
  { clock }: Pick<MemberChain, "clock">,
  work: Promise<T>,
): Promise<T> {
  let done = false;
  const watched = work.finally(() => {
    done = true;
  });
  watched.catch(() => undefined);
  for (let step = 0; step < STEPS_MAX && !done; step++) await clock.advance(STEP_MS);
  return watched;
}

/** What of a chain a test's member needs. */
export interface MemberChain {
  readonly clock: ManualClock;
  readonly node: { connect(): ChainClient };
}

/** @param wrap puts something between the adapter and its chain. */
export function memberOf(
  chain: MemberChain,
  name: string,
  wrap: (access: ChainAccess) => ChainAccess = (access) => access,
): TestMember {
  const client = chain.node.connect();
  const account = accountNamed(name);
  const balance = () => balanceOf(client, account.address);
  return { ...memberBy(chain.clock, name, wrap(rootAccess(client, account)), balance), client };
}

/** A member of the group on any chain. */
export function memberBy(
  clock: ManualClock,
  name: string,
  access: ChainAccess,
  balance: () => Promise<bigint>,
  groupId = GROUP_ID,
): Omit<TestMember, "client"> {
  const account = accountNamed(name);
  const nodeSecret = secretNamed(`${name}'s node`);
  const adapter: SettlementAdapter = createSettlementAdapter({
    access,
    clock,
    dapp: chatDapp({ groupId, name: "the group" }),
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
    adapter,
    signAsNode: (message) => signEd25519(message, nodeSecret),
    balance,
  };
}

/** The chain under a world: its node may be restarted under everybody who talks to it. */
export interface WorldChain extends MemberChain {
  readonly node: LivingNode;
  readonly client: ChainClient;
}

export interface TestWorld extends AdapterWorld {
  readonly chain: WorldChain;
  readonly member: (name: string, line?: Line) => Promise<TestMember>;
  readonly during: <T>(work: Promise<T>) => Promise<T>;
}

export async function startWorld({ undoable = 0 }: WorldTerms = {}): Promise<TestWorld> {
  const clock = manualClock(START_MS);
  const node = await livingNode(clock, await genesisStore(), { finalityDepth: undoable });
  const chain: WorldChain = { clock, node, client: node.connect() };
  // Somebody watches, so that time goes on.
  chain.client.onHead(() => undefined);
  return {
    chain,
    member: async (name, line) => {
      const member = memberOf(chain, name, line);
      await during(chain, fundFromFaucet(chain.client, member.account.address, FUNDS));
      return member;
    },
    ...groupOn(clock, chain.client),
    tellingMs: 1_000,
    restart: () => node.restart(),
    undo: () => node.undo(undoable),
  };
}

type GroupWorld = Pick<AdapterWorld, "stateOf" | "otherState" | "pass" | "sleep"> &
  Pick<TestWorld, "during">;

/** What is the same of a world on any chain: the group's state as `chain` has it, and its clock. */
export function groupOn(clock: ManualClock, chain: Pick<ChainLink, "view">): GroupWorld {
  return {
    stateOf: async (id) => stateIn((await chain.view(getState(CHAT_GROUP, id)))[0]),
    otherState: withMessage,
    during: (work) => during({ clock }, work),
    pass: (ms) => clock.advance(ms),
    sleep: (ms) => clock.sleep(ms),
  };
}

/** The state in what `get_state` returns. */
function stateIn(returned: Uint8Array | undefined): Uint8Array {
  return new BcsReader(present(returned, "a view of one value")).bytes().slice();
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
