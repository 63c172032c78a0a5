// One seed of one profile: a channel lives through its faults under the eyes of the checkers,
// heals, and must then go on. The same seed always gives the same life.
import { seatLeading } from "../../src/channel/core/epoch.ts";
import { pointAt } from "../../src/channel/core/log.ts";
import { inForce, ownSeatIn } from "../../src/channel/core/members.ts";
import { Cheats } from "./cheat.ts";
import { checkRoots, NoDoubleSigning, OneHistory, SettledIsReplay, Violation } from "./checkers.ts";
import { Faults } from "./faults.ts";
import { MadeCalls } from "./made-calls.ts";
import type { Profile } from "./profiles.ts";
import type { SimNode } from "./sim-node.ts";
import { type ToldNotice, World } from "./world.ts";

/** Within this time after the faults every live member must have got something confirmed. */
export const PROGRESS_MS = 60_000;
const JOIN_MS_MAX = 10_000;
/** Of so many times that a client acts it makes several calls at once. */
const BURST_EVERY = 4;
const BURST_CALLS_MAX = 12;
/** Refusals of a call that its client may make once more: no seat yet, or too many waiting. */
const ASK_AGAIN: ReadonlySet<string | undefined> = new Set(["NOT_MEMBER", "TOO_MANY_PENDING"]);
/** All coins of a chain. */
const SUPPLY = 10n ** 15n;

export interface SeedResult {
  readonly seed: number;
  /** Inputs that machines took. */
  readonly steps: number;
  readonly confirmed: number;
  readonly settlements: number;
  /** Elections that took place. */
  readonly terms: number;
  /** Epochs that a view change began, of headers that were confirmed. */
  readonly views: number;
  /** Times that a process was started. */
  readonly lives: number;
  /** Whether the chain forced a configuration. */
  readonly isForced: boolean;
  readonly failure: string | undefined;
}

/** @param onNotice told of everything that the nodes report, with the time since the start. */
export async function simulateSeed(
  seed: number,
  profile: Profile,
  onNotice?: (told: ToldNotice) => void,
): Promise<SeedResult> {
  const run = await SeedRun.begin(seed, profile, onNotice);
  try {
    await run.live();
    return run.result(undefined);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const detail = error instanceof Violation ? error.message : (error.stack ?? error.message);
    return run.result(`${detail}\n${run.world.report()}`);
  }
}

export class SeedRun {
  readonly world: World;
  readonly #seed: number;
  readonly #profile: Profile;
  readonly #faults: Faults;
  readonly #watch: Watch;
  readonly #cheats: Cheats;
  cheater: SimNode | undefined;
  #isBusy = true;

  static async begin(
    seed: number,
    profile: Profile,
    onNotice: (told: ToldNotice) => void = () => undefined,
  ): Promise<SeedRun> {
    const watch = new Watch();
    const cheats = new Cheats();
    const world = await World.begin({
      seed,
      chain: profile.chain,
      onNotice,
      onCall: ({ keys }, call) => watch.calls.note(keys.memberKey, call),
      onSend: (node, bytes) => watch.signing.check(node, bytes),
      onInput: (node) => watch.look(node),
      onView: (channel) => watch.replay?.check(channel),
      ...(profile.cheats ? { wrapExecutor: (name, executor) => cheats.wrap(name, executor) } : {}),
    });
    return new SeedRun(seed, profile, world, watch, cheats);
  }

  private constructor(seed: number, profile: Profile, world: World, watch: Watch, cheats: Cheats) {
    this.#cheats = cheats;
    this.#seed = seed;
    this.#profile = profile;
    this.#watch = watch;
    this.world = world;
    const { chain, network, ring } = world;
    network.quality = profile.links;
    chain.lost = profile.commandsLost;
    watch.replay = new SettledIsReplay(watch.history, {
      makeExecutor: () => chain.makeExecutor(),
      verify: ring.verify,
      assetOf: (member) => chain.assetOf(member),
      coinsIn: (change, value) => chain.coinsIn(change, value),
    });
    this.#faults = new Faults(world, profile);
  }

