// Everything that a node may be handed and must not take: a coded error, nothing changed, nothing
// lost, and the channel goes on.
import { describe, expect, it } from "vitest";
import { assert, present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { parseSignature, type Signature } from "#core/ed25519.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { callMessage, encodeMessage, refOfHeader } from "../../../src/channel/codec.ts";
import { learnCertificate } from "../../../src/channel/core/certificates.ts";
import type { Effect } from "../../../src/channel/core/effect.ts";
import { CHANNEL_ERRORS, type ChannelErrorName } from "../../../src/channel/core/errors.ts";
import { step } from "../../../src/channel/core/machine.ts";
import type { Message } from "../../../src/channel/messages/wire.ts";
import type { Call } from "../../../src/channel/messages.ts";
import { MESSAGE_SIZE_MAX } from "../../../src/channel/ports.ts";
import { PROTOCOL_VERSION } from "../../../src/channel/version.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import {
  altered,
  type Cast,
  certified,
  commands,
  hand,
  handBatch,
  noteOf,
  notices,
  orders,
  sent,
  show,
  takeOver,
  three,
  tickAfter,
} from "./handwork.ts";

/** R is the identity and S is zero: fits any message under a key of small order. */
const CRAFTED: Signature = present(
  parseSignature(Uint8Array.from({ length: 64 }, (_, index) => (index === 0 ? 1 : 0))),
  "64 bytes are a signature",
);

/** All that bad input could have changed. */
function standing({ running }: SimNode) {
  const { log, promises, chain, pool, own, settling, jobs, distrust, isLoaded } = running;
  return {
    headers: log.items.map(({ ref, certificate }) => [ref, certificate !== undefined]),
    base: log.base.ref,
    confirmed: log.confirmed,
    root: running.tools.executor.stateRoot(),
    promises: { ...promises },
    chain,
    waiting: [...pool].map(([seat, calls]) => [seat, [...calls.keys()]]),
    own: own.map(({ nonce, stage }) => [nonce, stage]),
    settling: settling.length,
    jobs: [...jobs],
    distrust,
    isLoaded,
  };
}

function codesOf(effects: readonly Effect[]): readonly number[] {
  return notices(effects, "error").map(({ error }) => error.code);
}

function give(cast: Cast, node: SimNode, bytes: Uint8Array): readonly Effect[] {
  const { peer } = cast.n3;
  return step(node.running, { type: "message", from: peer, bytes, now: cast.world.clock.now });
}

/** n2's next call, with something changed after or before it was signed. */
function callOf({ n2 }: Cast, change: Partial<Call>, signature?: Signature): Message {
  const entry = noteOf(n2, utf8("hello"));
  assert(entry.type === "call", "a call");
  const call = { ...entry.call.call, ...change };
  return {
    type: "call",
    call: { call, signature: signature ?? n2.keys.signAsMember(callMessage(call)) },
  };
}

function heartbeatOf({ n3 }: Cast): Extract<Message, { readonly type: "heartbeat" }> {
  const [beat] = sent(tickAfter(n3, 2_000), "heartbeat");
  return present(beat, "a heartbeat");
}

/** Whom it is done to, and what; the channel is as `three` makes it. */
type Deed = (cast: Cast) => readonly [SimNode, () => readonly Effect[]];

