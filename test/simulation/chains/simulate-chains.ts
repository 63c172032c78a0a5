// One seed of the profile "chains": people move coins between a root, its shard and its parallel
// chain while nodes fail and lie, under the eyes of the checkers; then everything heals, and what
// is under way must arrive, once. The same seed always gives the same life.

import type { AccountSigner } from "#chains";
import type { Clock } from "#channel";
import { addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import {
  type ChainAccess,
  type EntryCall,
  paraLink,
  rootLink,
  SettlementError,
  type ShardAccess,
  shardLink,
} from "#settlement";
import { callOf } from "../../../src/settlement/contract/calls.ts";
import { outboxOf } from "../../../src/settlement/outbox.ts";
import { TITLE } from "../../chains/para/para-chain.ts";
import { consensusOf } from "../../chains/para/para-world.ts";
import { SHARD } from "../../chains/shard/shard-network.ts";
import { Violation } from "../checkers.ts";
import type { Prng } from "../prng.ts";
import type { SeedResult } from "../simulate.ts";
import { during } from "./beginning.ts";
import {
  checkChains,
  checkQuiet,
  createRecords,
  isAgreedUpTo,
  isUnpunished,
  openCount,
  type Records,
  rootHeight,
  underWay,
} from "./chain-checkers.ts";
import { suffer } from "./chain-faults.ts";
import { type ChainsWorld, startChains } from "./chains-world.ts";
import { PEOPLE } from "./people.ts";

export const CHAINS = "chains";

const FAULTS_COUNT = 6;
const CHECK_MS = 2_000;
const QUIET_MS_MAX = 120_000;
const ACTION_MS_MAX = 4_000;
const GAS = { lowWater: 4_000_000n, target: 20_000_000n, budget: 1_000_000_000n };

/** What went on in a life, so that one knows of many that they were lived. */
export interface Seen {
  /** How each fault is told, in order. */
  readonly faults: readonly string[];
  /** Of the root nodes' branches, since each was started last. */
  readonly reorganisations: number;
  /** Heights of the parallel chain that were done, and coins that crossed. */
  readonly done: number;
  readonly crossed: number;
  /** Withdrawals from the shard that were paid, and messages of the root that it took in. */
  readonly paid: number;
  readonly taken: number;
}

interface Person {
  readonly account: AccountSigner;
  readonly root: ChainAccess;
  readonly shard: ShardAccess;
  readonly para: ChainAccess;
}

interface Run {
  readonly world: ChainsWorld;
  readonly records: Records;
  readonly people: readonly Person[];
  isBusy: boolean;
  /** Commands that are under way, and that came to an end. */
  open: number;
  ended: number;
  /** What nobody may throw. */
  crash: Error | undefined;
}

export async function simulateChains(
  seed: number,
  onLine: (line: string) => void = () => undefined,
): Promise<SeedResult & { readonly seen: Seen }> {
  const faults: string[] = [];
  const world = await startChains(seed);
  const people = PEOPLE.map((account) => personOf(world, account));
  const run: Run = {
    world,
    records: createRecords(),
    people,
    isBusy: true,
    open: 0,
    ended: 0,
    crash: undefined,
  };
  let failure: string | undefined;
  try {
    await live(run, (line) => {
      faults.push(line);
      onLine(line);
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    failure = error instanceof Violation ? error.message : (error.stack ?? error.message);
  }
  const { records, ended } = run;
  return {
    seed,
    steps: records.steps,
    confirmed: ended,
    settlements: records.done.size,
    terms: 0,
    views: 0,
    lives: world.members.length + world.paras.length + world.roots.length,
    isForced: false,
    failure,
    seen: { faults, ...seenIn(run) },
  };
}

function seenIn({ world, records }: Run): Omit<Seen, "faults"> {
  const counts = world.roots.map(({ node }) => node?.source.tree.reorganisations ?? 0);
  return {
    reorganisations: counts.reduce((sum, count) => sum + count, 0),
    done: records.done.size,
    crossed: records.settled.size,
    paid: records.paid.payments.length,
    taken: records.applied.length,
  };
}

async function live(run: Run, onLine: (line: string) => void): Promise<void> {
  const { world } = run;
  const stopChecking = keepChecking(run);
  for (const [place, person] of run.people.entries()) act(run, person, world.prng.fork(`${place}`));
  const faults = world.prng.fork("faults");
  for (let count = 0; count < FAULTS_COUNT; count++) {
    await world.clock.advance(faults.below(ACTION_MS_MAX));
    onLine(await suffer(world, faults));
    rethrow(run);
  }
  run.isBusy = false;
  const agreed = await consensusNow(world);
  await untilQuiet(run, agreed);
  stopChecking();
  rethrow(run);
  checkChains(world, run.records);
  checkQuiet(world, run.records);
}

function keepChecking(run: Run): () => void {
  let cancel = () => undefined as void;
  const look = () => {
    try {
      checkChains(run.world, run.records);
    } catch (error) {
      run.crash ??= asError(error);
    }
    cancel = run.world.clock.after(CHECK_MS, look);
  };
  look();
  return () => cancel();
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function rethrow({ crash }: Run): void {
  if (crash !== undefined) throw crash;
}

/**
 * Everybody's commands end, coins arrive, and both chains below the root go on, the parallel one
 * over all that the root held when the last command ended.
 */
async function untilQuiet(run: Run, agreed: bigint): Promise<void> {
  const { world, people } = run;
  let lastHeight: bigint | undefined;
  for (let waited = 0; waited < QUIET_MS_MAX; waited += CHECK_MS) {
    await world.clock.advance(CHECK_MS);
    rethrow(run);
    const isSettled = people.every(({ account: { address } }) => {
      return underWay(world, address) === 0n && openCount(world, address) === 0;
    });
    const now = await consensusNow(world);
    if (run.open === 0) lastHeight ??= rootHeight(world);
    const isDone = isSettled && !isUnpunished(world);
    const isCrossed = lastHeight !== undefined && isAgreedUpTo(world, lastHeight);
    if (isDone && isCrossed && now > agreed + 3n) return;
  }
  const open = people.map(({ account: { address } }) => openCount(world, address));
  const left = people.map(({ account: { address } }) => underWay(world, address));
  const heights = `agreed up to ${await consensusNow(world)}`;
  const guilty = isUnpunished(world) ? ", a member unpunished" : "";
  const coins = `${left.join()} units, ${open.join()} withdrawals`;
  const what = `${run.open} commands, ${coins}, ${heights}${guilty}`;
  throw new Violation("progress", `not at rest after ${QUIET_MS_MAX} ms: ${what}`);
}

function consensusNow(world: ChainsWorld): Promise<bigint> {
  return during(world, consensusOf(world));
}

function personOf(world: ChainsWorld, account: AccountSigner): Person {
  const { clock } = world;
  const roots = present(world.rootClients[0], "a root node");
  const members = present(world.members[0], "a member").clients;
  const para = present(world.paraClients[0], "a node of the parallel chain").connect();
  const root = rootLink(roots.connect());
  const shard = shardLink({
    root,
    shard: rootLink(members.connect()),
    shardId: SHARD,
    clock,
    gas: GAS,
  });
  const parallel = paraLink({ root, para: rootLink(para), title: TITLE, clock, coins: GAS });
  return {
    account,
    root: root.access(account),
    shard: shard.access(account),
    para: parallel.access(account),
  };
}

/** One command after the other, until the life quietens down. */
function act(run: Run, person: Person, prng: Prng): void {
  const { clock } = run.world;
  const next = () => {
    if (!run.isBusy) return;
    run.open += 1;
    command(person, clock, prng)
      .then(() => {
        run.ended += 1;
      })
      .catch((error: unknown) => {
        // Whoever is cut off, poor or too late is told so; anything else is our fault.
        if (!(error instanceof SettlementError)) run.crash ??= asError(error);
      })
      .finally(() => {
        run.open -= 1;
        clock.after(1 + prng.below(ACTION_MS_MAX), next);
      });
  };
  next();
}

async function command(
  { account, root, shard, para }: Person,
  clock: Clock,
  prng: Prng,
): Promise<void> {
  const { address } = account;
  const amount = BigInt(1 + prng.below(1_000_000));
  const other = prng.pick(PEOPLE).address;
  const pay = callOf("0x1::aptos_account::transfer", [addressToBytes(other), u64(amount)]);
  switch (prng.below(5)) {
    case 0:
      return send(root, clock, pay);
    case 1:
    case 2:
      return send(shard, clock, pay);
    case 3:
      await shard.returning.withdraw();
      return;
    default:
      await send(para, clock, pay);
      return send(root, clock, homewards(address, amount));
  }
}

function homewards(address: AccountSigner["address"], amount: bigint): EntryCall {
  const args = [text(TITLE), addressToBytes(address), u64(amount)];
  return callOf("0x40::cross_asset::withdraw", args);
}

async function send(by: ChainAccess, clock: Clock, call: EntryCall): Promise<void> {
  await outboxOf(by, clock).send(call);
}

function u64(value: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u64(value));
}

function text(value: string): Uint8Array {
  return encodeBcs((writer) => writer.string(value));
}
