// Six machines as processes that speak over HTTP and WebSockets and keep what they have in files:
// all have a root node that takes turns, four a node of the parallel chain. What P6 goes through in
// virtual time happens here to real processes, which are killed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { accountNamed } from "../../fixture.ts";
import { groupTransactions, paraAccount, TITLE } from "../para-chain.ts";
import {
  blockHashAt,
  commitAt,
  consensusAt,
  headOf,
  killMachine,
  PRODUCERS,
  producerName,
  type Running,
  startMachine,
  until,
} from "./machine.ts";

const PARAS = 4;
const SIDE_A = [0, 1, 2];
const SIDE_B = [3, 4, 5];
const TEST_TIMEOUT_MS = 900_000;
/** How much further the side that goes on comes than the other one, which then gives way. */
const LEAD_BLOCKS = 60;

interface Site {
  readonly folder: string;
  /** Where its root node is served, from its first start on. */
  url: string | undefined;
  running: Running | undefined;
}

let folder: string | undefined;
let sites: Site[] = [];
afterEach(async () => {
  for (const place of sites.keys()) await stop([place]);
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

function siteAt(place: number): Site {
  return present(sites[place], "a machine");
}

function rootAt(place: number): string {
  return present(siteAt(place).running, "it runs").root;
}

function paraAt(place: number): string {
  return present(siteAt(place).running?.para, "it runs a node of the parallel chain");
}

async function start(places: readonly number[]): Promise<void> {
  await Promise.all(
    places.map(async (place) => {
      const site = siteAt(place);
      const peers = sites.flatMap(({ url }, other) => (other === place ? [] : (url ?? [])));
      const port = site.url === undefined ? 0 : Number(new URL(site.url).port);
      const hasPara = place < PARAS;
      site.running = await startMachine({ place, folder: site.folder, port, peers, hasPara });
      site.url = site.running.root;
    }),
  );
}

async function stop(places: readonly number[]): Promise<void> {
  await Promise.all(
    places.map(async (place) => {
      const { running } = siteAt(place);
      siteAt(place).running = undefined;
      if (running !== undefined) await killMachine(running);
    }),
  );
}

/** The first machine founds the root, the others join it, and the title gets its group. */
async function found(): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), "holdfast-para-"));
  folder = parent;
  sites = Array.from({ length: PRODUCERS }, (_, place) => {
    return { folder: join(parent, String(place)), url: undefined, running: undefined };
  });
  await start([0]);
  await start([1, 2, 3, 4, 5]);
  const producers = sites.map((_, place) => accountNamed(producerName(place)));
  const nodes = Array.from({ length: PARAS }, (_, place) => paraAccount(place));
  const now = () => BigInt(Date.now());
  for (const step of groupTransactions(now, producers, nodes, [])) {
    await Promise.all(step.map((bytes) => commitAt(rootAt(0), bytes)));
  }
}

async function agreed(place: number): Promise<number> {
  return consensusAt(rootAt(place), TITLE);
}

describe("six machines, four of them with a node of the parallel chain", () => {
  it(
    "[P6] part; one side alone agrees on nothing, and takes the other's branch",
    async () => {
      await found();
      await until("the nodes agree", async () => (await agreed(0)) >= 1);
      await stop(SIDE_B);
      const whenParted = await headOf(rootAt(0));
      const agreedWhenParted = await agreed(0);
      // Three of four nodes are with this side, so they agree alone.
      await until("a side of three goes on", async () => {
        const isAhead = (await headOf(rootAt(0))) >= whenParted + LEAD_BLOCKS;
        return isAhead && (await agreed(0)) > agreedWhenParted + 1;
      });
      const withoutB = await agreed(0);
      await stop(SIDE_A);

      await start(SIDE_B);
      const first = await headOf(paraAt(3));
      // By then it has said again all that it has to say.
      await until("the other side makes blocks", async () => (await headOf(paraAt(3))) > first + 3);
      const alone = await agreed(3);
      expect(alone).toBeLessThan(withoutB);
      await until("it makes more", async () => (await headOf(paraAt(3))) > first + 5);
      expect(await agreed(3)).toBe(alone);
      expect((await headOf(rootAt(3))) - whenParted).toBeLessThan(LEAD_BLOCKS);
      const height = await headOf(paraAt(3));
      const fork = present(await blockHashAt(paraAt(3), height), "its own block");

      await start(SIDE_A);
      await until("all agree again", async () => {
        const everywhere = await Promise.all(sites.map((_, place) => agreed(place)));
        const heads = await Promise.all([0, 1, 2, 3].map((place) => headOf(paraAt(place))));
        const lowest = Math.min(...everywhere);
        return lowest > Math.max(withoutB, height) && Math.min(...heads) >= lowest;
      });
      const common = Math.max(withoutB, height) + 1;
      const hashes = await Promise.all(
        [0, 1, 2, 3].map((place) => blockHashAt(paraAt(place), common)),
      );
      expect(new Set(hashes).size).toBe(1);
      expect(hashes[0]).toBeDefined();
      expect(await blockHashAt(paraAt(3), height)).not.toBe(fork);
      expect(await blockHashAt(paraAt(3), height)).toBe(await blockHashAt(paraAt(0), height));
    },
    TEST_TIMEOUT_MS,
  );
});
