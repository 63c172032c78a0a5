// Attacks of a byzantine leader, member or relay, fewer than a third, by hand: what each would have
// to believe for it to work, and does not.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { parseSignature } from "#core/ed25519.ts";
import { sha2_256, ZERO_HASH } from "#core/hash.ts";
import {
  encodeMessage,
  refOfConfiguration,
  refOfHeader,
  removalMessage,
  viewChangeMessage,
} from "../../../src/channel/codec.ts";
import { learnCertificate } from "../../../src/channel/core/certificates.ts";
import { currentEpoch } from "../../../src/channel/core/members.ts";
import { receiveRemoval, removeSilent } from "../../../src/channel/core/removal.ts";
import type {
  Batch,
  Certificate,
  HeaderRef,
  SignedRemoval,
} from "../../../src/channel/messages.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import type { World } from "../../simulation/world.ts";
import {
  altered,
  calm,
  certificateOf,
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
  tipNumber,
  written,
} from "./handwork.ts";
import { commandsOf, quieten, standIn } from "./stand-in.ts";

const CRAFTED = present(
  parseSignature(Uint8Array.from({ length: 64 }, (_, index) => (index === 0 ? 1 : 0))),
  "64 bytes are a signature",
);

/** A certificate that nobody has signed. */
function forged(world: World, header: HeaderRef): Certificate {
  const { configuration } = world.status(world.node("n1"));
  const sound = certificateOf(world, configuration, header, world.nodes);
  return {
    ...sound,
    signatures: sound.signatures.map(({ seat }) => ({ seat, signature: CRAFTED })),
  };
}

function believes({ running: { log } }: SimNode) {
  return { highest: log.highest.ref, confirmed: log.confirmed };
}

describe("a certificate beside a header that needs none", () => {
  /** n1's batch on one that lacks its certificate, carrying one that it made up. */
  function pretended(world: World, made: (open: HeaderRef) => HeaderRef): readonly Batch[] {
    const n1 = world.node("n1");
    const open = orders(n1, [noteOf(n1, utf8("one"))]);
    const certificate = forged(world, made(refOfHeader(open.header.header)));
    return [open, { ...orders(n1), certificate }];
  }

  it.each<[string, (open: HeaderRef) => HeaderRef]>([
    ["for the open header below it", (open) => open],
    ["of a later epoch", (open) => ({ ...open, epoch: { term: 99n, view: 0n } })],
    [
      "for a header that is nowhere",
      (open) => ({ ...open, number: 10_000n, hash: sha2_256(utf8("x")) }),
    ],
  ])("[PR14] confirms nothing: %s", async (_what, made) => {
    const { world, n2 } = await three();
    const [open, above] = pretended(world, made);
    handBatch(world, n2, present(open, "a batch"));
    const before = believes(n2);
    handBatch(world, n2, present(above, "a batch"));
    expect(tipNumber(n2)).toBe(above?.header.header.number);
    expect(believes(n2)).toEqual(before);
  });

  it("[PR14] is kept by nobody, so that who catches up is served what can be checked", async () => {
    const { world, n2, n3 } = await three();
    const [open, above] = pretended(world, (ref) => ref);
    handBatch(world, n2, present(open, "a batch"));
    const recorded = written(handBatch(world, n2, present(above, "a batch")));
    const kept = present(n2.running.log.items.at(-1), "the batch").batch;
    const { justify } = kept.header.header;
    expect(kept.certificate?.ack.header).toEqual(justify);
    const journal = recorded.flatMap(({ entry }) => (entry.type === "batch" ? entry.batch : []));
    expect(journal.at(-1)).toEqual(kept);
    handBatch(world, n3, present(open, "a batch"));
    handBatch(world, n3, kept);
    expect(tipNumber(n3)).toBe(tipNumber(n2));
  });

  it("[PR14] and view changes that no opening needs are dropped", async () => {
    const { world, n1, n2 } = await three();
    const [first] = n1.running.log.items;
    const { viewChanges } = present(first, "the opening").batch;
    expect(viewChanges.length).toBeGreaterThan(0);
    handBatch(world, n2, { ...orders(n1), viewChanges });
    expect(n2.running.log.items.at(-1)?.batch.viewChanges).toEqual([]);
  });
});

