// A leader and its accomplices who settle what stands on a false header, by hand; n2 alone is
// honest, and its chain judges.
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import type { ChainAnswer, ChainProposal } from "../../../src/channel/chain-view.ts";
import {
  encode,
  encodeAnswer,
  refOfHeader,
  settlementEvidence,
} from "../../../src/channel/codec.ts";
import { learnCertificate } from "../../../src/channel/core/certificates.ts";
import { answerDemands } from "../../../src/channel/core/demand.ts";
import type { Effect } from "../../../src/channel/core/effect.ts";
import type { Batch, Certificate } from "../../../src/channel/messages.ts";
import { Cheats } from "../../simulation/cheat.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import type { World } from "../../simulation/world.ts";
import { calm, certificateOf, noteOf, orders, show } from "./handwork.ts";
import { commandsOf, see, standIn } from "./stand-in.ts";

export interface Plot {
  readonly world: World;
  readonly n1: SimNode;
  readonly n2: SimNode;
  readonly cheats: Cheats;
}

export async function plot(): Promise<Plot> {
  const cheats = new Cheats();
  const wrapExecutor = cheats.wrap.bind(cheats);
  const world = await calm(4, { wrapExecutor });
  const [n1, n2] = [world.node("n1"), world.node("n2")];
  // The chain knows all that n2 could show it.
  const { configuration } = world.status(n2);
  show(world, n2, { judges: true, fence: n2.running.log.highest.ref, configuration });
  return { world, n1, n2, cheats };
}

/** The acks of everybody but n2 on a batch. */
export function acksOf({ world, n2 }: Plot, batch: Batch, nodes?: readonly SimNode[]): Certificate {
  const { configuration } = world.status(world.node("n1"));
  const signers = nodes ?? world.nodes.filter((node) => node !== n2);
  return certificateOf(world, configuration, refOfHeader(batch.header.header), signers);
}

/** What n1 orders next, acked by its accomplices, and shown to nobody. */
export function hidden(all: Plot, text?: string): Batch {
  const { n1 } = all;
  const batch = orders(n1, text === undefined ? [] : [noteOf(n1, utf8(text))]);
  learnCertificate(n1.running, acksOf(all, batch));
  return batch;
}

/** {@link hidden}, with another result than its entries have. */
export function hiddenFraud(all: Plot, text = "what nobody said"): Batch {
  all.cheats.start("n1");
  const batch = hidden(all, text);
  all.cheats.stop("n1");
  return batch;
}

/** What settles the header of the last batch but one. */
export function proposalOf(all: Plot, target: Batch, confirming: Batch, id = 5n): ChainProposal {
  const settled = all.n2.running.chain.settled.height;
  const { header } = target.header;
  const evidence = {
    fromHeight: settled,
    toHeight: header.firstHeight + BigInt(header.count) - 1n,
    changes: [],
    header: target.header,
    certificate: acksOf(all, target),
    confirming: confirming.header,
    confirmingCertificate: acksOf(all, confirming),
    steps: [],
    proof: { shape: new Uint8Array(), hashes: [] },
  };
  const data = encode(settlementEvidence, evidence);
  const voters = [1n, 2n, 3n, 4n];
  return { id, type: 1, proposer: 1n, data, voters, votes: [], status: "open" };
}

/** How n1 answers a demand for some of the headers of a proposal. */
export function answerOf(
  { n1 }: Plot,
  proposal: ChainProposal,
  first: bigint,
  last: bigint,
): ChainAnswer {
  const machine = standIn(n1);
  const due = machine.chain.now + 60_000n;
  const challenger = present(machine.chain.members[1], "n2").address;
  const demand = { id: 1n, proposal: proposal.id, challenger, next: first, last, due };
  see(machine, { proposals: [proposal], demands: [demand] });
  answerDemands(machine);
  const [command] = commandsOf(machine);
  const given = command?.type === "answerDemand" ? command.answer : undefined;
  return { proposal: proposal.id, data: encodeAnswer(present(given, "an answer")) };
}

/** Whoever was asked for is punished, as n2 sees it. */
export function punished({ world, n2 }: Plot, ...seats: readonly bigint[]): readonly Effect[] {
  const members = n2.running.chain.members.map((member) =>
    seats.includes(member.seat) ? { ...member, standing: "removed" as const } : member,
  );
  return show(world, n2, { members });
}
