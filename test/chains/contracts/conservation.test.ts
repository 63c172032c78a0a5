// Whatever members do, right or wrong, in whatever order: no unit of stake appears or vanishes,
// nobody is paid twice, and in the end everybody fetches what is theirs.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBcs } from "#core/bcs/reader.ts";
import type { Event } from "#core/effects.ts";
import { formatTypeTag } from "#core/type-tag.ts";
import { encode, equivocation } from "../../../src/channel/codec.ts";
import { CHAT, GROUP_ID, openChatChannel, settle } from "./chat-channel.ts";
import { arg, FUNDS, type Ran, startContractChain } from "./contract-chain.ts";
import { enter, type Player } from "./player.ts";
import {
  CHANNEL_MODULE,
  changeConfiguration,
  confirm,
  nextHeader,
  type ScriptedChannel,
  seal,
  showSteps,
  signHeader,
} from "./scripted-channel.ts";

const NAMES = ["alice", "bob", "carol"] as const;
/** Fixed, so that a story that fails fails again. */
const RUNS = { numRuns: 12, seed: 20 };
const WINDOW_MS = 15_000n;

type Who = (typeof NAMES)[number];
/** What one member does, right or wrong. */
interface OwnDeed {
  readonly kind: "join" | "cancel" | "leave" | "keepAlive" | "apply";
  readonly who: Who;
}
type Deed =
  | OwnDeed
  | { readonly kind: "admit" | "settle" | "equivocate" | "payReward" | "close" }
  | { readonly kind: "pass"; readonly ms: bigint };

const deeds: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("join", "cancel", "leave", "keepAlive", "apply"),
    who: fc.constantFrom(...NAMES),
  }),
  fc.record({ kind: fc.constantFrom("admit", "settle", "equivocate", "payReward", "close") }),
  fc.record({ kind: fc.constant("pass"), ms: fc.constantFrom(1_000n, WINDOW_MS + 1n) }),
);

/** A channel, the fines that its events have told of, and what of them bob was paid. */
interface Story {
  readonly channel: ScriptedChannel;
  fined: bigint;
  rewarded: bigint;
}

function startStory(): Story {
  const channel = openChatChannel(startContractChain());
  for (const name of NAMES.slice(1)) channel.players.set(name, enter(channel.chain, name));
  return { channel, fined: 0n, rewarded: 0n };
}

function finesIn(events: readonly Event[]): bigint {
  return events
    .filter(({ type }) => formatTypeTag(type).endsWith("::events::Punished"))
    .reduce((sum, { data }) => sum + fineOf(data), 0n);
}

function fineOf(data: Uint8Array): bigint {
  return decodeBcs(data, (reader) => {
    reader.u64(); // channel
    reader.u64(); // seat
    const fined = reader.u64();
    reader.u64(); // banned until
    return fined;
  });
}

function act(story: Story, deed: Deed): void {
  const { channel } = story;
  switch (deed.kind) {
    case "pass":
      channel.chain.passTime(deed.ms);
      return;
    case "admit":
      admitAll(channel);
      return;
    case "settle":
      settleAll(channel);
      return;
    case "equivocate":
      story.fined += finesIn(equivocate(channel)?.events ?? []);
      return;
    case "payReward":
      story.rewarded += payRewards(channel);
      return;
    case "close":
      onSession(channel, channel.player("alice"), "close");
      return;
    default:
      actAlone(channel, deed);
  }
}

function actAlone(channel: ScriptedChannel, { kind, who }: OwnDeed): Ran {
  const player = channel.player(who);
  switch (kind) {
    case "join":
    case "leave":
      return onSession(channel, player, kind);
    case "cancel":
      return channel.call(player, "cancel_join_entry");
    case "keepAlive":
      return channel.call(player, "keep_alive_entry", arg.u64s([]));
    case "apply":
      return channel.call(player, "apply_leader_entry", arg.bytes(new Uint8Array()));
  }
}

function onSession(channel: ScriptedChannel, { address }: Player, name: string): Ran {
  const options = { sender: address, args: [arg.u64(GROUP_ID)] };
  return channel.chain.run(`${CHAT}::chat_session_${name}`, options);
}

/** Somebody shows two headers of whoever leads; undefined where nobody does. */
function equivocate(channel: ScriptedChannel): Ran | undefined {
  const { leader, term } = channel.view();
  if (leader === 0n) return undefined;
  Object.assign(channel.log, { leader, term });
  const first = signHeader(channel, nextHeader(channel, 0));
  const second = signHeader(channel, { ...first.header, time: first.header.time + 1n });
  const evidence = encode(equivocation, { accused: channel.log.leader, first, second });
  return channel.call(channel.player("bob"), "report_equivocation_entry", arg.bytes(evidence));
}

