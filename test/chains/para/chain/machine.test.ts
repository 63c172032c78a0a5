// A parallel chain over root logs that are made up: the same branch gives the same blocks, whatever
// was tried and left before, and whenever the node was restarted.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { domainHash } from "#core/hash.ts";
import { heightOf } from "../../../../src/chains/ledger/block-tree.ts";
import { storedBlock } from "../../../../src/chains/node-opening.ts";
import {
  type ChainEffect,
  type ChainInput,
  type ChainMachine,
  createChainMachine,
  isHalted,
  mayGoBack,
  standing,
  stepChain,
} from "../../../../src/chains/para/chain/machine.ts";
import { openParaChain } from "../../../../src/chains/para/opening.ts";
import type { RootAccess } from "../../../../src/chains/para/root-access.ts";
import type { RootBlock } from "../../../../src/chains/para/root-block.ts";
import { PARA_SETTINGS } from "../../../../src/chains/para/settings.ts";
import type { ChainStore } from "../../../../src/chains/ports.ts";
import { START_MS } from "../../fixture.ts";
import { CONFIG, paraStore } from "../para-chain.ts";

/** Root blocks that are not final, on a branch that moves on. */
const FINALITY = 6n;

/** The root block at `height` of a branch; below `fork` all branches are one. */
function rootBlock(height: bigint, branch: number, fork: bigint): RootBlock {
  const name = (at: bigint) => {
    return domainHash("TestRoot", utf8(`${at} ${at < fork ? 0 : branch}`));
  };
  const parent = height === 0n ? name(0n) : name(height - 1n);
  return {
    place: { height, hash: name(height) },
    parent,
    timestampUs: START_MS * 1_000n + height * 1_000_000n,
    finalHeight: height > FINALITY ? height - FINALITY - (height % 3n) : 0n,
    outcomes: [],
  };
}

/** A root node that has nothing but its first block. */
const ROOT: RootAccess = {
  head: () => Promise.reject(new Error("not asked")),
  blockAt: (height) => Promise.resolve(rootBlock(height, 0, 0n)),
  consensus: () => Promise.resolve(undefined),
  sequenceNumber: () => Promise.reject(new Error("not asked")),
  post: () => Promise.resolve({ type: "down" }),
  isSynced: () => Promise.resolve(true),
  onHead: () => () => undefined,
};

interface Chain {
  readonly store: ChainStore;
  machine: ChainMachine;
}

async function openChain(store: ChainStore): Promise<ChainMachine> {
  const noEntropy = () => {
    throw new Error("the store has a key");
  };
  const opened = await openParaChain(store, CONFIG, ROOT, noEntropy);
  const { environment, tree, trail, rootFinalHeight } = opened;
  const settings = { ...PARA_SETTINGS, unconfirmedBlocksMax: 1_000n };
  return createChainMachine(CONFIG, environment, settings, tree, trail, rootFinalHeight);
}

async function feed({ machine, store }: Chain, input: ChainInput): Promise<void> {
  const run = async (effects: readonly ChainEffect[]): Promise<void> => {
    for (const effect of effects) {
      if (effect.type !== "persist") continue;
      const { common, adopted } = effect.change;
      await store.extend({ keptHeight: heightOf(common), blocks: adopted.map(storedBlock) });
      await run(stepChain(machine, { type: "persisted" }));
    }
  };
  await run(stepChain(machine, input));
}

/** Takes the chain to the branch's block at `height`, back and forward. */
async function moveTo(chain: Chain, branch: number, fork: bigint, height: bigint): Promise<void> {
  const isOn = () => {
    const place = standing(chain.machine);
    const own = rootBlock(place.height, branch, fork).place;
    return place.height <= height && own.hash.every((byte, index) => byte === place.hash[index]);
  };
  while (!isOn() && mayGoBack(chain.machine)) await feed(chain, { type: "remove" });
  while (isOn() && standing(chain.machine).height < height) {
    const block = rootBlock(standing(chain.machine).height + 1n, branch, fork);
    await feed(chain, { type: "add", block });
  }
}

