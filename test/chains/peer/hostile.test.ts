// What a node does with peers that break the rules: it ends the connection, forgets nothing of its
// own, and goes on making blocks.
import { describe, expect, it } from "vitest";
import { type ChainNode, createMemoryStore, faucetSigner } from "#chains";
import { present } from "#core/assert.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { encodeBlock } from "../../../src/chains/ledger/block.ts";
import { encodeGenesisConfig } from "../../../src/chains/ledger/genesis-config.ts";
import { keepDialled } from "../../../src/chains/peer/dialer.ts";
import { introduce } from "../../../src/chains/peer/introduction.ts";
import type { PeerLink } from "../../../src/chains/peer/link.ts";
import {
  PEER_MESSAGE_SIZE_MAX,
  PEER_PROTOCOL,
  type PeerMessage,
  peerMessageCodec,
} from "../../../src/chains/peer/messages.ts";
import { createPeerNetwork, type PeerNetwork } from "../../../src/chains/peer/network.ts";
import { decodeWith, encodeWith } from "../../../src/chains/rpc/codec.ts";
import { createPrng } from "../../simulation/prng.ts";
import { accountNamed, START_MS, transferTo } from "../fixture.ts";
import { type ManualClock, manualClock, settle } from "../manual-clock.ts";
import {
  blocksAbove,
  producerIdentity,
  producerNode,
  producerStore,
  SLOT_MS,
} from "../producers.ts";
import { createVirtualLinks } from "./virtual-links.ts";

const COUNT = 2;
const faucet = faucetSigner();
const alice = accountNamed("alice");

interface Meeting {
  readonly clock: ManualClock;
  readonly node: ChainNode;
  readonly network: PeerNetwork;
  /** The hostile end of a connection to the node. */
  readonly link: PeerLink;
  /** What the node has said. */
  readonly heard: PeerMessage[];
  readonly farewells: string[];
  isOver: () => boolean;
  readonly say: (message: PeerMessage) => Promise<void>;
  readonly sayBytes: (bytes: Uint8Array) => Promise<void>;
}

async function meet(): Promise<Meeting> {
  const clock = manualClock(START_MS);
  const node = await producerNode(clock, await producerStore(COUNT, 0));
  const farewells: string[] = [];
  const network = createPeerNetwork(node, clock, {
    onFarewell: (_remote, reason) => farewells.push(reason),
  });
  return { farewells, ...(await connect(clock, node, network)) };
}

async function connect(clock: ManualClock, node: ChainNode, network: PeerNetwork) {
  const links = createVirtualLinks(clock, createPrng(1));
  const [link, far] = links.connect(7, 0);
  const heard: PeerMessage[] = [];
  let isOver = false;
  link.listen((bytes) => {
    const decoded = decodeWith(peerMessageCodec, bytes);
    expect(decoded.ok).toBe(true);
    if (decoded.ok) heard.push(decoded.value);
  });
  link.onClose(() => {
    isOver = true;
  });
  // Under the name that the hostile one has.
  network.join({ ...far, remote: "somebody" });
  await clock.advance(50);
  const sayBytes = async (bytes: Uint8Array): Promise<void> => {
    link.post(bytes);
    await clock.advance(50);
    await settle();
  };
  const say = (message: PeerMessage) => sayBytes(encodeWith(peerMessageCodec, message));
  return { clock, node, network, link, heard, isOver: () => isOver, say, sayBytes };
}

function hello(node: ChainNode, changes: object = {}): PeerMessage {
  return {
    type: "hello",
    protocol: PEER_PROTOCOL,
    genesisHash: node.genesisHash,
    config: encodeGenesisConfig(node.config),
    head: { height: 0n, hash: node.genesisHash },
    ...changes,
  };
}

/** A block that the other producer would make, and one that nobody may make. */
async function blockOf(place: number): Promise<Uint8Array> {
  const clock = manualClock(START_MS);
  const node = await producerNode(clock, await producerStore(COUNT, place));
  await clock.advance(3 * SLOT_MS);
  const block = present((await blocksAbove(node, 0n))[0], "a block");
  await node.close();
  return encodeBlock(block);
}

