// Every number with which the package refuses, provoked once, and every public function called by
// some test: read out of the sources, so that a new one without a test is found.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { ZERO_HASH } from "#core/hash.ts";
import {
  encode,
  equivocation,
  punishmentEvidence,
  silenceEvidence,
} from "../../../src/channel/codec.ts";
import { codeOf } from "./abort.ts";
import {
  admit,
  CHAT,
  execute,
  GROUP_ID,
  join as joinChat,
  openChatChannel,
  STAKE,
  settle,
} from "./chat-channel.ts";
import { arg, startContractChain } from "./contract-chain.ts";
import { enter, fund, playerNamed, registrationArgs } from "./player.ts";
import { GAME, startGame } from "./purse-game.ts";
import {
  CHANNEL_MODULE,
  changeConfiguration,
  confirm,
  nextHeader,
  order,
  propose,
  type ScriptedChannel,
  seal,
  settlementData,
  showSteps,
  signHeader,
  vote,
} from "./scripted-channel.ts";
import { startTrialChain } from "./trial-modules.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const SOURCES = join(ROOT, "src", "chains", "contracts", "rooch", "sources");
const LEASE_MS = 15_001n;
const NONE = arg.bytes(new Uint8Array());
/** Refusals from here on have tests beside their modules'. */
const OWN_TESTS_FROM = 60;

type Code = number | string;

/** A chat of alice, who leads, and these; the chain knows all of them. */
function chatOf(...names: readonly string[]): ScriptedChannel {
  const channel = openChatChannel(startContractChain());
  for (const name of names) showSteps(channel, [admit(channel, name)]);
  return channel;
}

function session(channel: ScriptedChannel, name: string, deed: string): Code {
  const options = { sender: channel.player(name).address, args: [arg.u64(GROUP_ID)] };
  return codeOf(channel.chain.run(`${CHAT}::chat_session_${deed}`, options));
}

function call(channel: ScriptedChannel, by: string, name: string, ...args: Uint8Array[]): Code {
  return codeOf(channel.call(channel.player(by), name, ...args));
}

/** keep_alive of a channel that this one is not. */
function keepAlive(channel: ScriptedChannel, id: bigint, type: string): Code {
  return codeOf(
    channel.chain.run(`${CHANNEL_MODULE}::keep_alive_entry`, {
      sender: channel.player("alice").address,
      typeArgs: [type],
      args: [arg.u64(id), arg.u64s([])],
    }),
  );
}

function stranger(channel: ScriptedChannel, name = "oscar"): string {
  channel.players.set(name, enter(channel.chain, name));
  return name;
}

/** Two headers of alice for one place. */
function contradiction(channel: ScriptedChannel): Uint8Array {
  const first = signHeader(channel, nextHeader(channel, 0));
  const second = signHeader(channel, { ...first.header, time: 7n });
  return arg.bytes(encode(equivocation, { accused: 1n, first, second }));
}

function accusation(channel: ScriptedChannel, signer = 1n): Uint8Array {
  const header = seal(channel, nextHeader(channel, 0, { leader: signer }));
  return arg.bytes(
    encode(punishmentEvidence, { accused: 1n, header, entries: [], batchSteps: [], steps: [] }),
  );
}

function played(...names: readonly string[]): ScriptedChannel {
  const channel = chatOf(...names);
  order(channel.log, []);
  return channel;
}

function settling(channel: ScriptedChannel, data: Uint8Array): Code {
  return call(channel, "alice", "create_proposal_entry", arg.u8(1), arg.bytes(data));
}

function applySettlement(channel: ScriptedChannel, treatment: number): Code {
  const proposal = propose(channel, confirm(channel, Number(channel.log.height)));
  for (const name of ["bob"]) vote(channel, channel.player(name), proposal);
  const nobody = Uint8Array.of(0);
  const args = [arg.u64(1), arg.u64(proposal), arg.u8(treatment), nobody, nobody];
  const sender = channel.player("alice").address;
  return codeOf(channel.chain.run(`${GAME}::settle`, { sender, args }));
}