const HEIGHT = 30n;

async function straight(): Promise<Chain> {
  const chain = await begin();
  await moveTo(chain, 0, 0n, HEIGHT);
  return chain;
}

async function begin(): Promise<Chain> {
  const store = await paraStore(0);
  return { store, machine: await openChain(store) };
}

describe("a parallel chain", () => {
  it("makes an empty block after four root blocks and goes back with them", async () => {
    const chain = await begin();
    await moveTo(chain, 0, 0n, 3n);
    expect(heightOf(chain.machine.tree.head)).toBe(0n);
    await moveTo(chain, 0, 0n, 9n);
    expect(heightOf(chain.machine.tree.head)).toBe(2n);
    await moveTo(chain, 1, 8n, 8n);
    expect(heightOf(chain.machine.tree.head)).toBe(2n);
    expect((await chain.store.load())?.head.hash).toEqual(chain.machine.tree.head.hash);
    await moveTo(chain, 2, 7n, 7n);
    expect(heightOf(chain.machine.tree.head)).toBe(1n);
    expect((await chain.store.load())?.head.hash).toEqual(chain.machine.tree.head.hash);
  });

  it("is the same on every node after any detours, crashes and restarts", async () => {
    const expected = (await straight()).machine.tree.head.hash;
    const detour = fc.record({
      branch: fc.integer({ min: 1, max: 3 }),
      fork: fc.bigInt({ min: 1n, max: HEIGHT }),
      // Longer, and the root chain would have made it final.
      length: fc.bigInt({ min: 0n, max: FINALITY - 1n }),
      back: fc.bigInt({ min: 1n, max: HEIGHT }),
      restarts: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(detour, { maxLength: 6 }), async (detours) => {
        const chain = await begin();
        const sorted = detours.toSorted((a, b) => (a.back < b.back ? -1 : 1));
        // What a root chain has called final it never undoes, whoever still knows that it did.
        let final = 0n;
        const follow = async (branch: number, fork: bigint, height: bigint) => {
          await moveTo(chain, branch, fork, height);
          if (chain.machine.rootFinalHeight > final) final = chain.machine.rootFinalHeight;
        };
        for (const { branch, fork, length, back, restarts } of sorted) {
          await follow(0, 0n, back);
          if (fork > final) await follow(branch, fork, fork + length);
          if (restarts) chain.machine = await openChain(chain.store);
        }
        await follow(0, 0n, HEIGHT);
        expect(chain.machine.tree.head.hash).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it("stops at a hundred blocks above the consensus, and goes on when that moves", async () => {
    const chain = await begin();
    const { machine } = chain;
    Object.assign(machine, { settings: PARA_SETTINGS });
    let height = 1n;
    const goOn = async () => {
      for (; !isHalted(machine) && height < 1_000n; height++) {
        await feed(chain, { type: "add", block: rootBlock(height, 0, 0n) });
      }
    };
    await goOn();
    expect(heightOf(machine.tree.head)).toBe(100n);
    await feed(chain, { type: "consensus", height: 5n });
    await goOn();
    expect(heightOf(machine.tree.head)).toBe(106n);
  });

  it("calls final what is agreed on, and nothing more once that is another's block", async () => {
    const chain = await straight();
    const { machine } = chain;
    const third = present(await chain.store.blockAt(3n), "a block");
    await feed(chain, { type: "agreed", agreed: { height: 3n, blockHash: third.hash } });
    expect(heightOf(machine.tree.final)).toBe(3n);
    const other = { height: 4n, blockHash: third.hash };
    await feed(chain, { type: "agreed", agreed: other });
    expect(machine.differs).toBe(true);
    const fifth = present(await chain.store.blockAt(5n), "a block");
    await feed(chain, { type: "agreed", agreed: { height: 5n, blockHash: fifth.hash } });
    expect(heightOf(machine.tree.final)).toBe(3n);
    await feed(chain, { type: "add", block: rootBlock(HEIGHT + 1n, 0, 0n) });
    expect(heightOf(machine.tree.final)).toBe(3n);
  });
});
