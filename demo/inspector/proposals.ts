// What is being voted on.
import { element, setAttribute, setText } from "../shell/element.ts";
import { keyedList } from "../shell/keyed-list.ts";
import type { ProposalView } from "../view/channel.ts";
import type { Part } from "../view/part.ts";
import type { View } from "../view/view.ts";
import { section } from "./section.ts";

export function createProposals(): Part<View> {
  const list = createProposalList();
  const panel = section("Proposals", list.element);
  return { element: panel, update: (view) => list.update(view) };
}

/** Proposals without a title of their own, for whoever shows them elsewhere. */
export function createProposalList(): Part<View> {
  const list = keyedList<ProposalView>(element("ul", { class: "proposals" }), {
    key: ({ id }) => String(id),
    create: createProposal,
  });
  const none = element("p", { class: "panel-empty", text: "Nothing is being voted on." });
  return {
    element: element("div", {}, none, list.element),
    update(view) {
      const proposals = view.channel?.proposals ?? [];
      none.hidden = proposals.length > 0;
      list.update(proposals);
    },
  };
}

function createProposal(): Part<ProposalView> {
  const title = element("span", { class: "proposal-title" });
  const status = element("span", { class: "proposal-status" });
  const votes = element("span", { class: "proposal-votes" });
  const row = element(
    "li",
    { class: "proposal", attributes: { "data-testid": "proposal" } },
    element("span", { class: "proposal-head" }, title, status),
    votes,
  );
  return {
    element: row,
    update(proposal) {
      setAttribute(row, "data-kind", proposal.kind);
      setAttribute(row, "data-status", proposal.status);
      setText(title, titleOf(proposal));
      setText(status, proposal.status);
      setText(votes, votesText(proposal));
    },
  };
}

function titleOf({ kind, proposer, accused }: ProposalView): string {
  if (kind === "settlement") return `Settlement, by ${proposer}`;
  return `Punishment of ${accused ?? "the leader"}, by ${proposer}`;
}

function votesText({ votes, votersCount, awaited }: ProposalView): string {
  const counted = `${votes.length} of ${votersCount} voted`;
  // A name and its mark stay on one line.
  const cast = votes.map(({ player, isYes }) => `${player.name}\u00a0${isYes ? "✓" : "✗"}`);
  const told = cast.length > 0 ? `${counted}: ${cast.join(", ")}` : counted;
  return awaited.length > 0 ? `${told}; waiting for ${awaited.join(" and ")}` : told;
}
