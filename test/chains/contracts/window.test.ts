// Windows for objecting end only when blocks that others made, or could have made, are final: the
// time alone is what a producer that leaves objections out can wait for.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import {
  encode,
  equivocation,
  exitEvidence,
  refOfConfiguration,
  removalMessage,
  silenceEvidence,
} from "../../../src/channel/codec.ts";
import { codeOf } from "./abort.ts";
import { encodeSigned, postCall } from "./chat-calls.ts";
import { admit, execute, GROUP_ID, groupBytes, join, openChatChannel } from "./chat-channel.ts";
import { arg, startContractChain } from "./contract-chain.ts";
import {
  confirm,
  nextHeader,
  propose,
  type ScriptedChannel,
  setState,
  showSteps,
  signHeader,
  vote,
} from "./scripted-channel.ts";

const NONE = arg.bytes(new Uint8Array());
const COIN = "0x1::aptos_coin::AptosCoin";
const LEASE_MS = 15_001n;

/** A chat of alice, who leads, bob and carol; the chain knows all of them. */
function chat(): ScriptedChannel {
  const channel = openChatChannel(startContractChain());
  for (const name of ["bob", "carol"]) showSteps(channel, [admit(channel, name)]);
  return channel;
}

function run(channel: ScriptedChannel, by: string, name: string, ...args: Uint8Array[]) {
  const typeArgs = [name.endsWith("finish_exit_entry") ? COIN : channel.view().stateType];
  return codeOf(
    channel.chain.run(name, {
      sender: channel.player(by).address,
      typeArgs,
      args: [arg.u64(channel.id), ...args],
    }),
  );
}

function deed(channel: ScriptedChannel, by: string, name: string, ...args: Uint8Array[]) {
  return codeOf(channel.call(channel.player(by), name, ...args));
}

/** Wishes of bob alone that alice, who is silent, be removed. */
function removal(channel: ScriptedChannel): Uint8Array {
  const { hash, members, fence } = channel.view();
  const wish = {
    channel: hash,
    configuration: refOfConfiguration(hash, channel.log.configuration),
    accused: 1n,
    lastAlive: present(members[0], "alice").lastAliveMs,
    highest: fence,
  };
  const signature = channel.player("bob").signAsNode(removalMessage(wish));
  const removals = [{ removal: wish, seat: 2n, signature }];
  return arg.bytes(encode(silenceEvidence, { removals, steps: [] }));
}

function forcedCall(channel: ScriptedChannel): Uint8Array {
  return arg.bytes(encodeSigned(channel.player("bob"), postCall(channel)));
}

interface Window {
  /** Begins it, and returns what may be done once it is over. */
  readonly begin: (channel: ScriptedChannel) => () => unknown;
  readonly ms: bigint;
  readonly refusal: unknown;
  readonly done: unknown;
}

const EXECUTED = { ms: 15_000n, refusal: 14, done: "EXECUTED" } as const;

const WINDOWS: readonly (readonly [string, Window])[] = [
  [
    "in which a settlement may be disputed",
    {
      ...EXECUTED,
      begin: (channel) => {
        setState(channel, groupBytes(["one"], channel.player("alice")));
        const proposal = propose(channel, confirm(channel, 1));
        vote(channel, channel.player("bob"), proposal);
        return () => codeOf(execute(channel, proposal));
      },
    },
  ],
  [
    "in which a silent member may be heard",
    {
      ...EXECUTED,
      begin: (channel) => {
        channel.chain.passTime(LEASE_MS);
        const remove = () =>
          deed(channel, "bob", "remove_silent_entry", arg.u64(1), removal(channel));
        expect(remove()).toBe("EXECUTED");
        return remove;
      },
    },
  ],
  [
    "in which certificates may be shown before a punished seat is out",
    {
      ms: 10_000n,
      refusal: 2n,
      done: 3n,
      begin: (channel) => {
        const first = signHeader(channel, nextHeader(channel, 0));
        const second = signHeader(channel, { ...first.header, time: 7n });
        const evidence = arg.bytes(encode(equivocation, { accused: 1n, first, second }));
        expect(deed(channel, "bob", "report_equivocation_entry", evidence)).toBe("EXECUTED");
        return () => {
          deed(channel, "bob", "post_certificate_entry", NONE, NONE);
          return channel.view().configuration;
        };
      },
    },
  ],
  [
    "in which an exit may be contested",
    {
      ...EXECUTED,
      begin: (channel) => {
        const nothing = arg.bytes(encode(exitEvidence, { steps: [] }));
        const opened = run(channel, "bob", "0x20::exit::open_exit_entry", arg.u64(2), nothing);
        expect(opened).toBe("EXECUTED");
        return () => run(channel, "bob", "0x20::exit::finish_exit_entry", arg.u64(2));
      },
    },
  ],
  [
    "in which an admission may be shown",
    {
      ...EXECUTED,
      refusal: 28,
      begin: (channel) => {
        const dave = join(channel, "dave");
        expect(deed(channel, "dave", "cancel_join_entry")).toBe("EXECUTED");
        const leaving = { sender: dave.address, args: [arg.u64(GROUP_ID)] };
        return () => codeOf(channel.chain.run("0x21::chat::chat_session_leave", leaving));
      },
    },
  ],
  [
    "in which data may be shown",
    {
      ...EXECUTED,
      begin: (channel) => {
        setState(channel, groupBytes(["one"], channel.player("alice")));
        const confirmation = confirm(channel, 1);
        const proposal = arg.u64(propose(channel, confirmation));
        const at = arg.u64(confirmation.header.header.number);
        const demanded = run(channel, "bob", "0x20::challenge::demand_entry", proposal, at, at);
        expect(demanded).toBe("EXECUTED");
        return () => run(channel, "bob", "0x20::challenge::void_entry", arg.u64(1));
      },
    },
  ],
  [
    "in which a leader may order a forced call",
    {
      ...EXECUTED,
      ms: 60_000n,
      begin: (channel) => {
        const forcing = forcedCall(channel);
        expect(run(channel, "bob", "0x20::forced_call::force_call_entry", forcing)).toBe(
          "EXECUTED",
        );
        const deposing = arg.u64(2);
        return () => run(channel, "bob", "0x20::forced_call::depose_leader_entry", deposing);
      },
    },
  ],
];

describe("windows beaten by a censoring producer", () => {
  it.each(WINDOWS)("one %s waits for others' blocks", (_, { begin, ms, refusal, done }) => {
    const channel = chat();
    channel.chain.passTime(2_000n);
    const end = begin(channel);
    channel.chain.holdFinality(true);
    channel.chain.passTime(ms + 60_000n);
    expect(end()).toBe(refusal);
    channel.chain.holdFinality(false);
    channel.chain.nextBlock(1n);
    expect(end()).toBe(done);
  });

  it.each(WINDOWS)("one %s takes its time all the same", (_, { begin, ms, refusal, done }) => {
    const channel = chat();
    const end = begin(channel);
    channel.chain.passTime(ms - 1n);
    expect(end()).toBe(refusal);
    channel.chain.nextBlock(1n);
    expect(end()).toBe(done);
  });
});
