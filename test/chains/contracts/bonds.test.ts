// Whatever is demanded, forced and posted, in whatever order, and however the channel ends: every
// bond comes back, for nobody here says anything false, and so does every stake.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { opBetween, type StateKey } from "#core/effects.ts";
import { isExecuted } from "#core/status.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { encode, exitEvidence } from "../../../src/channel/codec.ts";
import { encodeSigned, postCall } from "./chat-calls.ts";
import { admit, CHAT, execute, GROUP_ID, openChatChannel } from "./chat-channel.ts";
import { arg, FUNDS, type Ran, startContractChain } from "./contract-chain.ts";
import {
  confirm,
  noteSettled,
  order,
  type ScriptedChannel,
  settlementData,
  showSteps,
  voteAll,
} from "./scripted-channel.ts";

const NAMES = ["alice", "bob", "carol"] as const;
/** Fixed, so that a story that fails fails again. */
const RUNS = { numRuns: 20, seed: 24 };
const COIN = "0x1::aptos_coin::AptosCoin";
const CONTROL: StateKey = {
  kind: "resource",
  address: makeAddress("0x0"),
  type: makeStructTag("0x0::channel::Control"),
};
/** Longer than any window of a chat, but the one of a forced call. */
const WINDOW_MS = 15_001n;
const FORCED_MS = 60_001n;

type Who = (typeof NAMES)[number];
type Deed =
  | { readonly kind: "demand" | "force" | "exit"; readonly who: Who }
  | { readonly kind: "propose" | "settle" | "end" | "takeBack" }
  | { readonly kind: "pass"; readonly ms: bigint };

const deeds: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ kind: fc.constantFrom("demand", "demand", "force"), who: fc.constantFrom(...NAMES) }),
  // The last one settles and closes by itself: one is enough to leave alone.
  fc.record({ kind: fc.constant("exit"), who: fc.constant("bob") }),
  fc.record({ kind: fc.constantFrom("propose", "propose", "settle", "end", "takeBack") }),
  fc.record({ kind: fc.constant("pass"), ms: fc.constantFrom(1_000n, WINDOW_MS) }),
);

interface Story {
  readonly channel: ScriptedChannel;
  /** Number of the header that was proposed last. */
  target: bigint;
}

function startStory(): Story {
  const channel = openChatChannel(startContractChain());
  for (const name of NAMES.slice(1)) showSteps(channel, [admit(channel, name)]);
  return { channel, target: 0n };
}

/** Right or wrong: the contract decides. */
function run({ channel }: Story, by: Who, name: string, ...args: Uint8Array[]): Ran {
  const { stateType } = channel.view();
  const sender = channel.player(by).address;
  const typeArgs = [name.endsWith("finish_exit_entry") ? COIN : stateType];
  return channel.chain.run(`0x20::${name}`, { sender, typeArgs, args });
}

function act(story: Story, deed: Deed): void {
  const { channel } = story;
  const id = arg.u64(channel.id);
  switch (deed.kind) {
    case "pass":
      return channel.chain.passTime(deed.ms);
    case "demand": {
      const number = arg.u64(story.target);
      const proposal = arg.u64(channel.view().pendingSettlement);
      run(story, deed.who, "challenge::demand_entry", id, proposal, number, number);
      return;
    }
    case "force":
      run(story, deed.who, "forced_call::force_call_entry", id, forced(channel, deed.who));
      return;
    case "exit": {
      const evidence = arg.bytes(encode(exitEvidence, { steps: [] }));
      run(story, deed.who, "exit::open_exit_entry", id, arg.u64(seatOf(deed.who)), evidence);
      return;
    }
    case "takeBack":
      return takeBack(story);
    case "propose":
      propose(story);
      return;
    case "settle":
      return settle(story);
    case "end":
      return end(story);
  }
}

function seatOf(who: Who): bigint {
  return BigInt(NAMES.indexOf(who) + 1);
}

function forced(channel: ScriptedChannel, who: Who): Uint8Array {
  return arg.bytes(encodeSigned(channel.player(who), postCall(channel, { seat: seatOf(who) })));
}

