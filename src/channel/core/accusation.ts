/**
 * What a member keeps of a leader's offence: the evidence, and that nothing of that term is
 * acknowledged any more.
 */
import { headerMessage } from "../codec.ts";
import type { Batch, SignedHeader } from "../messages.ts";
import { compareEpochs } from "../ports.ts";
import { notify } from "./emit.ts";
import type { Point } from "./log.ts";
import { memberOf } from "./members.ts";
import type { Distrust, Machine } from "./state.ts";

/** Re-execution contradicts a header with a valid signature of its leader. */
export function accuse(machine: Machine, parent: Point, batch: Batch, detail: string): void {
  const { header } = batch.header;
  if (header.epoch.term !== machine.chain.term) return;
  distrust(machine, detail, {
    term: header.epoch.term,
    accused: header.leader,
    since: machine.now,
    evidence: {
      type: "execution",
      evidence: {
        accused: header.leader,
        header: batch.header,
        ...(parent.header === undefined ? {} : { previous: parent.header }),
        entries: batch.entries,
        batchSteps: batch.steps,
        steps: [],
      },
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
  if (machine.distrust?.term === epoch.term || epoch.term !== machine.chain.term) return;
  const isSame = second.header.leader === leader && compareEpochs(second.header.epoch, epoch) === 0;
  const key = memberOf(machine, leader)?.nodeKey;
  if (!isSame || key === undefined) return;
  if (!machine.tools.verify(headerMessage(second.header), second.signature, key)) return;
  distrust(machine, "two headers for one place", {
    term: epoch.term,
    accused: leader,
    since: machine.now,
    evidence: { type: "equivocation", evidence: { accused: leader, first, second } },
  });
}

function distrust(machine: Machine, detail: string, found: Distrust): void {
  if (machine.distrust?.term === found.term) return;
  machine.distrust = found;
  notify(machine, { type: "fraud", accused: found.accused, detail });
}