describe("a new leader that opens its epoch on less than is certified", () => {
  it("[PR14] makes nobody give up what stands above", async () => {
    const cast = await three();
    const { world, n1, n2, n3 } = cast;
    const first = orders(n1, [noteOf(n1, utf8("one"))]);
    learnCertificate(n1.running, certified(world, first));
    handBatch(world, n2, first);
    const second = orders(n1);
    handBatch(world, n2, second);
    const held = n2.running.log.items.map(({ ref }) => ref);
    const below = present(n2.running.log.items.at(-3), "what stands below both").ref;
    const { epoch } = first.header.header;
    const low = altered(second, n3, {
      leader: 3n,
      epoch: { ...epoch, term: epoch.term + 1n },
      number: below.number + 1n,
      previous: below.hash,
      justify: below,
    });
    show(world, n2, { term: epoch.term + 1n, leader: 3n });
    handBatch(world, n2, low, n3);
    expect(n2.running.log.items.map(({ ref }) => ref)).toEqual(held);
  });
});

describe("history by another than its leader", () => {
  it("[PR14] is not taken for a certificate that does not hold", async () => {
    const { world, n1, n2, n3 } = await three();
    const old = orders(n1);
    show(world, n2, { term: n2.running.chain.term + 1n, leader: 2n });
    const posed = altered(old, n3, { leader: 3n });
    const before = tipNumber(n2);
    for (const certificate of [
      forged(world, refOfHeader(posed.header.header)),
      present(n2.running.log.highest.certificate, "the last certificate"),
    ]) {
      handBatch(world, n2, { ...posed, certificate }, n3);
      expect(tipNumber(n2)).toBe(before);
    }
  });

  it("[PR14] is taken with the certificate of a quorum", async () => {
    const { world, n1, n2 } = await three();
    const old = orders(n1, [noteOf(n1, utf8("what all have acked"))]);
    const certificate = certified(world, old);
    learnCertificate(n1.running, certificate);
    show(world, n2, { term: n2.running.chain.term + 1n, leader: 3n });
    n2.running.sync.awaited.set(n1.peer, n2.running.now);
    const { channel } = n2.running.facts;
    hand(world, n2, n1, {
      type: "syncResponse",
      channel,
      batches: [old],
      certificates: [certificate],
    });
    expect(tipNumber(n2)).toBe(old.header.header.number);
  });
});

describe("a wish to remove that names a certificate nobody has", () => {
  /** n1 of four, to whom n4 is silent; n2 wishes with n1, and n3 lies. */
  async function wishing() {
    const world = await calm(4);
    const machine = standIn(world.node("n1"));
    for (const seat of [4n, 3n]) {
      quieten(machine, seat, { hereMs: 15_000n, chainMs: 15_001n });
    }
    removeSilent(machine);
    const [own] = machine.promises.removals;
    const like = present(own, "n1's wish");
    const wishOf = (name: string, highest: HeaderRef): SignedRemoval => {
      const removal = { ...like.removal, highest };
      const seat = BigInt(name.slice(1));
      const signature = world.node(name).keys.signAsNode(removalMessage(removal));
      return { removal, seat, signature };
    };
    return { machine, like, wishOf };
  }

  it.each<[string, (sound: HeaderRef) => HeaderRef]>([
    ["made up", (sound) => ({ ...sound, number: sound.number + 50n, hash: ZERO_HASH })],
    ["under another epoch", (sound) => ({ ...sound, epoch: { term: 99n, view: 0n } })],
  ])("[CF15] does not keep the others' from the chain: %s", async (_what, lie) => {
    const { machine, like, wishOf } = await wishing();
    const { highest, accused } = like.removal;
    const liar = accused === 3n ? "n4" : "n3";
    receiveRemoval(machine, { type: "removal", removal: wishOf(liar, lie(highest)) });
    receiveRemoval(machine, { type: "removal", removal: wishOf("n2", highest) });
    machine.effects = [];
    machine.now += 60_000n;
    removeSilent(machine);
    const [command] = commandsOf(machine).filter(({ type }) => type === "removeSilent");
    if (command?.type !== "removeSilent") throw new Error("the honest wishes are given");
    expect(command.evidence.removals.map(({ seat }) => seat)).toEqual([1n, 2n]);
    expect(command.evidence.certificate?.ack.header).toEqual(highest);
  });
});

