// Evidence with any one field changed is refused, and as it was it is taken: nothing in it is there
// for show.
import { describe, expect, it } from "vitest";
import type { Codec } from "../../../src/channel/codec/fields.ts";
import {
  decode,
  encode,
  equivocation,
  punishmentEvidence,
  refOfConfiguration,
  removalMessage,
  settlementEvidence,
  silenceEvidence,
} from "../../../src/channel/codec.ts";
import { codeOf } from "./abort.ts";
import { admit, execute, groupBytes, openChatChannel } from "./chat-channel.ts";
import { arg, startContractChain } from "./contract-chain.ts";
import {
  certify,
  confirm,
  nextHeader,
  playerAt,
  type ScriptedChannel,
  seal,
  setState,
  settlementData,
  showSteps,
  signHeader,
  vote,
} from "./scripted-channel.ts";

/** Words that say what an object is, not what is in it. */
const DISCRIMINATORS = ["type", "kind"];

interface Mutation {
  /** As `header.header.epoch.term`. */
  readonly path: string;
  readonly value: unknown;
}

/** The value with one leaf changed, for every leaf; lists also lose and double their last. */
function mutations(value: unknown, path = ""): readonly Mutation[] {
  if (typeof value === "bigint") return [{ path, value: value + 1n }];
  if (typeof value === "number") return [{ path, value: value + 1 }];
  if (typeof value === "string") return [{ path, value: `${value}x` }];
  if (value instanceof Uint8Array) return bytesMutations(value, path);
  if (Array.isArray(value)) return listMutations(value, path);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value)
    .filter(([name]) => !DISCRIMINATORS.includes(name))
    .flatMap(([name, field]) =>
      mutations(field, path === "" ? name : `${path}.${name}`).map((mutation) => ({
        path: mutation.path,
        value: { ...value, [name]: mutation.value },
      })),
    );
}

function bytesMutations(bytes: Uint8Array, path: string): readonly Mutation[] {
  if (bytes.length === 0) return [];
  const places = [...new Set([0, bytes.length >> 1, bytes.length - 1])];
  return places.map((place) => ({
    path: `${path}[${place}]`,
    value: bytes.with(place, (bytes[place] ?? 0) ^ 1),
  }));
}

function listMutations(list: readonly unknown[], path: string): readonly Mutation[] {
  const last = list.at(-1);
  if (last === undefined) return [];
  const whole = [
    { path: `${path} without the last`, value: list.slice(0, -1) },
    { path: `${path} with the last twice`, value: [...list, last] },
  ];
  const inside = list.flatMap((element, index) =>
    mutations(element, `${path}.${index}`).map((mutation) => ({
      path: mutation.path,
      value: list.with(index, mutation.value),
    })),
  );
  return [...whole, ...inside];
}

/** The paths whose change is taken all the same. */
function taken<T>(codec: Codec<T>, data: Uint8Array, attempt: (data: Uint8Array) => unknown) {
  const valid = decode(codec, data);
  const all = mutations(valid);
  const passed = all.filter(({ value }) => {
    const bytes = encoded(codec, value as T);
    return bytes !== undefined && attempt(bytes) === "EXECUTED";
  });
  return { count: all.length, passed: passed.map(({ path }) => path) };
}

/** Undefined where our own codec cannot write it. */
function encoded<T>(codec: Codec<T>, value: T): Uint8Array | undefined {
  try {
    return encode(codec, value);
  } catch {
    return undefined;
  }
}

/** A chat of alice, who leads, bob and carol, in which alice has written. */
function startChat(): ScriptedChannel {
  const channel = openChatChannel(startContractChain());
  for (const name of ["bob", "carol"]) showSteps(channel, [admit(channel, name)]);
  setState(channel, groupBytes(["ahoy"], channel.player("alice")));
  return channel;
}

/** Tries an entry function with evidence as its last argument. What succeeds is kept. */
function entry(channel: ScriptedChannel, by: string, name: string, ...before: Uint8Array[]) {
  return (data: Uint8Array) =>
    codeOf(channel.call(channel.player(by), name, ...before, arg.bytes(data)));
}