function propose(story: Story): boolean {
  const { channel } = story;
  if (channel.view().closed) return false;
  if (channel.log.height === channel.log.settledHeight) order(channel.log, []);
  order(channel.log, []);
  const confirmation = confirm(channel, 1);
  const data = arg.bytes(settlementData(channel, confirmation));
  const alice = channel.player("alice");
  const { status } = channel.call(alice, "create_proposal_entry", arg.u8(1), data);
  if (isExecuted(status)) story.target = confirmation.header.header.number;
  return isExecuted(status);
}

/** Alice proposes, all vote and she carries it out, unless the contract has it wait. */
function settle(story: Story): void {
  const { channel } = story;
  if (!propose(story)) return;
  const proposal = channel.view().proposalCount;
  const { height } = channel.log;
  voteAll(channel, proposal);
  if (isExecuted(execute(channel, proposal).status)) noteSettled(channel, height);
}

/** The channel orders its end, settles it, and alice closes it. */
function end(story: Story): void {
  const { channel } = story;
  const ending = opBetween(channel.log.state.get(CONTROL), Uint8Array.of(7, 1));
  if (ending !== undefined) order(channel.log, [{ key: CONTROL, op: ending }]);
  settle(story);
  const { address } = channel.player("alice");
  channel.chain.run(`${CHAT}::chat_session_close`, { sender: address, args: [arg.u64(GROUP_ID)] });
}

/** Everything that is over is ended, by somebody who has nothing of it. */
function takeBack(story: Story): void {
  const { channel } = story;
  const id = arg.u64(channel.id);
  const [demands] = channel.chain.view("0x20::challenge::get_demands", { args: [id] });
  for (const demand of demandsIn(demands ?? new Uint8Array())) {
    run(story, "carol", "challenge::void_entry", id, arg.u64(demand));
  }
  for (const who of NAMES) {
    run(story, "carol", "forced_call::depose_leader_entry", id, arg.u64(seatOf(who)));
  }
}

function demandsIn(bytes: Uint8Array): readonly bigint[] {
  return decodeBcs(bytes, (reader) =>
    reader.vector((item) => {
      const id = item.u64();
      item.u64(); // proposal
      item.address(); // challenger
      for (let left = 3; left > 0; left--) item.u64();
      return id;
    }),
  );
}

function coinsOf({ channel }: Story, name: Who): bigint {
  const args = [arg.address(channel.player(name).address)];
  const [bytes] = channel.chain.view("0x1::coin::balance", { typeArgs: [COIN], args });
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.u64());
}

function bondsIn({ channel }: Story): bigint {
  const [bytes] = channel.chain.view("0x20::bond::balance", {});
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.u64());
}

/** Everything there is of the players', wherever it lies. */
function accountFor(story: Story): void {
  const staked = story.channel.view().members.reduce((sum, { stake }) => sum + stake, 0n);
  const held = NAMES.reduce((sum, name) => sum + coinsOf(story, name), staked + bondsIn(story));
  expect(held).toBe(FUNDS * BigInt(NAMES.length));
}

/** Time passes, and whoever may does what ends things. */
function comeToAnEnd(story: Story): void {
  const { channel } = story;
  for (const _ of NAMES) {
    // Where nobody leads nobody can be late: somebody takes the lead.
    for (const who of NAMES) {
      channel.call(channel.player(who), "apply_leader_entry", arg.bytes(new Uint8Array()));
    }
    channel.chain.passTime(FORCED_MS);
    const exit = [arg.u64(channel.id), arg.u64(seatOf("bob"))];
    run(story, "carol", "exit::finish_exit_entry", ...exit);
    takeBack(story);
  }
}

describe("bonds", () => {
  it("are conserved through any story, and come back at its end", () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(fc.array(deeds, { minLength: 6, maxLength: 14 }), (all) => {
        const story = startStory();
        for (const deed of all) {
          const before = bondsIn(story);
          act(story, deed);
          if (bondsIn(story) > before) kinds.add(deed.kind);
          accountFor(story);
        }
        comeToAnEnd(story);
        expect(bondsIn(story)).toBe(0n);
        accountFor(story);
      }),
      RUNS,
    );
    expect([...kinds].toSorted()).toEqual(["demand", "exit", "force"]);
  });
});