/** What provokes each refusal. */
const PROVOCATIONS: ReadonlyMap<number, () => Code> = new Map<number, () => Code>([
  [1, () => keepAlive(chatOf(), 9n, "0x21::chat::ChatGroup")],
  [
    2,
    () => {
      const channel = chatOf();
      return call(channel, stranger(channel), "keep_alive_entry", arg.u64s([]));
    },
  ],
  [
    3,
    () => {
      const channel = chatOf("bob");
      call(channel, "bob", "report_equivocation_entry", contradiction(channel));
      return session(channel, "alice", "join");
    },
  ],
  [4, () => call(chatOf("bob"), "bob", "apply_leader_entry", NONE)],
  [5, () => session(chatOf("bob"), "alice", "close")],
  [6, () => call(chatOf(), "alice", "create_proposal_entry", arg.u8(3), NONE)],
  [
    7,
    () => {
      const channel = played();
      const data = settlementData(channel, confirm(channel, 1));
      data[0] = 1;
      return settling(channel, data);
    },
  ],
  [
    8,
    () => {
      const channel = played("bob");
      const proposal = propose(channel, confirm(channel, 1));
      return codeOf(vote(channel, channel.player("alice"), proposal));
    },
  ],
  [
    9,
    () => {
      const channel = chatOf("bob", "carol");
      call(channel, "bob", "create_proposal_entry", arg.u8(2), accusation(channel));
      return call(channel, "bob", "execute_punishment_entry", arg.u64(1));
    },
  ],
  [
    10,
    () => {
      const channel = played();
      settle(channel, confirm(channel, 1));
      return codeOf(execute(channel, 1n));
    },
  ],
  [11, () => call(chatOf("bob"), "bob", "delegate_entry", arg.u64(1))],
  [
    12,
    () => {
      const channel = chatOf();
      const poor = playerNamed("poor");
      fund(channel.chain, poor, STAKE - 1n);
      const args = registrationArgs(channel.chain, poor);
      channel.chain.ok(`${CHANNEL_MODULE}::register_node_entry`, { sender: poor.address, args });
      channel.players.set("poor", poor);
      return session(channel, "poor", "join");
    },
  ],
  [
    13,
    () => {
      const channel = played("bob");
      const data = settlementData(channel, confirm(channel, 1));
      settling(channel, data);
      return settling(channel, data);
    },
  ],
  [
    14,
    () => {
      const channel = chatOf("bob");
      call(channel, "bob", "report_equivocation_entry", contradiction(channel));
      return call(channel, "bob", "apply_leader_entry", NONE);
    },
  ],
  [
    16,
    () => {
      const channel = chatOf();
      const nobody = playerNamed("nobody");
      fund(channel.chain, nobody);
      channel.players.set("nobody", nobody);
      return session(channel, "nobody", "join");
    },
  ],
  [
    17,
    () => {
      const chain = startContractChain();
      const [alice, bob] = [playerNamed("alice"), playerNamed("bob")];
      fund(chain, alice);
      const args = registrationArgs(chain, bob);
      const registered = { sender: alice.address, args };
      return codeOf(chain.run(`${CHANNEL_MODULE}::register_node_entry`, registered));
    },
  ],
  [
    18,
    () => {
      const channel = chatOf("bob");
      return session(channel, "bob", "join");
    },
  ],
  [
    19,
    () => {
      const channel = chatOf("bob", "carol", "dave", "erin");
      return session(channel, stranger(channel), "join");
    },
  ],
  [
    20,
    () => {
      const channel = chatOf();
      session(channel, "alice", "close");
      return call(channel, "alice", "keep_alive_entry", arg.u64s([]));
    },
  ],
  [21, () => keepAlive(chatOf(), 1n, "0x21::chat::Server")],
  [
    22,
    () => {
      const channel = played("bob");
      const first = confirm(channel, 1);
      const { certificate, confirmingCertificate } = first;
      const exchanged = {
        ...first,
        certificate: confirmingCertificate,
        confirmingCertificate: certificate,
      };
      return settling(channel, settlementData(channel, exchanged));
    },
  ],
  [
    23,
    () => {
      const channel = chatOf("bob");
      const first = signHeader(channel, nextHeader(channel, 0));
      const second = { header: { ...first.header, time: 7n }, signature: first.signature };
      const evidence = encode(equivocation, { accused: 1n, first, second });
      return call(channel, "bob", "report_equivocation_entry", arg.bytes(evidence));
    },
  ],
  [
    24,
    () => {
      const channel = chatOf();
      admit(channel, "bob");
      order(channel.log, []);
      return settling(channel, settlementData(channel, confirm(channel, 1)));
    },
  ],
  [
    25,
    () => {
      const channel = chatOf();
      joinChat(channel, "bob");
      const [alice] = channel.log.configuration.seats;
      if (alice === undefined) throw new Error("alice plays");
      const step = changeConfiguration(channel, [alice, { ...alice, seat: 9n }]);
      return settling(channel, settlementData(channel, confirm(channel, 0), [step]));
    },
  ],
  [
    26,
    () => {
      const channel = chatOf("bob");
      const evidence = arg.bytes(encode(silenceEvidence, { removals: [], steps: [] }));
      return call(channel, "bob", "remove_silent_entry", arg.u64(1), evidence);
    },
  ],
  [28, () => session(chatOf("bob"), "bob", "leave")],
  [
    29,
    () => {
      const game = startGame();
      const options = { sender: game.player("alice").address, args: [arg.u64(1)] };
      return codeOf(game.chain.run(`${GAME}::borrow_outside`, options));
    },
  ],
  [31, () => applySettlement(startGame(), 1)],
  [32, () => codeOf(startTrialChain().run(`${GAME}::set_members_max`, { args: [arg.u64(65)] }))],
  [
    33,
    () => {
      const channel = chatOf();
      const args = [arg.u64(channel.id), arg.text("nowhere")];
      return codeOf(channel.chain.ask(`${CHANNEL_MODULE}::get_config_label`, { args }));
    },
  ],
  [
    34,
    () => {
      const channel = chatOf();
      joinChat(channel, "bob");
      channel.chain.passTime(LEASE_MS);
      return call(channel, "bob", "apply_leader_entry", NONE);
    },
  ],
  [35, () => call(chatOf(), "alice", "vote_proposal_entry", arg.u64(1), arg.u8(1))],
  [36, () => call(chatOf(), "alice", "keep_alive_entry", arg.u64s([1n]))],
  [
    37,
    () => {
      const channel = played("bob");
      const proposal = arg.u64(propose(channel, confirm(channel, 1)));
      return call(
        channel,
        "bob",
        "vote_proposal_hash_entry",
        proposal,
        arg.bytes(ZERO_HASH),
        arg.u8(1),
      );
    },
  ],
  [
    38,
    () => {
      const channel = played();
      const confirmation = confirm(channel, 1);
      // A record of the channel's own that no header has in its root.
      const key = { kind: "tableItem", handle: makeAddress("0x0"), key: arg.u64(1) } as const;
      channel.log.changes = [{ key, op: { type: "new", value: arg.u64(1) } }];
      return settling(channel, settlementData(channel, confirmation));
    },
  ],
  [
    39,
    () => {
      const channel = played();
      const options = {
        sender: channel.player("alice").address,
        typeArgs: ["0x1::aptos_coin::AptosCoin"],
        args: [arg.u64(1)],
      };
      session(channel, "alice", "close");
      return codeOf(channel.chain.run(`${CHANNEL_MODULE}::leave_without_asset_entry`, options));
    },
  ],
  [40, () => call(chatOf("bob"), "bob", "delegate_entry", arg.u64(2))],
  [
    41,
    () => {
      const channel = chatOf();
      const options = {
        sender: channel.player("alice").address,
        typeArgs: ["0x1::aptos_coin::AptosCoin"],
        args: [arg.u64(1), arg.u64(1)],
      };
      return codeOf(channel.chain.run(`${CHANNEL_MODULE}::pay_reward_entry`, options));
    },
  ],
]);

