/**
 * Views of what a chain does not take back any more. Members act on nothing newer: what they prune
 * for a settlement, or admit for a joining, cannot be had back when the chain undoes it. Knows no
 * contract.
 */
import type { ChainAccess, ViewSource } from "./chain-access.ts";

/** The newest final state, which stays the same however long it is asked. */
export async function finalViews(access: ChainAccess): Promise<ViewSource> {
  const version = await access.finalVersion();
  if (version === undefined) return access;
  return {
    view: (call) => access.view(call, version),
    get canReexecute() {
      return access.canReexecute;
    },
  };
}
