import { describe, expect, it } from "vitest";
import { assert, present } from "#core/assert.ts";
import { ZERO_HASH } from "#core/hash.ts";
import type { ChainProposal } from "../../../src/channel/chain-view.ts";
import { EVIDENCE_SIZE_MAX } from "../../../src/channel/codec/limits.ts";
import { encode, punishmentEvidence } from "../../../src/channel/codec.ts";
import { evidenceThatFits } from "../../../src/channel/core/exhibit.ts";
import type { PunishmentEvidence } from "../../../src/channel/evidence.ts";
import type { Batch } from "../../../src/channel/messages.ts";
import { Cheats } from "../../simulation/cheat.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import { World } from "../../simulation/world.ts";
import {
  altered,
  commands,
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

const KIB = 1024;

/** A batch of 64 calls with large arguments, whose header names a wrong state. */
function largeFraud(n1: SimNode): { readonly sound: Batch; readonly wrong: Batch } {
  const entries = Array.from({ length: 64 }, (_, ahead) =>
    noteOf(n1, new Uint8Array(2 * KIB).fill(ahead), ahead),
  );
  const sound = orders(n1, entries);
  return { sound, wrong: altered(sound, n1, { stateRoot: ZERO_HASH }) };
}

function evidenceOf(batch: Batch): PunishmentEvidence {
  const { header, entries, steps: batchSteps } = batch;
  return { accused: header.header.leader, header, entries, batchSteps, steps: [] };
}

/** The accusation as n2 brings it to the chain. */
function accusation(batch: Batch, change: Partial<ChainProposal> = {}): ChainProposal {
  const data = encode(punishmentEvidence, evidenceThatFits(evidenceOf(batch)));
  const votes = [{ seat: 2n, option: 1 }] as const;
  return {
    id: 1n,
    type: 2,
    voters: [2n, 3n],
    proposer: 2n,
    data,
    votes,
    status: "open",
    ...change,
  };
}

describe("evidence for the chain", () => {
  it("[FR9] is whole where a transaction holds it, otherwise the headers alone", async () => {
    const { n1 } = await three();
    const small = evidenceOf(orders(n1, [noteOf(n1, new Uint8Array(8))]));
    expect(evidenceThatFits(small)).toBe(small);
    const large = evidenceOf(largeFraud(n1).wrong);
    expect(encode(punishmentEvidence, large).length).toBeGreaterThan(128 * KIB);
    const fitting = evidenceThatFits(large);
    expect(fitting).toEqual({ ...large, entries: [], batchSteps: [] });
    expect(encode(punishmentEvidence, fitting).length).toBeLessThan(KIB);
    expect(EVIDENCE_SIZE_MAX).toBeLessThan(64 * KIB);
  });

  it("[FR9] of 64 entries with large arguments is posted without them", async () => {
    const { world, n1, n2 } = await three();
    const { wrong } = largeFraud(n1);
    expect(notices(handBatch(world, n2, wrong), "fraud")).toHaveLength(1);
    n2.running.commands.clear();
    const { configuration } = world.status(n2);
    const fence = n2.running.log.highest.ref;
    const [posted] = commands(show(world, n2, { fence, configuration }), "punish");
    expect(posted?.evidence).toMatchObject({ header: wrong.header, entries: [], batchSteps: [] });
  });
});

describe("a batch that an accusation names by its header", () => {
  it("[FR9] is shown to members that have not voted, every five seconds", async () => {
    const { world, n1, n2, n3 } = await three();
    const { wrong } = largeFraud(n1);
    handBatch(world, n2, wrong);
    const shown = (effects: ReturnType<typeof show>) =>
      effects.flatMap((effect) => {
        const batch = effect.type === "send" ? sent([effect], "batch")[0] : undefined;
        return effect.type === "send" && batch !== undefined ? [[effect.to, batch.batch]] : [];
      });
    const open = show(world, n2, { proposals: [accusation(wrong)] });
    expect(shown(open)).toEqual([[[n3.peer], wrong]]);
    expect(shown(tickAfter(n2, 4_999))).toEqual([]);
    expect(shown(tickAfter(n2, 1))).toEqual([[[n3.peer], wrong]]);
    const votes = [2n, 3n].map((seat) => ({ seat, option: 1 }) as const);
    show(world, n2, { proposals: [accusation(wrong, { votes })] });
    expect(shown(tickAfter(n2, 60_000))).toEqual([]);
    show(world, n2, { proposals: [] });
    expect(n2.running.exhibits.size).toBe(0);
  });

  it("[FR9] is judged by who was shown it, even when it leads no more", async () => {
    const { world, n1, n3 } = await three();
    const { sound, wrong } = largeFraud(n1);
    const other = { term: n3.running.chain.term + 1n, leader: 2n };
    const votes = (effects: ReturnType<typeof show>) => commands(effects, "vote");
    expect(votes(show(world, n3, { ...other, proposals: [accusation(wrong)] }))).toEqual([]);
    expect(votes(handBatch(world, n3, sound))).toEqual([]);
    const [vote] = votes(handBatch(world, n3, wrong, world.node("n2")));
    expect(vote).toEqual({ type: "vote", proposal: 1n, option: 1 });
  });

  it("[FR9] is voted against where it is sound", async () => {
    const { world, n1, n3 } = await three();
    const { sound } = largeFraud(n1);
    const other = { term: n3.running.chain.term + 1n, leader: 2n };
    show(world, n3, { ...other, proposals: [accusation(sound)] });
    const [vote] = commands(handBatch(world, n3, sound), "vote");
    expect(vote?.option).toBe(0);
  });

  it("[FR9] is not kept when its entries are not those of the header", async () => {
    const { world, n1, n3 } = await three();
    const { sound, wrong } = largeFraud(n1);
    const other = { term: n3.running.chain.term + 1n, leader: 2n };
    show(world, n3, { ...other, proposals: [accusation(sound)] });
    const swapped = { ...sound, entries: sound.entries.toReversed() };
    expect(commands(handBatch(world, n3, swapped), "vote")).toEqual([]);
    expect(commands(handBatch(world, n3, wrong), "vote")).toEqual([]);
    expect(n3.running.exhibits.size).toBe(0);
    expect(commands(handBatch(world, n3, sound), "vote")).toHaveLength(1);
  });
});

describe("an accused header", () => {
  it("[FR10] beside another in the log needs no judges", async () => {
    const { world, n1, n3 } = await three();
    const { sound, wrong } = largeFraud(n1);
    handBatch(world, n3, sound);
    const accused = [accusation(wrong)];
    expect(notices(show(world, n3, { proposals: accused }), "fraud")).toHaveLength(1);
    const { configuration } = world.status(n3);
    n3.running.commands.clear();
    show(world, n3, { fence: n3.running.log.highest.ref, configuration });
    const [proof] = commands(tickAfter(n3, 2_000), "proveEquivocation");
    expect(proof?.evidence).toEqual({ accused: 1n, first: sound.header, second: wrong.header });
  });

  it("[FR10] beside another that was found to be wrong needs no judges", async () => {
    const { world, n1, n3 } = await three();
    const { sound, wrong } = largeFraud(n1);
    const second = altered(sound, n1, { changeSetRoot: ZERO_HASH });
    handBatch(world, n3, wrong);
    expect(n3.running.distrust?.evidence.type).toBe("execution");
    show(world, n3, { proposals: [accusation(second)] });
    const { distrust } = n3.running;
    assert(distrust?.evidence.type === "equivocation", "it has two headers for one place");
    const { first, second: other } = distrust.evidence.evidence;
    expect([first, other]).toEqual([wrong.header, second.header]);
  });

  it("[FR10] of another epoch is no proof", async () => {
    const cast = await three();
    const { world, n1, n2, n3 } = cast;
    const { wrong } = largeFraud(n1);
    const opening = takeOver(cast);
    handBatch(world, n2, opening, n3);
    show(world, n2, { proposals: [accusation(wrong)] });
    expect(n2.running.distrust).toBeUndefined();
  });
});

describe("a leader that cheats over a large batch", () => {
  it("[FR9] is voted out by members that show it to each other", async () => {
    const cheats = new Cheats();
    const world = await World.begin({
      seed: 11,
      wrapExecutor: (name, executor) => cheats.wrap(name, executor),
    });
    await world.gather(3);
    await world.run(2_000);
    cheats.start("n1");
    const n2 = world.node("n2");
    for (let count = 0; count < 8; count++) world.bank(n2, "note", new Uint8Array(15 * KIB));
    await world.until("the punishment", () =>
      world.chain
        .view()
        .members.some(({ seat, standing }) => seat === 1n && standing === "removed"),
    );
    const accused = present(world.chain.view().proposals[0], "an accusation");
    expect(accused.status).toBe("executed");
    expect(accused.data.length).toBeLessThan(2 * KIB);
  });
});
