/**
 * What a commit that failed in a block says of the next one. The codes are those of 0x40
 * (`../../contracts/README.md`, "Parallel chains").
 */
import type { VmStatus } from "#core/status.ts";
import { PARACROSS_ADDRESS } from "../contract.ts";

export type Fault =
  /** The root chain was rolled back, or is ahead of others: it may be taken next time. */
  | "passing"
  /** This node may not commit at all. */
  | "standing"
  /** One of the statuses is at fault. */
  | "status";

/** ErrBlockHashNoMatch, ErrParaTooFarAhead. */
const PASSING_CODES: ReadonlySet<bigint> = new Set([6n, 7n]);
/** ErrInvalidTitle, ErrTitleNotExist, ErrNodeNotForTheTitle. */
const STANDING_CODES: ReadonlySet<bigint> = new Set([2n, 3n, 4n]);

export function faultOf(status: VmStatus): Fault {
  if (status.type !== "aborted") return "status";
  if (status.location.module.address !== PARACROSS_ADDRESS) return "status";
  if (PASSING_CODES.has(status.code)) return "passing";
  return STANDING_CODES.has(status.code) ? "standing" : "status";
}
