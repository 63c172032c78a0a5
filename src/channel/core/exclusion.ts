/**
 * While the chain waits to take a punished seat out (SPEC.md CF18): every member shows the chain
 * what it knows to be certified, since what the chain has not seen by then is void.
 */
import { command } from "./commands.ts";
import type { Machine } from "./state.ts";
import { ownCandidacy } from "./steps.ts";

/** Whether a punished seat's window is still open; when it is over, an application ends it. */
export function isExcluding({ chain }: Machine): boolean {
  return chain.exclusions.some(({ due }) => chain.now < due);
}

/** All at once, not in turns: the window is short, and who has most is not known. */
export function showConfirmed(machine: Machine): void {
  if (machine.chain.exclusions.length === 0) return;
  const candidacy = ownCandidacy(machine);
  const certified = candidacy.certificate?.ack.header.number;
  if (certified === undefined && candidacy.steps.length === 0) return;
  command(machine, `postCertificate/${certified}`, { type: "postCertificate", candidacy });
}
