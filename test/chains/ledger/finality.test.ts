// When blocks become final: by two thirds of the producers in two epochs that follow one another.
import { describe, expect, it } from "vitest";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import {
  finalityAfter,
  genesisFinality,
  quorumOf,
  readFinality,
  type Standing,
  writeFinality,
} from "../../../src/chains/ledger/finality.ts";
import { type ChainParameters, rootParameters } from "../../../src/chains/ledger/parameters.ts";
import { nextSlotOf, producerOfSlot } from "../../../src/chains/ledger/turns.ts";
import { accountNamed } from "../fixture.ts";

const SLOT_MS = 1_000;
const SLOT_US = 1_000_000n;

function chainOf(count: number): ChainParameters {
  const producers = Array.from({ length: count }, (_, index) => accountNamed(`p${index}`));
  return rootParameters(
    producers.map(({ publicKey }) => publicKey),
    SLOT_MS,
  );
}

/** The standing of each block of a branch that has blocks in these slots, genesis in slot 0. */
function branch(parameters: ChainParameters, slots: readonly number[]): readonly Standing[] {
  const finality = genesisFinality(parameters, 0n);
  const blocks: Standing[] = [{ height: 0n, timestampUs: 0n, finality }];
  for (const slot of slots) {
    const parent = blocks.at(-1);
    if (parent === undefined) break;
    const timestampUs = BigInt(slot) * SLOT_US + 5n;
    const after = finalityAfter(parameters, parent, timestampUs);
    blocks.push({ height: parent.height + 1n, timestampUs, finality: after });
  }
  return blocks;
}

function finalHeights(count: number, slots: readonly number[]): readonly bigint[] {
  return branch(chainOf(count), slots).map(({ finality }) => finality.finalHeight);
}

describe("finality", () => {
  it("needs two thirds of the producers", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 10].map((count) => quorumOf(chainOf(count)))).toEqual([
      1, 2, 2, 3, 4, 4, 5, 7,
    ]);
  });

  it("comes with the next block where there is one producer", () => {
    expect(finalHeights(1, [1, 1, 2, 9])).toEqual([0n, 0n, 1n, 2n, 3n]);
  });

  it("comes with the quorum of an epoch that follows a justified one", () => {
    // Epochs of three slots: {3 4 5} justifies block 0, {6 7 8} block 3, {9 …} block 6.
    const finals = finalHeights(3, [3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(finals).toEqual([0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 3n, 3n]);
  });

  it("goes on while a third of the producers is silent", () => {
    const finals = finalHeights(3, [3, 4, 6, 7, 9, 10, 12, 13]);
    expect(finals.at(-1)).toBe(4n);
  });

  it("stands still while fewer than two thirds make blocks, and catches up at once", () => {
    const alone = [3, 6, 9, 12, 15, 18];
    expect(finalHeights(3, alone).at(-1)).toBe(0n);
    const healed = finalHeights(3, [...alone, 21, 22, 24, 25]);
    expect(healed.slice(-4)).toEqual([0n, 0n, 0n, 6n]);
  });

  it("does not come over a gap between justified epochs", () => {
    // Epochs 1 and 3 have their quorum, epoch 2 has not: nothing follows on.
    expect(finalHeights(3, [3, 4, 6, 9, 10]).at(-1)).toBe(0n);
    expect(finalHeights(3, [3, 4, 6, 9, 10, 12, 13]).at(-1)).toBe(3n);
  });

  it("reads back from its bytes", () => {
    const [, , block] = branch(chainOf(3), [3, 4, 5]);
    const finality = block?.finality;
    expect(finality).toBeDefined();
    if (finality === undefined) return;
    const bytes = encodeBcs((writer) => writeFinality(writer, finality));
    expect(decodeBcs(bytes, readFinality)).toEqual(finality);
  });
});

describe("turns", () => {
  it("go round in the order of genesis, one each in an epoch", () => {
    const parameters = chainOf(3);
    const { producers } = parameters;
    const turns = [0n, 1n, 2n, 3n, 4n].map((slot) => producerOfSlot(parameters, slot));
    expect(turns).toEqual([0, 1, 2, 0, 1].map((place) => producers[place]));
    producers.forEach((producer, place) => {
      const first = nextSlotOf(parameters, producer, 7n);
      expect(first).toBe([9n, 7n, 8n][place]);
    });
    expect(nextSlotOf(parameters, accountNamed("stranger").publicKey, 7n)).toBeUndefined();
  });
});
