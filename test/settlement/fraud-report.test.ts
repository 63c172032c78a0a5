// When a report of fraud is not worth its transaction any more.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { refOfHeader } from "../../src/channel/codec.ts";
import { isDrawn } from "../../src/settlement/fraud-report.ts";
import { commands, handBatch, show } from "../channel/core/handwork.ts";
import { hidden, hiddenFraud, plot, proposalOf } from "../channel/core/plot.ts";

/** n2's evidence of a header that all others acked, with the settlement that builds on it. */
async function reported() {
  const all = await plot();
  const { world, n2 } = all;
  const before = n2.running.chain;
  const bad = hiddenFraud(all);
  const target = hidden(all, "and on");
  const proposal = proposalOf(all, target, hidden(all));
  handBatch(world, n2, bad);
  handBatch(world, n2, target);
  n2.running.commands.clear();
  const report = commands(show(world, n2, { proposals: [proposal] }), "proveFraud").at(-1);
  const out = before.members.map((member) =>
    member.seat === 2n ? member : { ...member, standing: "removed" as const },
  );
  const { evidence } = present(report, "a report");
  return { evidence, before, out, proposal, ref: refOfHeader(target.header.header) };
}

describe("a report of fraud", () => {
  it("is worth it while somebody that it names is in", async () => {
    const { evidence, before, out } = await reported();
    expect(isDrawn({ ...before, members: out }, evidence)).toBe(true);
    for (const seat of [1n, 3n, 4n]) {
      const members = out.map((member) =>
        member.seat === seat ? { ...member, standing: "joined" as const } : member,
      );
      expect(isDrawn({ ...before, members }, evidence)).toBe(false);
    }
  });

  it("is worth it while the chain relies on what it shows to be void", async () => {
    const { evidence, before, out, proposal, ref } = await reported();
    const view = { ...before, members: out };
    expect(isDrawn({ ...view, proposals: [proposal] }, evidence)).toBe(false);
    expect(isDrawn({ ...view, proposals: [{ ...proposal, status: "void" }] }, evidence)).toBe(true);
    expect(isDrawn({ ...view, fence: ref }, evidence)).toBe(false);
    expect(isDrawn({ ...view, exits: { ...view.exits, highest: ref } }, evidence)).toBe(false);
  });
});
