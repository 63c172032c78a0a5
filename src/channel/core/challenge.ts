/**
 * Demanding on chain what this node was not shown of a settlement that it has a voice in (SPEC.md
 * DD2, DD3): a majority that shows a member nothing gets nothing settled by it.
 */
import type { ChainProposal } from "../chain-view.ts";
import { DEMANDED_HEADERS_MAX } from "../codec/limits.ts";
import type { Header } from "../messages.ts";
import { command } from "./commands.ts";
import { isDisproved } from "./disproof.ts";
import { inForce, ownMember, ownSeats, turnOf } from "./members.ts";
import { evidenceIn } from "./proposed.ts";
import type { Inquiry, Machine } from "./state.ts";

/** How long catching up from others may give nothing, at most. */
const CATCHING_UP_MS = 20_000n;
/** What of the dispute window each wait may take: for others, and for this node's turn. */
const WINDOW_PARTS = 3n;
/** Demands of one seat about one settlement: the contract's limit. */
const DEMANDS_MAX = 2;

/** Demands what is lacking of open settlements, once nobody has given it for some time. */
export function demandMissing(machine: Machine): void {
  const own = ownMember(machine);
  if (own === undefined || own.standing === "removed") return;
  const seats = ownSeats(machine);
  for (const proposal of machine.chain.proposals) {
    const inquiry = machine.inquiries.get(proposal.id);
    const evidence = inquiry?.outcome === "open" ? evidenceIn(proposal) : undefined;
    if (inquiry === undefined || evidence === undefined) continue;
    if (!proposal.voters.some((seat) => seats.includes(seat))) continue;
    const { header } = evidence.header;
    if (isDisproved(machine, header)) continue;
    machine.sync.isBehind = true;
    if (machine.now - inquiry.since >= patience(machine)) {
      demand(machine, proposal, header, inquiry);
    }
  }
}

/** All that this node waits for others: to be given it, and to demand it in their turns. */
function patience(machine: Machine): bigint {
  const part = machine.facts.settings.disputeWindow / WINDOW_PARTS;
  const configuration = inForce(machine);
  const turn = least(
    BigInt(machine.tools.parameters.turnMs),
    part / BigInt(configuration.seats.length),
  );
  return least(part, CATCHING_UP_MS) + BigInt(turnOf(machine, configuration)) * turn;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function demand(
  machine: Machine,
  { id }: ChainProposal,
  target: Header,
  { next: first, demanded }: Inquiry,
): void {
  const isOpen = machine.chain.demands.some(
    ({ proposal, next, last }) => proposal === id && next <= first && first <= last,
  );
  const isSpent = demanded.size >= DEMANDS_MAX && !demanded.has(first);
  if (isOpen || isSpent || first > target.number) return;
  const last = least(first + BigInt(DEMANDED_HEADERS_MAX) - 1n, target.number);
  const name = `demand/${id}/${first}`;
  if (command(machine, name, { type: "demandData", proposal: id, first, last })) {
    demanded.add(first);
  }
}
