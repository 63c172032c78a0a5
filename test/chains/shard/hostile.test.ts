// Who speaks to a shard's nodes without being honest: a member that signs two things, somebody who
// is no member, and a peer that sends what is no message. The shard goes on, and a member that
// signed twice is shown with proof.
import { afterEach, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { utf8 } from "#core/bytes.ts";
import { signEd25519 } from "#core/ed25519.ts";
import { type Hash, sha2_256 } from "#core/hash.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { encodeGenesisConfig } from "../../../src/chains/ledger/genesis-config.ts";
import type { PeerLink } from "../../../src/chains/peer/link.ts";
import { PEER_PROTOCOL, peerMessageCodec } from "../../../src/chains/peer/messages.ts";
import { headPlace } from "../../../src/chains/peer/pages.ts";
import { encodeWith } from "../../../src/chains/rpc/codec.ts";
import { punishedView } from "../../../src/chains/shard/accusation.ts";
import { proves } from "../../../src/chains/shard/consensus/evidence.ts";
import {
  encodeMessage,
  PREVOTE,
  voteSigningMessage,
} from "../../../src/chains/shard/consensus/messages.ts";
import { chainName } from "../../../src/chains/shard/shard-kind.ts";
import { readCommittee } from "../../../src/chains/shard/shard-state.ts";
import { accountNamed, secretNamed } from "../fixture.ts";
import {
  closeShard,
  heights,
  memberNamed,
  SHARD,
  type ShardNetwork,
  shardNode,
  startNode,
  startShard,
  stopNode,
} from "./shard-network.ts";

const LIAR = 3;
/** What each member has staked. */
const STAKE = 1_000_000n;

let network: ShardNetwork | undefined;

afterEach(async () => {
  if (network !== undefined) await closeShard(network);
  network = undefined;
});

/** A shard whose fourth member is gone, and somebody who is connected to all others. */
async function begin(): Promise<ShardNetwork> {
  network = await startShard(4);
  await network.root.clock.advance(3_000);
  await stopNode(network, LIAR);
  return network;
}

/** Says hello to every node as a peer of the chain. */
function connectAll({ links, places }: ShardNetwork): readonly PeerLink[] {
  return places.flatMap(({ node }, index) => {
    if (node === undefined) return [];
    const [near, far] = links.connect(LIAR, index);
    near.listen(() => undefined);
    node.network.join(far);
    const { genesisHash, config, source } = node.node;
    const hello = {
      type: "hello",
      protocol: PEER_PROTOCOL,
      genesisHash,
      config: encodeGenesisConfig(config),
      head: headPlace(source),
    } as const;
    near.post(encodeWith(peerMessageCodec, hello));
    return [near];
  });
}

function tell(links: readonly PeerLink[], message: Uint8Array): void {
  for (const link of links) link.post(encodeWith(peerMessageCodec, { type: "consensus", message }));
}

function prevote(chain: Hash, height: bigint, block: string, by: string): Uint8Array {
  const choice = { hash: sha2_256(utf8(block)), stateRoot: sha2_256(utf8(`after ${block}`)) };
  const ballot = { phase: PREVOTE, height, round: 0, choice };
  const signature = signEd25519(voteSigningMessage(chain, ballot), secretNamed(by));
  return encodeMessage({ type: "vote", vote: { ...ballot, voter: LIAR, signature } });
}

/** Whether the root knows what the fourth member did. */
async function isPunished({ root }: ShardNetwork): Promise<boolean> {
  const { publicKey } = accountNamed(memberNamed(LIAR));
  const [answer] = await root.client.view(punishedView(SHARD, publicKey));
  return present(answer, "an answer")[0] === 1;
}

/** What governance has: fees of new shards, and forfeited stakes. */
async function governance({ root }: ShardNetwork): Promise<bigint> {
  const balance = present(parseFunctionId("0x30::governance::balance"), "a function");
  const [answer] = await root.client.view({ function: balance });
  return new BcsReader(present(answer, "an answer")).u64();
}

function lowest(running: ShardNetwork): bigint {
  return heights(running).reduce((a, b) => (a < b ? a : b));
}

describe("a shard", () => {
  it("shows a member that signs two things, with proof, and goes on", async () => {
    const running = await begin();
    const links = connectAll(running);
    await running.root.clock.advance(500);
    const { node } = shardNode(running, 0);
    const chain = chainName(node.config);
    const before = lowest(running);
    for (let ahead = 1n; ahead <= 4n; ahead++) {
      const { height } = node.source.tree.head.block.header;
      for (const block of ["one", "another"]) {
        tell(links, prevote(chain, height + ahead, block, memberNamed(LIAR)));
      }
      await running.root.clock.advance(700);
    }
    await running.root.clock.advance(15_000);
    const { evidence } = shardNode(running, 0).standing();
    const found = present(evidence[0], "the liar was noticed");
    expect(found.member).toBe(LIAR);
    expect(proves(chain, readCommittee(node.source.tree.head.state), found)).toBe(true);
    expect(lowest(running)).toBeGreaterThan(before + 3n);
    for (const place of [0, 1, 2]) {
      expect(shardNode(running, place).standing().failure).toBeUndefined();
    }
    await stopNode(running, 0);
    await startNode(running, 0);
    expect(shardNode(running, 0).standing().evidence[0]).toEqual(found);
  }, 120_000);

  it("tells the root of a member that signs two things, which costs it its stake", async () => {
    const running = await begin();
    const { root } = running;
    const links = connectAll(running);
    await root.clock.advance(500);
    const { node } = shardNode(running, 0);
    const before = await governance(running);
    expect(await isPunished(running)).toBe(false);
    for (const ahead of [1n, 2n, 3n]) {
      const { height } = node.source.tree.head.block.header;
      for (const block of ["one", "another"]) {
        tell(links, prevote(chainName(node.config), height + ahead, block, memberNamed(LIAR)));
      }
    }
    await root.clock.advance(300);
    // What was found in one life is told in the next.
    await stopNode(running, 1);
    await startNode(running, 1);
    await root.clock.advance(15_000);
    expect(await isPunished(running)).toBe(true);
    expect((await governance(running)) - before).toBe(STAKE);
    for (const place of [0, 1, 2]) {
      const { evidence, relay } = shardNode(running, place).standing();
      expect(evidence.length).toBeGreaterThan(0);
      expect(relay).toEqual({ waiting: 0, trouble: undefined, refusals: [] });
    }
  }, 120_000);

  it("listens neither to who is no member nor to what is no message", async () => {
    const running = await begin();
    const links = connectAll(running);
    await running.root.clock.advance(500);
    const { node } = shardNode(running, 0);
    const chain = chainName(node.config);
    const before = lowest(running);
    for (let time = 0; time < 20; time++) {
      const { height } = node.source.tree.head.block.header;
      for (const block of ["one", "another"]) {
        tell(links, prevote(chain, height + 1n, block, "a stranger"));
        tell(
          links,
          prevote(sha2_256(utf8("another shard")), height + 1n, block, memberNamed(LIAR)),
        );
      }
      tell(links, utf8("no message at all"));
      tell(links, new Uint8Array());
      await running.root.clock.advance(500);
    }
    for (const place of [0, 1, 2]) {
      const { evidence, failure } = shardNode(running, place).standing();
      expect(evidence).toEqual([]);
      expect(failure).toBeUndefined();
    }
    expect(lowest(running)).toBeGreaterThan(before + 3n);
  }, 120_000);
});
