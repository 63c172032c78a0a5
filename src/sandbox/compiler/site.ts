/**
 * Sites: numbered places in Move code where a program may stop, with what it then reports. Programs
 * carry the number only; the table stays outside.
 */
import type { CodeLocation, StatusName } from "../core/status.ts";

/**
 * Why a program stops at a site. `abort` finds its code in memory; `host` fails in the host by
 * itself.
 */
export type StopReason =
  | { readonly kind: "status"; readonly status: StatusName; readonly subStatus?: number }
  | { readonly kind: "abort" }
  | { readonly kind: "host" };

export interface Site {
  readonly reason: StopReason;
  readonly location: CodeLocation;
}

export interface SiteTable {
  /** Site 0 is {@link REPLAY_SITE} and has no entry. */
  readonly sites: (Site | undefined)[];
  readonly numbers: Map<string, number>;
}

export function createSiteTable(): SiteTable {
  return { sites: [undefined], numbers: new Map() };
}

/** The number of a site; the same reason at the same place has one number. */
export function siteNumber(table: SiteTable, place: string, site: Site): number {
  const { reason } = site;
  const what =
    reason.kind === "status" ? `${reason.status}/${reason.subStatus ?? ""}` : reason.kind;
  const key = `${place}:${what}`;
  const known = table.numbers.get(key);
  if (known !== undefined) return known;
  table.sites.push(site);
  table.numbers.set(key, table.sites.length - 1);
  return table.sites.length - 1;
}