describe("a view change that claims more than there is", () => {
  it("keeps no epoch from being opened by the others", async () => {
    const world = await calm(4);
    const [n1, n2, n3, n4] = ["n1", "n2", "n3", "n4"].map((name) => world.node(name));
    const [one, two, leader, liar] = [n1, n2, n3, n4].map((node) => present(node, "a node"));
    if (!one || !two || !leader || !liar) throw new Error("four nodes");
    const change = { term: leader.running.chain.term + 1n, leader: 3n };
    show(world, leader, change);
    const { channel } = leader.running.facts;
    const viewChange = {
      channel,
      configuration: refOfConfiguration(channel, world.status(leader).configuration),
      epoch: currentEpoch(leader.running),
      highest: { epoch: { term: 50n, view: 0n }, number: 9_999n, hash: ZERO_HASH },
    };
    const signature = liar.keys.signAsNode(viewChangeMessage(viewChange));
    hand(world, leader, liar, {
      type: "viewChange",
      viewChange: { viewChange, seat: 4n, signature },
    });
    const opened = [one, two].flatMap((node) => {
      const [own] = sent(show(world, node, change), "viewChange");
      return sent(
        hand(world, leader, node, {
          type: "viewChange",
          viewChange: present(own, "its").viewChange,
        }),
        "batch",
      );
    });
    const opening = present(opened[0], "the epoch is opened").batch;
    expect(opening.viewChanges.map(({ seat }) => seat)).toEqual([1n, 2n, 3n]);
    handBatch(world, two, opening, leader);
    expect(tipNumber(two)).toBe(opening.header.header.number);
  });
});

describe("what is signed once", () => {
  it("is never signed twice, whichever of two headers comes again", async () => {
    const cast = await three();
    const { world, n1, n2 } = cast;
    const first = orders(n1);
    const second = altered(first, n1, { time: first.header.header.time + 1n });
    const acks = [first, second, first, second].flatMap((batch) =>
      sent(handBatch(world, n2, batch), "ack"),
    );
    const hashes = new Set(acks.map(({ ack }) => Buffer.from(ack.header.hash).toString("hex")));
    expect(hashes.size).toBe(1);
  });

  it("is no ack of an old term, once a new one is seen", async () => {
    const cast = await three();
    const { world, n1, n2 } = cast;
    const old = orders(n1);
    takeOver(cast);
    expect(sent(handBatch(world, n2, old), "ack")).toEqual([]);
  });
});

describe("a relay", () => {
  it("that changes what it carries is found out, and blames nobody", async () => {
    const { world, n1, n2, n3 } = await three();
    const batch = orders(n1, [noteOf(n1, utf8("carried"))]);
    const payload = encodeMessage({ type: "batch", batch });
    for (let at = 40; at < payload.length; at += 37) {
      const changed = payload.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const { nodeKey: from } = n1.keys;
      const { nodeKey: to } = n2.keys;
      const envelope = { type: "relay", from, to, hopsLeft: 1, payload: changed } as const;
      const effects = hand(world, n2, n3, envelope);
      expect(notices(effects, "fraud")).toEqual([]);
      expect(commands(effects, "punish")).toEqual([]);
      if (tipNumber(n2) === batch.header.header.number) break;
    }
    expect(n2.running.distrust).toBeUndefined();
    handBatch(world, n2, batch);
    expect(tipNumber(n2)).toBe(batch.header.header.number);
  });
});