describe("a peer", () => {
  it("is met by its hello and told of new blocks", async () => {
    const { clock, node, network, heard, say } = await meet();
    expect(heard.map(({ type }) => type)).toEqual(["hello"]);
    expect(network.count()).toBe(0);
    await say(hello(node));
    expect(network.count()).toBe(1);
    await clock.advance(3 * SLOT_MS);
    expect(heard.some(({ type }) => type === "block")).toBe(true);
  });

  const faults: [string, string, (meeting: Meeting) => Promise<void>][] = [
    [
      "that speaks before its hello",
      "NO_HELLO",
      ({ say }) => say({ type: "blocks", id: 1, blocks: [] }),
    ],
    [
      "of another chain",
      "OTHER_CHAIN",
      ({ node, say }) => say(hello(node, { genesisHash: ZERO_HASH })),
    ],
    [
      "of another protocol",
      "OTHER_PROTOCOL",
      ({ node, say }) => say(hello(node, { protocol: PEER_PROTOCOL + 1 })),
    ],
    ["that sends no message", "UNREADABLE", ({ sayBytes }) => sayBytes(Uint8Array.of(250, 1))],
    ["that sends nothing at all", "UNREADABLE", ({ sayBytes }) => sayBytes(new Uint8Array())],
    [
      "that sends too large a message",
      "TOO_LARGE",
      ({ sayBytes }) => sayBytes(new Uint8Array(PEER_MESSAGE_SIZE_MAX + 1)),
    ],
    [
      "that sends half a block",
      "UNREADABLE",
      async ({ node, say }) => {
        await say(hello(node));
        await say({ type: "block", block: (await blockOf(1)).subarray(0, 99) });
      },
    ],
    [
      "that alters a block",
      "WRONG_BLOCK",
      async ({ clock, node, say }) => {
        await say(hello(node));
        await clock.advance(2 * SLOT_MS);
        const block = await blockOf(1);
        block[block.length - 10] = (block[block.length - 10] ?? 0) ^ 1;
        await say({ type: "block", block });
      },
    ],
    [
      "that forges a signature",
      "WRONG_TRANSACTION",
      async ({ node, say }) => {
        await say(hello(node));
        const { bytes } = transferTo(faucet, 0n, alice.address, 1n);
        const forged = bytes.slice();
        forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
        await say({ type: "transactions", transactions: [forged] });
      },
    ],
    [
      "that passes on bytes that are no transaction",
      "WRONG_TRANSACTION",
      async ({ node, say }) => {
        await say(hello(node));
        await say({ type: "transactions", transactions: [Uint8Array.of(1, 2, 3)] });
      },
    ],
    [
      "that talks without end",
      "TOO_MUCH",
      async ({ node, link, say }) => {
        await say(hello(node));
        const head = { height: 0n, hash: node.genesisHash };
        const message = encodeWith(peerMessageCodec, { type: "head", head });
        for (let count = 0; count < 1_100; count++) link.post(message);
        await say({ type: "head", head });
      },
    ],
  ];

  it.each(faults)("%s is let go: %s", async (_what, code, misbehave) => {
    const meeting = await meet();
    const { clock, node, network, heard, farewells } = meeting;
    await misbehave(meeting);
    await clock.advance(100);
    expect(farewells).toEqual([code]);
    expect(heard.at(-1)).toEqual({ type: "farewell", reason: code });
    expect(meeting.isOver()).toBe(true);
    expect(network.count()).toBe(0);
    // It is not spoken to again for a while, and blocks are made all along.
    const again = await connect(clock, node, network);
    expect(again.heard[0]?.type).toBe("farewell");
    const { height } = node.source.tree.head.block.header;
    await clock.advance(61_000);
    expect(node.source.tree.head.block.header.height).toBeGreaterThan(height + 20n);
    const later = await connect(clock, node, network);
    expect(later.heard[0]?.type).toBe("hello");
  });

  it("that answers what it was not asked is not listened to", async () => {
    const { node, say, farewells } = await meet();
    await say(hello(node));
    await say({ type: "blocks", id: 5, blocks: [Uint8Array.of(1)] });
    await say({ type: "blocks", id: 1, blocks: [await blockOf(1)] });
    expect(farewells).toEqual([]);
    expect(node.source.tree.blocks.size).toBe(1);
  });

  it("that claims a branch and never shows it is asked one question at a time", async () => {
    const { clock, node, heard, say } = await meet();
    await say(hello(node));
    for (let count = 1; count <= 20; count++) {
      const hash = Uint8Array.from(ZERO_HASH);
      hash[0] = count;
      await say({ type: "head", head: { height: 99n, hash: hash as typeof ZERO_HASH } });
    }
    const questions = () => heard.filter(({ type }) => type === "getBlocks").length;
    expect(questions()).toBe(1);
    await clock.advance(5_000);
    expect(questions()).toBe(1);
    await say({ type: "blocks", id: 1, blocks: [] });
    await clock.advance(1_000);
    expect(questions()).toBe(1);
  });

  it("that passes on what the pool refuses costs a bounded number of looks", async () => {
    const { clock, node, network } = await meet();
    let looks = 0;
    const counted: ChainNode = {
      ...node,
      ask: (request) => {
        looks += 1;
        return node.ask(request);
      },
    };
    network.close();
    const { say, isOver } = await connect(clock, node, createPeerNetwork(counted, clock));
    await say(hello(node));
    const { bytes } = transferTo(accountNamed("nobody"), 0n, alice.address, 1n);
    const transactions = Array.from({ length: 700 }, () => bytes);
    await say({ type: "transactions", transactions });
    await clock.advance(10);
    expect(looks).toBeGreaterThan(400);
    expect(looks).toBeLessThan(600);
    expect(isOver()).toBe(false);
  });

  it("that falls silent is forgotten", async () => {
    const { clock, node, network, farewells, say } = await meet();
    await say(hello(node));
    await clock.advance(20_000);
    expect([network.count(), farewells]).toEqual([0, ["silent"]]);
  });

  it("gets pages of blocks, one question at a time, however many it asks", async () => {
    const { clock, node, link, heard, say } = await meet();
    await say(hello(node));
    await clock.advance(12 * SLOT_MS);
    const places = [{ height: 0n, hash: node.genesisHash }];
    for (let id = 1; id <= 50; id++) {
      link.post(encodeWith(peerMessageCodec, { type: "getBlocks", id, places }));
    }
    const many = Array.from({ length: 100 }, () => present(places[0], "a place"));
    await say({ type: "getBlocks", id: 51, places: many });
    const pages = heard.filter((message) => message.type === "blocks");
    expect(pages.map(({ id }) => id).filter((id) => id > 50)).toEqual([]);
    expect(pages.length).toBeGreaterThan(0);
    expect(pages.length).toBeLessThanOrEqual(50);
    expect(pages[0]?.blocks.length).toBeGreaterThan(5);
  });
});

