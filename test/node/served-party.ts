// Players in one process on a chain in another, for as long as a file's tests run.
import { afterAll, beforeAll } from "vitest";
import { createLocalWorld, type LocalWorld } from "../../src/index.ts";
import { type ChainServer, startChainServer } from "../e2e/story/chain-server.ts";

/** What one story on a chain of its own may take. */
export const STORY_MS = 120_000;

/** There once the tests run. */
export interface ServedParty {
  readonly chain: ChainServer;
  readonly world: LocalWorld;
  /** Has something closed before the world is. */
  readonly close: (one: () => Promise<void>) => void;
}

/** To be called where tests are declared. */
export function servedParty(): () => ServedParty {
  const closing: (() => Promise<void>)[] = [];
  let party: ServedParty | undefined;
  beforeAll(async () => {
    const chain = await startChainServer();
    const world = await createLocalWorld(undefined, chain);
    party = { chain, world, close: (one) => void closing.push(one) };
  }, STORY_MS);
  afterAll(async () => {
    await Promise.all(closing.map((close) => close()));
    await party?.world.close();
    await party?.chain.close();
  });
  return () => {
    if (party === undefined) throw new Error("a party begins with the tests");
    return party;
  };
}