/** Kept as a second lock behind one that nobody is known to open. */
const UNREACHABLE: ReadonlyMap<number, string> = new Map([
  [30, "a settlement's proof shows that its old values are those of the settled state"],
]);

function sources(): readonly { readonly name: string; readonly text: string }[] {
  return readdirSync(SOURCES).map((name) => ({
    name,
    text: readFileSync(join(SOURCES, name), "utf8"),
  }));
}

/** Every refusal by the name that the sources use. */
function declared(): ReadonlyMap<string, number> {
  const text = readFileSync(join(SOURCES, "errors.move"), "utf8");
  const found = text.matchAll(/inline fun (\w+)\(\): u64 \{ (\d+) \}/g);
  return new Map([...found].map(([, name, code]) => [name ?? "", Number(code)]));
}

/** All that tests of chains say, the Move code that they publish, and what chains call. */
function testTexts(): string {
  const demos = join(ROOT, "src", "chains", "contracts", "rooch_demo", "sources");
  const callers = join(ROOT, "src", "chains", "ledger");
  const folders = [join(ROOT, "test", "chains"), demos, callers];
  const paths = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(({ name }) => /\.(ts|move)$/.test(name) && name !== "refusals.test.ts")
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  return paths.map((path) => readFileSync(path, "utf8")).join("\n");
}

describe("the package's refusals", () => {
  it.each([...PROVOCATIONS])("%i is provoked", (code, provoke) => {
    expect(provoke()).toBe(code);
  });

  it("have each one number, which something uses and a test provokes", () => {
    const codes = declared();
    expect(new Set(codes.values()).size).toBe(codes.size);
    const used = sources()
      .map(({ text }) => text)
      .join("\n");
    const tests = testTexts();
    const unused = [...codes].filter(([name]) => !used.includes(`errors::${name}()`));
    expect(unused).toEqual([]);
    const unprovoked = [...codes].filter(([, code]) => {
      if (code >= OWN_TESTS_FROM) return !tests.includes(`toBe(${code})`);
      return !PROVOCATIONS.has(code) && !UNREACHABLE.has(code);
    });
    expect(unprovoked).toEqual([]);
  });

  it("are never numbers in the sources", () => {
    const bare = sources().filter(({ text }) => /abort \d|assert!\([^;]*,\s*\d+\s*\)/.test(text));
    expect(bare.map(({ name }) => name)).toEqual([]);
  });
});

describe("the package's public functions", () => {
  it("are each called by some test", () => {
    const tests = `${testTexts()}\n${readFileSync(import.meta.filename, "utf8")}`;
    const uncalled = sources().flatMap(({ name, text }) =>
      [...text.matchAll(/^ {4}public (?:entry )?fun (\w+)/gm)]
        .map(([, called]) => called ?? "")
        .filter((called) => !new RegExp(`\\b${called}\\b`).test(tests))
        .map((called) => `${name}: ${called}`),
    );
    expect(uncalled).toEqual([]);
  });
});