  async live(): Promise<void> {
    const { world } = this;
    const { nodesMin, nodesMax, faultMs } = this.#profile;
    const prng = world.prng.fork("life");
    const count = nodesMin + prng.below(nodesMax - nodesMin + 1);
    world.node("n1").start();
    this.#planCalls();
    for (let index = 2; index <= count; index++) {
      await world.run(prng.below(JOIN_MS_MAX));
      (await world.enter(`n${index}`)).start();
    }
    this.#planSettlements();
    if (this.#profile.cheats && count > 1) this.#planCheat();
    if (this.#profile.departs) this.#planLeave();
    this.#faults.start();
    await world.run(faultMs);
    this.#faults.end();
    await this.#progress();
    this.#isBusy = false;
    if (this.#profile.departs) await this.#close();
    if (this.#profile.chain === "real") await this.#count();
  }

  #planCheat(): void {
    const { world } = this;
    const prng = world.prng.fork("cheat");
    world.clock.after(prng.below(this.#profile.faultMs), () => {
      const name = this.#cheats.corrupt(world);
      this.cheater = world.nodes.find((node) => node.name === name);
    });
  }

  #planLeave(): void {
    const { world } = this;
    const prng = world.prng.fork("leave");
    world.clock.after(prng.below(this.#profile.faultMs), () => {
      const leaver = prng.pick(world.nodes);
      if (leaver.isUp && leaver.name !== "n1") world.ask(leaver, "leave");
    });
  }

  /** The creator closes the channel, and everybody fetches what is its own. */
  async #close(): Promise<void> {
    const { world } = this;
    world.ask(world.node("n1"), "close");
    await world.until("the channel is closed for everybody", () =>
      world.nodes.every(({ machine }) => machine === undefined || hasLeft(machine)),
    );
  }

  async #count(): Promise<void> {
    const coins = await this.world.chain.coinsOnChain();
    if (coins !== SUPPLY) throw new Violation("coins are conserved", `${coins} on the chain`);
  }

  result(failure: string | undefined): SeedResult {
    const { steps, history, replay } = this.#watch;
    const view = this.world.chain.view();
    return {
      seed: this.#seed,
      steps,
      confirmed: history.size,
      settlements: Number(replay?.count ?? 0n),
      terms: Number(view.term),
      views: this.#watch.views.size,
      lives: this.world.nodes.reduce((sum, { starts }) => sum + starts, 0),
      isForced: view.forced !== undefined,
      failure,
    };
  }

  #planCalls(): void {
    const { world } = this;
    const prng = world.prng.fork("calls");
    const next = () => {
      if (!this.#isBusy) return;
      const node = prng.pick(world.nodes);
      const others = world.nodes.map(({ keys }) => keys);
      // Several at once are signed in bundles.
      const isBurst = prng.below(BURST_EVERY) === 0;
      const count = isBurst ? 1 + prng.below(BURST_CALLS_MAX) : 1;
      for (let made = 0; made < count; made++) {
        const call = world.chain.chooseCall(node.keys, prng, others);
        if (node.isUp) world.call(node, call);
      }
      world.clock.after(prng.below(this.#profile.callMsMax) + 1, next);
    };
    world.clock.after(1, next);
  }

  #planSettlements(): void {
    const { world } = this;
    if (this.#profile.settleMsMax === 0) return;
    const prng = world.prng.fork("settlements");
    const next = () => {
      if (!this.#isBusy) return;
      const node = prng.pick(world.nodes);
      if (node.isUp) world.ask(node, "settle");
      world.clock.after(prng.below(this.#profile.settleMsMax) + 1, next);
    };
    world.clock.after(1, next);
  }

  /** Every live member gets a call of its own confirmed, one made after the faults. */
  async #progress(): Promise<void> {
    const { world } = this;
    const prng = world.prng.fork("progress");
    const others = world.nodes.map(({ keys }) => keys);
    const waiting = new Map<SimNode, number>();
    const done = new Set<SimNode>();
    const look = (node: SimNode) => {
      if (!isMember(node) || done.has(node)) return;
      const call = world.chain.chooseCall(node.keys, prng, others);
      const request = waiting.get(node) ?? world.call(node, call);
      const stages = world.stages(request);
      if (stages.includes("confirmed")) done.add(node);
      else if (ASK_AGAIN.has(stages.at(-1))) waiting.delete(node);
      else waiting.set(node, request);
    };
    const end = world.clock.now + BigInt(PROGRESS_MS);
    while (!world.nodes.every((node) => !isWanted(node) || done.has(node))) {
      if (world.clock.now >= end) throw new Violation("progress", "not every live member went on");
      await world.run(100);
      for (const node of world.nodes) look(node);
    }
  }
}

/** The checkers, and what they have seen. */
class Watch {
  readonly calls = new MadeCalls();
  readonly history = new OneHistory((item) => this.calls.check(item));
  readonly signing = new NoDoubleSigning();
  replay: SettledIsReplay | undefined;
  readonly views = new Set<string>();
  steps = 0;

  look(node: SimNode): void {
    this.steps += 1;
    this.#lookAtView(node);
    this.history.check(node);
    checkRoots(node);
  }

  #lookAtView({ machine }: SimNode): void {
    const point = machine === undefined ? undefined : pointAt(machine.log, machine.log.confirmed);
    if (point === undefined || seatLeading(point.ref.epoch) === undefined) return;
    const { term, view } = point.ref.epoch;
    this.views.add(`${term}.${view}`);
  }
}

function hasLeft({ phase }: { readonly phase: string }): boolean {
  return phase === "closed" || phase === "departed";
}

function isMember(node: SimNode): boolean {
  const { machine } = node;
  return machine !== undefined && ownSeatIn(machine, inForce(machine)) !== undefined;
}

/** Runs, and the chain has not taken it out for good. */
function isWanted(node: SimNode): boolean {
  const { machine } = node;
  if (machine === undefined) return false;
  return machine.phase !== "departed" && machine.phase !== "closed";
}
