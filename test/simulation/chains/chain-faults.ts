// What goes wrong between chains: nodes that stop and come back, links that are cut, root nodes
// that do not answer, wallets that are locked. Everything heals in the end.
import { present } from "#core/assert.ts";
import { stopPara, stopRoot } from "../../chains/para/para-world.ts";
import type { Prng } from "../prng.ts";
import { MEMBERS, PARAS, ROOTS } from "./beginning.ts";
import {
  beginMember,
  beginPara,
  beginRoot,
  type ChainsWorld,
  endMember,
  TWIN_OF,
} from "./chains-world.ts";

const LAST_MS_MAX = 6_000;
const LAST_MS_MIN = 1_000;

export type Fault = (typeof FAULTS)[number];
export const FAULTS = [
  "rootApart",
  "rootDown",
  "memberApart",
  "memberDown",
  "paraDown",
  "paraDeaf",
  "locked",
] as const;

/** One fault, from its beginning to its end. Returns how it is told. */
export async function suffer(world: ChainsWorld, prng: Prng): Promise<string> {
  const fault = prng.pick(FAULTS);
  const lastMs = LAST_MS_MIN + prng.below(LAST_MS_MAX - LAST_MS_MIN);
  const last = () => world.clock.advance(lastMs);
  switch (fault) {
    case "rootApart":
      return apart(world.links, prng.below(ROOTS), fault, last);
    case "memberApart":
      // The twins' committee bears one that fails, and these are it.
      return apart(world.shardLinks, TWIN_OF + prng.below(2), fault, last);
    case "rootDown": {
      // The one that people use stays, so that they know what became of what they sent.
      const place = 1 + prng.below(ROOTS - 1);
      await stopRoot(world, place);
      await last();
      await beginRoot(world, place);
      return `${fault} ${place}`;
    }
    case "memberDown": {
      const place = prng.below(MEMBERS - 1);
      await endMember(world, place);
      await last();
      await beginMember(world, place);
      return `${fault} ${place}`;
    }
    case "paraDown": {
      const place = prng.below(PARAS);
      await stopPara(world, place);
      await last();
      await beginPara(world, place);
      return `${fault} ${place}`;
    }
    case "paraDeaf": {
      const site = present(world.paras[prng.below(PARAS)], "a node");
      site.isLinked = false;
      await last();
      site.isLinked = true;
      return fault;
    }
    case "locked": {
      const site = present(world.paras[prng.below(PARAS)], "a node");
      site.wallet = "locked";
      await last();
      site.wallet = "ready";
      return fault;
    }
  }
}

async function apart(
  links: ChainsWorld["links"],
  place: number,
  fault: Fault,
  last: () => Promise<void>,
): Promise<string> {
  links.passes = (from, to) => from !== place && to !== place;
  await last();
  links.passes = () => true;
  return `${fault} ${place}`;
}
