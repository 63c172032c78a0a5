// Epochs after which other nodes decide: members leave, others have joined and take their seats,
// while the shard runs, on real nodes over links of a simulated network. One history throughout,
// whoever is killed or cut off while it happens.
import { afterEach, describe, expect, it } from "vitest";
import { signTransaction } from "#chains";
import { assert, present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { toHex } from "#core/bytes.ts";
import { readCommittee } from "../../../src/chains/shard/shard-state.ts";
import { accountNamed, commit, rawTransaction, u64 } from "../fixture.ts";
import {
  addNode,
  closeShard,
  memberNamed,
  SHARD,
  type ShardNetwork,
  shardNode,
  startNode,
  startShard,
  stopNode,
} from "./shard-network.ts";

const EPOCH_BLOCKS = 20n;
const STEP_MS = 500;
/** Longer than three epochs take. */
const PATIENCE_MS = 150_000;
const TIMEOUT_MS = 240_000;

let network: ShardNetwork | undefined;

afterEach(async () => {
  if (network !== undefined) await closeShard(network);
  network = undefined;
});

async function begin(seed: number): Promise<ShardNetwork> {
  network = await startShard(4, seed, EPOCH_BLOCKS);
  return network;
}

/** The member asks the root to let it go. */
async function leave({ root }: ShardNetwork, place: number): Promise<void> {
  const owner = accountNamed(memberNamed(place));
  const { sequenceNumber } = await root.client.account(owner.address);
  const args = [u64(SHARD), encodeBcs((writer) => writer.bytes(owner.publicKey))];
  const raw = rawTransaction(owner.address, sequenceNumber, "0x30::shard_mgmt::exit_shard", args);
  const { receipt } = await commit(root, signTransaction(raw, owner));
  expect(receipt.status.type).toBe("executed");
}

/** The nodes that decide, as a node that runs has it. */
function committeeOf(running: ShardNetwork, place: number): readonly string[] {
  const { head } = shardNode(running, place).node.source.tree;
  return readCommittee(head.state).keys.map(toHex);
}

function keysOf(places: readonly number[]): readonly string[] {
  return places.map((place) => toHex(accountNamed(memberNamed(place)).publicKey));
}

function heightOf(running: ShardNetwork, place: number): bigint {
  return shardNode(running, place).node.source.tree.head.block.header.height;
}

/** Lets time pass until `is` says so. */
async function until({ root }: ShardNetwork, is: () => boolean, what: string): Promise<void> {
  for (let passed = 0; !is(); passed += STEP_MS) {
    assert(passed < PATIENCE_MS, what);
    await root.clock.advance(STEP_MS);
  }
}

/** Lets time pass until these nodes know the committee of these places. */
function untilCommittee(
  running: ShardNetwork,
  nodes: readonly number[],
  members: readonly number[],
): Promise<void> {
  const wanted = keysOf(members).join();
  const know = (): boolean => nodes.every((node) => committeeOf(running, node).join() === wanted);
  return until(running, know, `nodes ${nodes.join()} know members ${members.join()}`);
}

/** These nodes are to get on, and to have the same blocks. */
async function expectProgress(running: ShardNetwork, nodes: readonly number[]): Promise<void> {
  const goal = nodes.map((node) => heightOf(running, node)).reduce((a, b) => (a > b ? a : b)) + 5n;
  const isThere = (): boolean => nodes.every((node) => heightOf(running, node) >= goal);
  await until(running, isThere, `nodes ${nodes.join()} come to height ${goal}`);
  const hashes = nodes.map(async (node) => {
    const client = present(running.places[node]?.client, "a client");
    return toHex(present(await client.block(goal), "a block").hash);
  });
  expect(new Set(await Promise.all(hashes)).size).toBe(1);
  for (const node of nodes) {
    const { failure, evidence, relay } = shardNode(running, node).standing();
    expect({ failure, evidence, refusals: relay.refusals }).toEqual({
      failure: undefined,
      evidence: [],
      refusals: [],
    });
  }
}

describe("a shard whose committee changes", () => {
  it(
    "goes on with other members, epoch after epoch, and needs the old ones no more",
    async () => {
      const running = await begin(1);
      const fifth = await addNode(running);
      const sixth = await addNode(running);
      // Candidates follow, and say nothing.
      expect(shardNode(running, fifth).standing().height).toBeUndefined();
      await leave(running, 0);
      await untilCommittee(running, [1, 2, 3], [1, 2, 3, ...strongest(fifth, sixth).slice(0, 1)]);
      const [second, third] = strongest(fifth, sixth);
      expect(shardNode(running, 0).standing().height).toBeUndefined();
      await leave(running, 1);
      const members = [2, 3, second, third].sort((a, b) => a - b);
      await untilCommittee(running, members, members);
      // Nobody of those who left is needed, and one of the new ones may fail.
      await stopNode(running, 0);
      await stopNode(running, 1);
      await stopNode(running, second);
      await expectProgress(running, [2, 3, third]);
      await startNode(running, second);
      await expectProgress(running, members);
      const placed = members.map((member) => shardNode(running, member).standing().height);
      expect(placed.every((height) => height !== undefined)).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    "is joined by a node that has nothing, which reads who decided when in the blocks",
    async () => {
      const running = await begin(2);
      const fifth = await addNode(running);
      await stopNode(running, fifth);
      await leave(running, 2);
      await untilCommittee(running, [0, 1, 3], [0, 1, 3, fifth]);
      // With its seat empty three of four decide; with another one missing nobody does.
      await expectProgress(running, [0, 1, 3]);
      await stopNode(running, 0);
      await running.root.clock.advance(10_000);
      const stuck = heightOf(running, 1);
      await running.root.clock.advance(20_000);
      expect(heightOf(running, 1)).toBe(stuck);
      await startNode(running, fifth);
      await expectProgress(running, [1, 3, fifth]);
      const late = await addNode(running);
      await expectProgress(running, [1, 3, fifth, late]);
    },
    TIMEOUT_MS,
  );

  it(
    "has one history though all are killed while the epoch ends, and one is cut off",
    async () => {
      const running = await begin(3);
      const fifth = await addNode(running);
      const finals = new Map<bigint, string>();
      const check = (): void => {
        for (const { node } of running.places) {
          const head = node?.node.source.tree.head;
          if (head === undefined) continue;
          const { height } = head.block.header;
          const name = toHex(head.hash);
          expect(finals.get(height) ?? name).toBe(name);
          finals.set(height, name);
        }
      };
      running.links.faults = { delayMsMax: 300, lostPermille: 50 };
      await leave(running, 3);
      const wanted = keysOf([0, 1, 2, fifth]).join();
      const isDone = (): boolean => {
        return running.places.every(
          ({ node }, place) => node === undefined || committeeOf(running, place).join() === wanted,
        );
      };
      for (let time = 0; !isDone(); time++) {
        expect(time).toBeLessThan(200);
        // One is cut off for a while, one is killed: never the same, and never two at a time.
        const alone = time % 7;
        running.links.passes = (from, to) => from !== alone && to !== alone;
        const victim = (time * 3) % running.places.length;
        if (time % 5 === 0) await stopNode(running, victim);
        await running.root.clock.advance(700);
        check();
        if (time % 5 === 0) await startNode(running, victim);
        running.links.passes = () => true;
        await running.root.clock.advance(700);
        check();
      }
      await expectProgress(running, [0, 1, 2, fifth]);
    },
    TIMEOUT_MS,
  );
});

/** Of two candidates with the same stake the one with the lower key has the first seat. */
function strongest(a: number, b: number): readonly [number, number] {
  const [one = "", other = ""] = keysOf([a, b]);
  return one < other ? [a, b] : [b, a];
}