const DEEDS: readonly (readonly [string, ChannelErrorName, Deed])[] = [
  [
    "bytes that are no BCS",
    "MALFORMED_MESSAGE",
    (cast) => [
      cast.n2,
      () => give(cast, cast.n2, Uint8Array.of(PROTOCOL_VERSION, 0, 1, 0xff, 0xff, 0xff)),
    ],
  ],
  [
    "a message that ends too early",
    "MALFORMED_MESSAGE",
    (cast) => {
      const bytes = encodeMessage(heartbeatOf(cast));
      return [cast.n2, () => give(cast, cast.n2, bytes.subarray(0, -1))];
    },
  ],
  [
    "a message with something behind it",
    "MALFORMED_MESSAGE",
    (cast) => {
      const bytes = encodeMessage(heartbeatOf(cast));
      return [cast.n2, () => give(cast, cast.n2, Uint8Array.of(...bytes, 0))];
    },
  ],
  [
    "a message of another version",
    "VERSION_MISMATCH",
    (cast) => {
      const bytes = encodeMessage(heartbeatOf(cast)).slice();
      bytes[0] = 99;
      return [cast.n2, () => give(cast, cast.n2, bytes)];
    },
  ],
  [
    "a message above the limit",
    "MESSAGE_TOO_LARGE",
    (cast) => [cast.n2, () => give(cast, cast.n2, new Uint8Array(MESSAGE_SIZE_MAX + 1))],
  ],
  [
    "a heartbeat with a crafted signature",
    "BAD_SIGNATURE_OR_NONCE",
    (cast) => {
      const beat = { ...heartbeatOf(cast), signature: CRAFTED };
      return [cast.n2, () => hand(cast.world, cast.n2, cast.n3, beat)];
    },
  ],
  [
    "a header with a crafted signature",
    "BAD_BATCH",
    (cast) => {
      const batch = orders(cast.n1);
      const header = { ...batch.header, signature: CRAFTED };
      return [cast.n2, () => handBatch(cast.world, cast.n2, { ...batch, header })];
    },
  ],
  [
    "an ack with a crafted signature",
    "BAD_SIGNATURE_OR_NONCE",
    (cast) => {
      const [ack] = sent(handBatch(cast.world, cast.n2, orders(cast.n1)), "ack");
      const forged = { ...present(ack, "an ack"), signature: CRAFTED };
      return [cast.n1, () => hand(cast.world, cast.n1, cast.n2, forged)];
    },
  ],
  [
    "a certificate of crafted signatures",
    "BAD_CERTIFICATE",
    (cast) => {
      const batch = orders(cast.n1);
      handBatch(cast.world, cast.n2, batch);
      const sound = certified(cast.world, batch);
      const signatures = sound.signatures.map(({ seat }) => ({ seat, signature: CRAFTED }));
      const certificate = { ...sound, signatures };
      return [
        cast.n2,
        () => hand(cast.world, cast.n2, cast.n3, { type: "certificate", certificate }),
      ];
    },
  ],
  [
    "a call with a crafted signature",
    "BAD_SIGNATURE_OR_NONCE",
    (cast) => [cast.n1, () => hand(cast.world, cast.n1, cast.n2, callOf(cast, {}, CRAFTED))],
  ],
  [
    "a call for an unknown channel",
    "NO_CHANNEL",
    (cast) => {
      const call = callOf(cast, { channel: ZERO_HASH });
      return [cast.n1, () => hand(cast.world, cast.n1, cast.n2, call)];
    },
  ],
  [
    "a header of an unknown channel",
    "NO_CHANNEL",
    (cast) => {
      const batch = altered(orders(cast.n1), cast.n1, { channel: ZERO_HASH });
      return [cast.n2, () => handBatch(cast.world, cast.n2, batch)];
    },
  ],
  [
    "the chain's view of an unknown channel",
    "NO_CHANNEL",
    ({ world, n2 }) => [n2, () => show(world, n2, { channel: ZERO_HASH, term: 99n })],
  ],
  [
    "a call of a non-member",
    "NOT_MEMBER",
    (cast) => {
      const call = callOf(cast, { seat: 9n });
      return [cast.n1, () => hand(cast.world, cast.n1, cast.n2, call)];
    },
  ],
  [
    "a call with a replayed nonce",
    "BAD_SIGNATURE_OR_NONCE",
    (cast) => {
      const { world, n1, n2 } = cast;
      const first = noteOf(n2, utf8("first"));
      learnCertificate(n1.running, certified(world, orders(n1, [first])));
      assert(first.type === "call", "a call");
      const replayed = callOf(cast, { nonce: first.call.call.nonce, args: [utf8("again")] });
      return [n1, () => hand(world, n1, n2, replayed)];
    },
  ],
  [
    "a header of a stale epoch",
    "STALE_EPOCH",
    (cast) => {
      const stale = orders(cast.n1);
      const opening = takeOver(cast);
      handBatch(cast.world, cast.n2, opening, cast.n3);
      return [cast.n2, () => handBatch(cast.world, cast.n2, stale)];
    },
  ],
  [
    "a view change to a stale epoch",
    "STALE_EPOCH",
    (cast) => {
      const { world, n1, n2, n3 } = cast;
      const change = { term: n3.running.chain.term + 1n, leader: 3n };
      const [old] = sent(show(world, n1, change), "viewChange");
      show(world, n2, change);
      show(world, n3, { ...change, term: change.term + 1n });
      return [n3, () => hand(world, n3, n1, present(old, "a view change"))];
    },
  ],
  [
    "the chain's no to a vote",
    "SETTLEMENT_REFUSED",
    (cast) => [cast.n2, () => refuse(cast, cast.n2, "ALREADY_VOTED")],
  ],
  [
    "the chain's no to a settlement from another height",
    "SETTLEMENT_REFUSED",
    (cast) => [cast.n2, () => refuse(cast, cast.n2, "HEIGHT_MISMATCH")],
  ],
];