describe("evidence with any one field changed", () => {
  it("settles nothing", () => {
    const channel = startChat();
    const data = settlementData(channel, confirm(channel, 1));
    const attempt = entry(channel, "bob", "create_proposal_entry", arg.u8(1));
    const { count, passed } = taken(settlementEvidence, data, attempt);
    expect(count).toBeGreaterThan(150);
    expect(passed).toEqual([]);
    expect(channel.view().proposalCount).toBe(0n);
    expect(attempt(data)).toBe("EXECUTED");
    for (const name of ["alice", "carol"]) vote(channel, channel.player(name), 1n);
    expect(codeOf(execute(channel, 1n))).toBe("EXECUTED");
  });

  it("settles nothing where it carries a change of configuration", () => {
    const channel = openChatChannel(startContractChain());
    const step = admit(channel, "bob");
    setState(channel, groupBytes(["ahoy"], channel.player("alice")));
    const data = settlementData(channel, confirm(channel, 1), [step]);
    const attempt = entry(channel, "alice", "create_proposal_entry", arg.u8(1));
    const { count, passed } = taken(settlementEvidence, data, attempt);
    expect(count).toBeGreaterThan(250);
    // Steps that are known already are passed over, so that evidence may repeat them.
    expect(passed).toEqual(["steps with the last twice"]);
    expect(channel.view().proposalCount).toBe(1n);
  });

  it("accuses nobody; what only voters read is theirs to judge, by its hash", () => {
    const channel = startChat();
    const header = seal(channel, nextHeader(channel, 0));
    const evidence = { accused: 1n, header, entries: [], batchSteps: [], steps: [] };
    const attempt = entry(channel, "bob", "create_proposal_entry", arg.u8(2));
    const data = encode(punishmentEvidence, evidence);
    const { count, passed } = taken(punishmentEvidence, data, attempt);
    expect(count).toBeGreaterThan(30);
    expect(passed).toEqual([]);
    expect(attempt(data)).toBe("EXECUTED");
  });

  it("proves no two headers for one place", () => {
    const channel = startChat();
    const first = signHeader(channel, nextHeader(channel, 0));
    const second = signHeader(channel, { ...first.header, time: first.header.time + 9n });
    const data = encode(equivocation, { accused: 1n, first, second });
    const attempt = entry(channel, "bob", "report_equivocation_entry");
    const { count, passed } = taken(equivocation, data, attempt);
    expect(count).toBeGreaterThan(60);
    expect(passed).toEqual([]);
    expect(attempt(data)).toBe("EXECUTED");
  });

  it("removes nobody as silent", () => {
    const channel = startChat();
    const confirmation = confirm(channel, 1);
    const certificate = certify(channel, confirmation.header.header);
    channel.chain.passTime(15_001n);
    const { hash, members } = channel.view();
    const removals = [2n, 3n].map((seat) => {
      const removal = {
        channel: hash,
        configuration: refOfConfiguration(hash, channel.log.configuration),
        accused: 1n,
        lastAlive: members[0]?.lastAliveMs ?? 0n,
        highest: certificate.ack.header,
      };
      const signature = playerAt(channel, seat).signAsNode(removalMessage(removal));
      return { removal, seat, signature };
    });
    const data = encode(silenceEvidence, { removals, certificate, steps: [] });
    const attempt = entry(channel, "bob", "remove_silent_entry", arg.u64(1));
    const { count, passed } = taken(silenceEvidence, data, attempt);
    expect(count).toBeGreaterThan(60);
    // One wish less is fewer than half: it only opens the window.
    expect(passed).toEqual(["removals without the last"]);
    expect(channel.view().members[0]?.standing).toBe("admitted");
    expect(attempt(data)).toBe("EXECUTED");
    expect(channel.view().members[0]?.standing).toBe("removed");
  });
});