/** Has everything paid that is owed for proofs, and once more; returns how much that is. */
function payRewards(channel: ScriptedChannel): bigint {
  const { rewards } = channel.view();
  for (const { seat } of [...rewards, ...rewards]) {
    channel.chain.run(`${CHANNEL_MODULE}::pay_reward_entry`, {
      sender: channel.player("carol").address,
      typeArgs: ["0x1::aptos_coin::AptosCoin"],
      args: [arg.u64(channel.id), arg.u64(seat)],
    });
  }
  return rewards.reduce((sum, { amount }) => sum + amount, 0n);
}

/** Brings the script in line with what the chain has decided by itself. */
function follow(channel: ScriptedChannel): void {
  const { term, leader, configuration, members } = channel.view();
  Object.assign(channel.log, { term, leader });
  if (configuration === channel.log.configuration.number) return;
  const seats = members.filter(({ standing }) => standing === "admitted").map(({ seat }) => seat);
  channel.log.configuration = { number: configuration, seats };
}

function canPlay(channel: ScriptedChannel): boolean {
  const { closed, leader } = channel.view();
  follow(channel);
  return !closed && leader !== 0n && channel.log.configuration.seats.length > 0;
}

/** Everybody who is pending is admitted, and the chain is shown. */
function admitAll(channel: ScriptedChannel): void {
  if (!canPlay(channel)) return;
  const seats = channel
    .view()
    .members.filter(({ standing }) => standing === "pending" || standing === "admitted")
    .map(({ seat }) => seat);
  if (seats.length === channel.log.configuration.seats.length) return;
  showSteps(channel, [changeConfiguration(channel, seats)]);
}

function settleAll(channel: ScriptedChannel): void {
  if (!canPlay(channel) || channel.log.height === channel.log.settledHeight) return;
  const { members } = channel.view();
  // A stranger to the configuration would have to vote as well: then the window decides, not this.
  if (members.some(({ standing }) => standing === "pending")) return;
  const [first] = channel.log.configuration.seats;
  const player = [...channel.players.values()].find(({ address }) => address === first?.address);
  const count = Number(channel.log.height - channel.log.settledHeight);
  const confirmation = confirm(channel, count);
  if (player !== undefined) settle(channel, confirmation, [], player.name);
}

function balance(channel: ScriptedChannel, { address }: Player): bigint {
  const options = { typeArgs: ["0x1::aptos_coin::AptosCoin"], args: [arg.address(address)] };
  const [bytes] = channel.chain.view("0x1::coin::balance", options);
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.u64());
}

function accountFor({ channel, fined, rewarded }: Story): void {
  const balances = NAMES.map((name) => balance(channel, channel.player(name)));
  const staked = channel.view().members.reduce((sum, { stake }) => sum + stake, 0n);
  const total = balances.reduce((sum, value) => sum + value, staked + fined - rewarded);
  expect(total).toBe(FUNDS * BigInt(NAMES.length));
  const bounds = NAMES.map((name) => (name === "bob" ? FUNDS + rewarded : FUNDS));
  expect(balances.every((value, index) => value <= (bounds[index] ?? 0n))).toBe(true);
}

/** Everybody leaves: by being closed out, or by taking their joins back. */
function endStory({ channel }: Story): void {
  for (const name of NAMES) channel.call(channel.player(name), "cancel_join_entry");
  channel.chain.passTime(WINDOW_MS);
  const leave = () => {
    for (const name of NAMES) {
      const { address } = channel.player(name);
      const options = { sender: address, args: [arg.u64(channel.id)] };
      while (channel.chain.run(`${CHAT}::chat_channel_leave`, options).status.type === "executed");
    }
  };
  leave();
  follow(channel);
  const { seats } = channel.log.configuration;
  if (!channel.view().closed && seats.length > 0) {
    lead(channel);
    const [last] = seats;
    if (last !== undefined && seats.length > 1) {
      showSteps(channel, [changeConfiguration(channel, [last])]);
      lead(channel);
    }
    seal(channel, nextHeader(channel, 0));
    settleAll(channel);
    for (const name of NAMES) onSession(channel, channel.player(name), "close");
  }
  leave();
}

/** Whoever is first in the configuration leads. */
function lead(channel: ScriptedChannel): void {
  channel.chain.passTime(WINDOW_MS + 1n);
  const [first] = channel.log.configuration.seats;
  const player = [...channel.players.values()].find(({ address }) => address === first?.address);
  if (player === undefined) return;
  channel.callOk(player, "apply_leader_entry", arg.bytes(new Uint8Array()));
  follow(channel);
}

describe("stakes", () => {
  it("are conserved through any story, and come back at its end", () => {
    fc.assert(
      fc.property(fc.array(deeds, { minLength: 4, maxLength: 16 }), (all) => {
        const story = startStory();
        for (const deed of all) {
          act(story, deed);
          accountFor(story);
        }
        endStory(story);
        accountFor(story);
        const left = NAMES.reduce(
          (sum, name) => sum + balance(story.channel, story.channel.player(name)),
          story.fined - story.rewarded,
        );
        expect(left).toBe(FUNDS * BigInt(NAMES.length));
      }),
      RUNS,
    );
  });
});
