/**
 * What a member keeps of a leader's offence: the evidence, and that nothing of that term is
 * acknowledged any more.
 */
import { headerMessage } from "../codec.ts";
import { type Batch, compareEpochs, type SignedHeader } from "../messages.ts";
import { notify } from "./emit.ts";
import type { Point } from "./log.ts";
import { memberOf } from "./members.ts";
import type { Distrust, Machine } from "./state.ts";

/** Re-execution contradicts a header with a valid signature of its leader. */
export function accuse(machine: Machine, parent: Point, batch: Batch, detail: string): void {
  const { header } = batch.header;
  const { chain } = machine;
  if (header.epoch.term !== chain.term || machine.distrust?.term === chain.term) return;
  distrust(machine, detail, {
    term: header.epoch.term,
    accused: header.leader,
    since: machine.now,
    isPosted: false,
    evidence: {
      type: "execution",
      batch,
      ...(parent.header === undefined ? {} : { previous: parent.header }),
    },
  });
}

/** Two headers for one place; counts only if both are of one leader and one epoch, and signed. */
export function noteEquivocation(
  machine: Machine,
  first: SignedHeader,
  second: SignedHeader,
): void {
  const { leader, epoch } = first.header;
  // Two headers need no judges, so they are worth more than a wrong result.
  const isProved = machine.distrust?.evidence.type === "equivocation";
  if ((isProved && machine.distrust?.term === epoch.term) || epoch.term !== machine.chain.term) {
    return;
  }
  const isSame = second.header.leader === leader && compareEpochs(second.header.epoch, epoch) === 0;
  const key = memberOf(machine, leader)?.nodeKey;
  if (!isSame || key === undefined) return;
  if (!machine.tools.verify(headerMessage(second.header), second.signature, key)) return;
  distrust(machine, "two headers for one place", {
    term: epoch.term,
    accused: leader,
    since: machine.now,
    isPosted: false,
    evidence: { type: "equivocation", evidence: { accused: leader, first, second } },
  });
}

function distrust(machine: Machine, detail: string, found: Distrust): void {
  const { distrust: known } = machine;
  if (known?.term === found.term) {
    if (known.evidence.type === found.evidence.type) return;
    machine.distrust = { ...found, since: known.since, isPosted: known.isPosted };
    return;
  }
  machine.distrust = found;
  notify(machine, { type: "fraud", accused: found.accused, detail });
}