/** The chain refuses the node's last command. */
function refuse({ world }: Cast, { running }: SimNode, code: string): readonly Effect[] {
  const result = { ok: false, code, detail: "the chain says no" } as const;
  const { now } = world.clock;
  return step(running, { type: "commandResult", id: running.nextCommand, result, now });
}

describe("bad input", () => {
  it.each(DEEDS)("%s is %s, and changes nothing", async (_what, name, deed) => {
    const cast = await three();
    const [node, act] = deed(cast);
    // What it would do anyway is done before.
    tickAfter(node, 0);
    const before = standing(node);
    const effects = act();
    expect(codesOf(effects)).toEqual([CHANNEL_ERRORS[name].code]);
    expect(standing(node)).toEqual(before);
  });

  it("of all kinds together holds up no channel", async () => {
    const cast = await three();
    const { world, n1, n2, n3 } = cast;
    const calls = [n1, n2, n3].map((node) => world.bank(node, "note", utf8("one")));
    await world.run(50);
    for (const node of [n1, n2, n3]) {
      for (let size = 0; size < 40; size++) give(cast, node, new Uint8Array(size).fill(size));
      hand(world, node, n3, callOf(cast, { channel: ZERO_HASH }));
      hand(world, node, n3, callOf(cast, {}, CRAFTED));
      refuse(cast, node, "HEIGHT_MISMATCH");
    }
    calls.push(...[n1, n2, n3].map((node) => world.bank(node, "note", utf8("two"))));
    await world.until("all is confirmed", () =>
      calls.every((request) => world.stages(request).includes("confirmed")),
    );
    expect(new Set(world.nodes.map((node) => node.running.log.confirmed)).size).toBe(1);
  });
});

describe("a settlement that was voted down", () => {
  it("[SE9] is refused to the client that asked for it, and can be asked for again", async () => {
    const cast = await three();
    const { world, n1 } = cast;
    learnCertificate(n1.running, certified(world, orders(n1, [noteOf(n1, utf8("one"))])));
    learnCertificate(n1.running, certified(world, orders(n1)));
    const ask = (request: number) =>
      step(n1.running, { type: "settle", request, now: world.clock.now });
    const [proposed] = commands(ask(5), "propose");
    const { header } = present(proposed, "a proposal").evidence;
    const down = {
      id: 1n,
      type: 1,
      proposer: 1n,
      data: new Uint8Array(),
      voters: [1n, 2n, 3n],
      votes: [2n, 3n].map((seat) => ({ seat, option: 0 }) as const),
      status: "void",
    } as const;
    const told = notices(show(world, n1, { proposals: [down] }), "refused");
    expect(told.map(({ request, error }) => [request, error.name])).toEqual([
      [5, "SETTLEMENT_REFUSED"],
    ]);
    expect(n1.running.jobs).toEqual([]);
    n1.running.commands.clear();
    const [again] = commands(ask(6), "propose");
    expect(refOfHeader(present(again, "another proposal").evidence.header.header)).toEqual(
      refOfHeader(header.header),
    );
    expect(n1.running.jobs).toHaveLength(1);
  });
});
