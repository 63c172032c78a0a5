import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { verifyMerklePath } from "#core/merkle/merkle-proof.ts";
import type { ChainDemand, ChainProposal } from "../../../src/channel/chain-view.ts";
import { entries as entriesCodec } from "../../../src/channel/codec/objects.ts";
import { decode, encode, hashHeader, settlementEvidence } from "../../../src/channel/codec.ts";
import { answerDemands } from "../../../src/channel/core/demand.ts";
import { itemAt } from "../../../src/channel/core/log.ts";
import { propose } from "../../../src/channel/core/settlement.ts";
import type { Machine } from "../../../src/channel/core/state.ts";
import type { SettlementEvidence } from "../../../src/channel/evidence.ts";
import { commandsOf, see, standIn, worldOf } from "./stand-in.ts";

/** A machine that sees a settlement of all it holds, and something demanded of it. */
async function demanded(demand: Partial<ChainDemand>): Promise<{
  readonly machine: Machine;
  readonly evidence: SettlementEvidence;
}> {
  const world = await worldOf(3, 80);
  for (let round = 0; round < 12; round++) {
    world.bank(world.node("n2"), "note", utf8(`round ${round}`));
    await world.run(300);
  }
  const machine = standIn(world.node("n2"));
  propose(machine, 1n);
  const proposing = commandsOf(machine).find(({ type }) => type === "propose");
  const { evidence } = present(proposing?.type === "propose" ? proposing : undefined, "a proposal");
  const proposal: ChainProposal = {
    id: 5n,
    type: 1,
    proposer: 1n,
    data: encode(settlementEvidence, evidence),
    voters: [],
    votes: [],
    status: "open",
  };
  const { number } = evidence.header.header;
  const due = machine.chain.now + 60_000n;
  const challenger = present(machine.chain.members[0], "the creator").address;
  const open = {
    id: 1n,
    proposal: 5n,
    challenger,
    next: number - 9n,
    last: number,
    due,
    ...demand,
  };
  machine.effects = [];
  see(machine, { proposals: [proposal], demands: [open] });
  return { machine, evidence };
}

function answersOf(machine: Machine) {
  machine.effects = [];
  machine.commands.clear();
  answerDemands(machine);
  return commandsOf(machine).flatMap((command) =>
    command.type === "answerDemand" ? [command.answer] : [],
  );
}

describe("a demand for data", () => {
  it("[DD1] is answered with headers, entries and the way up to the settlement's", async () => {
    const { machine, evidence } = await demanded({});
    const { header } = evidence.header;
    const [answer] = answersOf(machine);
    expect(answer).toHaveLength(10);
    const list = {
      tag: "HistoryRoot",
      count: Number(header.number - 1n),
      root: header.historyRoot,
    };
    for (const shown of present(answer, "an answer")) {
      const item = present(itemAt(machine.log, shown.header.header.number), "it is held");
      const hash = hashHeader(shown.header.header);
      expect(shown.header).toEqual(item.header);
      const entries = shown.steps.flatMap((step) => decode(entriesCodec, step.entries));
      expect(entries).toEqual(item.batch.entries);
      const index = Number(shown.header.header.number - 1n);
      const isTarget = shown.header.header.number === header.number;
      expect(isTarget || verifyMerklePath(list, index, hash, shown.path).ok).toBe(true);
    }
  });

  it("[DD1] about what is not held here, or another settlement, is left to others", async () => {
    const { machine } = await demanded({ proposal: 6n });
    expect(answersOf(machine)).toEqual([]);
    const [demand] = machine.chain.demands;
    const open = { ...present(demand, "a demand"), proposal: 5n, next: 9_999n, last: 9_999n };
    see(machine, { demands: [open] });
    expect(answersOf(machine)).toEqual([]);
  });

  it("[DD1] that nobody answered in time voids the settlement", async () => {
    const { machine } = await demanded({});
    const [demand] = machine.chain.demands;
    const late = { ...present(demand, "a demand"), due: machine.chain.now - 60_000n };
    see(machine, { demands: [late] });
    expect(answersOf(machine)).toEqual([]);
    expect(commandsOf(machine)).toEqual([{ type: "voidDemand", demand: 1n }]);
  });
});
