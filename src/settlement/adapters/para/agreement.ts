/**
 * How far a parallel chain's nodes agree, as its root says so for good: an agreement counts once
 * the root's block that shows it is final, because the root may undo it until then. Nothing is kept
 * but what was seen on its way there.
 */
import { equalBytes } from "#core/bytes.ts";
import type { BlockSummary, ChainLink } from "../../chain-access.ts";
import { type Agreed, readAgreed } from "./contract.ts";

export interface Agreement {
  /** Undefined as long as nothing is agreed on for good. Rejects as reading the root does. */
  hard(): Promise<Agreed | undefined>;
}

/** What the root's newest block said at a time. */
interface Sighting {
  readonly agreed: Agreed;
  readonly block: BlockSummary;
}

/** More of them are under way only where the root finalises nothing. */
const SIGHTINGS_MAX = 64;

export function createAgreement(root: ChainLink, title: () => Promise<string>): Agreement {
  let sightings: readonly Sighting[] = [];
  let hard: Agreed | undefined;
  return {
    async hard() {
      const seen = await look(root, await title());
      const newest = sightings.at(-1);
      if (seen !== undefined && newest?.agreed.height !== seen.agreed.height) {
        sightings = [...sightings, seen].slice(-SIGHTINGS_MAX);
      }
      const { version: end } = await root.eventEnd();
      const open: Sighting[] = [];
      for (const sighting of sightings) {
        const { agreed, block } = sighting;
        const standing = await root.block(block.height);
        // Undone, and what it showed with it: if it still holds, it will be seen again.
        if (standing === undefined || !equalBytes(standing.hash, block.hash)) continue;
        if (block.lastVersion >= end) open.push(sighting);
        else if (hard === undefined || agreed.height > hard.height) hard = agreed;
      }
      sightings = open;
      return hard;
    },
  };
}

/** Undefined where the root moved on meanwhile: then it is unknown which block said so. */
async function look(root: ChainLink, title: string): Promise<Sighting | undefined> {
  const before = await root.block(await root.height());
  const agreed = await readAgreed(root, title);
  const block = await root.block(await root.height());
  if (agreed === undefined || before === undefined || block === undefined) return undefined;
  return equalBytes(before.hash, block.hash) ? { agreed, block } : undefined;
}
