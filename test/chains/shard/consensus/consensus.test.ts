// Consensus nodes of which up to C are silent, lie or sign twice, over a network that loses,
// delays and splits, with disks whose every write may be the last: never two final blocks at one
// height, and progress as soon as K - C honest ones hear each other.
import { describe, expect, it } from "vitest";
import { createPrng } from "../../../simulation/prng.ts";
import { commonHeight, createConsensusWorld, honest, kill, pass } from "./consensus-world.ts";
import type { ConsensusWorld, Liar, Mutation } from "./members.ts";

const LIARS: readonly Liar[] = ["silent", "wrong state", "signs twice"];
const SIZES = [
  [4, 1],
  [7, 2],
] as const;
const SEEDS = 8;
/** A liar proposes again, with the prevotes that another block had: a lock must not yield. */
const FORGED_POLKA_SEED = 51;
const ROUNDS = 8;
/** Time in which a connected committee makes some blocks, whatever round it is in. */
const HEALED_MS = 90_000;

function liarsOf(seed: number, size: number, count: number): ReadonlyMap<number, Liar> {
  const prng = createPrng(seed);
  const liars = new Map<number, Liar>();
  while (liars.size < count) liars.set(prng.below(size), prng.pick(LIARS));
  return liars;
}

/** Whatever can go wrong, at times that the seed chooses. */
function suffer(world: ConsensusWorld): void {
  const { prng, faults, members } = world;
  for (let round = 0; round < ROUNDS; round++) {
    faults.delayMsMax = prng.pick([20, 300, 1_500]);
    faults.lostPermille = prng.pick([0, 50, 300]);
    faults.crashPermille = prng.pick([0, 0, 30, 100]);
    const side = members.map(() => prng.below(2));
    const isSplit = prng.permille(400);
    faults.passes = (from, to) => !isSplit || side[from] === side[to];
    if (prng.permille(300)) kill(world, prng.below(members.length));
    pass(world, 1_000 + prng.below(9_000));
  }
}

/** Returns what is amiss once everything works again. */
function heal(world: ConsensusWorld): readonly string[] {
  const { faults, broken } = world;
  faults.delayMsMax = 20;
  faults.lostPermille = 0;
  faults.crashPermille = 0;
  faults.passes = () => true;
  pass(world, 5_000);
  const before = Math.max(...honest(world).map(({ disk }) => disk.chain.length));
  pass(world, HEALED_MS);
  if (commonHeight(world) < before + 3) broken.add("no progress");
  return [...broken];
}

describe.each(SIZES)("a committee of %d of which %d lie", (size, faultsMax) => {
  it.each(LIARS)("makes blocks while all liars are: %s", (liar) => {
    const liars = new Map(Array.from({ length: faultsMax }, (_, place) => [place, liar]));
    const world = createConsensusWorld(1, size, faultsMax, liars);
    pass(world, 60_000);
    expect([...world.broken]).toEqual([]);
    expect(commonHeight(world)).toBeGreaterThan(10);
    for (const member of world.proved) expect(liars.get(member)).toBeDefined();
    const signsTwice = liar !== "silent" && liar !== "wrong state";
    expect(world.proved.size > 0).toBe(signsTwice);
  });

  it("makes blocks about as fast as they may be made when nobody lies", () => {
    const world = createConsensusWorld(2, size, faultsMax, new Map());
    pass(world, 30_000);
    expect(commonHeight(world)).toBeGreaterThan(50);
    expect(world.roundsMax).toBe(0);
    expect(world.proved.size).toBe(0);
  });

  it("decides nothing while more than C cannot be heard, and goes on afterwards", () => {
    const world = createConsensusWorld(3, size, faultsMax, new Map());
    pass(world, 3_000);
    const cut = faultsMax + 1;
    world.faults.passes = (from, to) => from < cut === to < cut;
    pass(world, 200);
    const before = commonHeight(world);
    pass(world, 120_000);
    expect(commonHeight(world)).toBeLessThanOrEqual(before + 1);
    expect(heal(world)).toEqual([]);
  });

  it.each([...Array.from({ length: SEEDS }, (_, index) => index + 1), FORGED_POLKA_SEED])(
    "never decides twice and goes on when it can: seed %d",
    (seed) => {
      const liars = liarsOf(seed, size, faultsMax);
      const world = createConsensusWorld(seed, size, faultsMax, liars);
      suffer(world);
      expect(heal(world)).toEqual([]);
    },
    30_000,
  );
});

describe("the checkers", () => {
  /** Lives until something is broken, or for so many seeds. */
  function found(mutation: Mutation, liars: (seed: number) => ReadonlyMap<number, Liar>): string[] {
    for (let seed = 1; seed <= 40; seed++) {
      const world = createConsensusWorld(seed, 4, 1, liars(seed), mutation);
      suffer(world);
      const broken = heal(world);
      if (broken.length > 0) return [...broken];
    }
    return [];
  }

  const equivocator = (seed: number): ReadonlyMap<number, Liar> =>
    new Map([[seed % 4, "signs twice"]]);

  it("notice two final blocks: nodes that forget their lock", () => {
    const spoil: Mutation["spoil"] = (machine) => {
      machine.locked = undefined;
      machine.valid = undefined;
    };
    expect(found({ spoil }, equivocator)).toContain("two blocks are final at one height");
  });

  it("notice a wrong final block: nodes that do not execute", () => {
    const broken = found({ approvesAll: true }, (seed) => new Map([[seed % 4, "wrong state"]]));
    expect(broken).toContain("a wrong block is final");
  });

  it("notice a second signature: nodes that forget what is on their disk", () => {
    const broken = found({ forgetsDisk: true }, () => new Map());
    expect(broken).toContain("an honest member has signed twice");
  });

  it("notice what is sent before it is kept", () => {
    const broken = found({ sendsUnsaved: true }, () => new Map());
    expect(broken).toContain("something was sent before it was on disk");
  });

  it("notice that no blocks are made: nodes that never precommit", () => {
    const mute = (message: { type: string; vote?: { phase: number } }): boolean =>
      message.type === "vote" && message.vote?.phase === 1;
    expect(found({ mute }, () => new Map())).toContain("no progress");
  });
});