describe("a node that joins", () => {
  it("learns the configuration from the first peer that answers", async () => {
    const clock = manualClock(START_MS);
    const node = await producerNode(clock, await producerStore(COUNT, 0));
    const network = createPeerNetwork(node, clock);
    const links = createVirtualLinks(clock, createPrng(1));
    const dial = (url: string): Promise<PeerLink> => {
      if (url === "dead") return Promise.reject(new Error("nobody"));
      const [near, far] = links.connect(1, 0);
      network.join(far);
      return Promise.resolve(near);
    };
    const asking = introduce(dial, clock, ["dead", "alive"]);
    await clock.advance(100);
    const { config, genesisHash } = await asking;
    expect(config).toEqual(producerIdentity(COUNT, 0).config);
    expect(genesisHash).toEqual(node.genesisHash);
  });

  it("says so when nobody answers, or somebody says something else", async () => {
    const clock = manualClock(START_MS);
    const links = createVirtualLinks(clock, createPrng(1));
    const dial = (url: string): Promise<PeerLink> => {
      if (url === "dead") return Promise.reject(new Error("nobody"));
      const [near, far] = links.connect(1, 0);
      if (url === "rude") far.post(Uint8Array.of(1, 2, 3));
      if (url === "shy") far.close();
      return Promise.resolve(near);
    };
    for (const url of ["dead", "rude", "shy", "mute"]) {
      const asking = introduce(dial, clock, [url]);
      asking.catch(() => undefined);
      await clock.advance(6_000);
      await expect(asking).rejects.toMatchObject({ code: "UNREACHABLE" });
    }
  });

  it("does not begin where its contracts make another genesis", async () => {
    const store = createMemoryStore();
    const clock = manualClock(START_MS);
    const start = () =>
      Promise.resolve({ identity: producerIdentity(COUNT, 0), genesisHash: ZERO_HASH });
    const joining = producerNode(clock, store, {}, start);
    await expect(joining).rejects.toMatchObject({ code: "OTHER_CONTRACTS" });
    expect(await store.load()).toBeUndefined();
  });

  it("dials again, after pauses that grow, until somebody answers", async () => {
    const clock = manualClock(START_MS);
    const node = await producerNode(clock, await producerStore(COUNT, 0));
    const network = createPeerNetwork(node, clock);
    const atMs: number[] = [];
    const dial = (): Promise<PeerLink> => {
      atMs.push(Number(clock.now() - START_MS));
      return Promise.reject(new Error("nobody"));
    };
    const stop = keepDialled(network, clock, dial, ["x"]);
    await clock.advance(60_000);
    stop();
    const count = atMs.length;
    expect(atMs.slice(0, 5)).toEqual([0, 500, 1_500, 3_500, 7_500]);
    expect((atMs.at(-1) ?? 0) - (atMs.at(-2) ?? 0)).toBe(15_000);
    await clock.advance(60_000);
    expect(atMs).toHaveLength(count);
  });
});
