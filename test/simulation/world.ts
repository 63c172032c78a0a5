// A channel with all its nodes, network, disks and chain in one process, on a virtual clock.
import { present } from "#core/assert.ts";
import type { ChainChannel, ChannelSettings } from "../../src/channel/chain-view.ts";
import type { Notice } from "../../src/channel/core/effect.ts";
import type { Input } from "../../src/channel/core/input.ts";
import { DEFAULT_PARAMETERS, type Parameters } from "../../src/channel/core/parameters.ts";
import { type Status, statusOf } from "../../src/channel/core/status.ts";
import type { ChannelExecutor } from "../../src/channel/ports.ts";
import { VirtualClock } from "./clock.ts";
import { createKeyRing, type KeyRing } from "./keys.ts";
import { ModelLink, toyFunction } from "./model-link.ts";
import { Network } from "./network.ts";
import { createPrng, type Prng } from "./prng.ts";
import { RealLink } from "./real-link.ts";
import type { Settling, ToyCall } from "./settling.ts";
import { SimNode, type SimNodeOptions } from "./sim-node.ts";

export const START = 1_700_000_000_000n;
const VIEW_DELAY_MS_MAX = 200;

export interface ToldNotice {
  /** The node's name. */
  readonly node: string;
  /** Milliseconds since the world began. */
  readonly at: bigint;
  readonly notice: Notice;
}

export interface WorldOptions {
  readonly seed: number;
  /** What it settles on and plays; the model contract and the toy bank by default. */
  readonly chain?: "model" | "real";
  /** Newest blocks that a real chain may take back; none by default. */
  readonly undoable?: number;
  readonly settings?: Partial<ChannelSettings>;
  readonly parameters?: Partial<Parameters>;
  readonly onNotice?: (told: ToldNotice) => void;
  readonly onCall?: (node: SimNode, call: ToyCall) => void;
  readonly onSend?: (node: SimNode, bytes: Uint8Array) => void;
  /** After every input that a node took. */
  readonly onInput?: (node: SimNode) => void;
  readonly onView?: (channel: ChainChannel) => void;
  readonly tamper?: SimNodeOptions["tamper"];
  /** Puts something else in place of a node's executor: a cheat. */
  readonly wrapExecutor?: (name: string, executor: ChannelExecutor) => ChannelExecutor;
}

export class World {
  readonly prng: Prng;
  readonly clock = new VirtualClock(START);
  readonly ring: KeyRing;
  readonly network: Network;
  readonly chain: Settling;
  readonly nodes: SimNode[] = [];
  readonly notices: ToldNotice[] = [];
  readonly #options: WorldOptions;
  #request = 0;

  /** Begins a channel, with the node that creates it, which has not been started. */
  static async begin(options: WorldOptions): Promise<World> {
    const world = new World(options);
    await world.enter("n1");
    return world;
  }

  private constructor(options: WorldOptions) {
    this.#options = options;
    this.prng = createPrng(options.seed);
    this.ring = createKeyRing(options.seed);
    this.network = new Network(this.clock, this.prng.fork("network"));
    const prng = this.prng.fork("chain");
    this.chain =
      options.chain === "real"
        ? new RealLink(this.clock, prng, options.undoable)
        : new ModelLink(this.clock, this.ring, prng, options.settings);
    this.chain.onView = (channel) => {
      options.onView?.(channel);
      for (const node of this.nodes) {
        const { life } = node;
        this.clock.after(this.prng.below(VIEW_DELAY_MS_MAX), () => {
          if (life === node.life) this.give(node, { type: "chain", channel });
        });
      }
    };
  }

  /** Takes a seat on chain, or creates the channel; the node has yet to be started. */
  async enter(name: string): Promise<SimNode> {
    const keys = this.ring.keysFor(name);
    await this.chain.enter(keys);
    const { onNotice, onSend, onInput, tamper, parameters, wrapExecutor } = this.#options;
    const node = new SimNode({
      name,
      keys,
      clock: this.clock,
      network: this.network,
      chain: this.chain,
      verify: this.ring.verify,
      parameters: { ...DEFAULT_PARAMETERS, ...parameters },
      makeExecutor: () => {
        const executor = this.chain.makeExecutor();
        return wrapExecutor?.(name, executor) ?? executor;
      },
      prng: this.prng.fork(name),
      onNotice: (self, notice) => {
        const told = { node: self.name, at: this.clock.now - START, notice };
        this.notices.push(told);
        onNotice?.(told);
      },
      onSend: (self, bytes) => onSend?.(self, bytes),
      onInput: (self) => onInput?.(self),
      ...(tamper === undefined ? {} : { tamper }),
    });
    this.nodes.push(node);
    return node;
  }

  /** A channel of this many members, all of them with a seat. */
  async gather(count: number): Promise<void> {
    this.node("n1").start();
    for (let index = 2; index <= count; index++) (await this.enter(`n${index}`)).start();
    await this.until(`${count} seats`, () =>
      this.nodes.every((node) => this.status(node).configuration.seats.length === count),
    );
  }

  node(name: string): SimNode {
    const found = this.nodes.find((node) => node.name === name);
    return present(found, `there is a node ${name}`);
  }

  give(node: SimNode, input: DistributiveOmit<Input, "now">): void {
    node.input({ ...input, now: this.clock.now });
  }

  /** Has a node's client make a call; returns the request. */
  call(node: SimNode, call: ToyCall): number {
    this.#request += 1;
    const request = this.#request;
    const { function: target, args } = call;
    this.#options.onCall?.(node, call);
    this.give(node, { type: "propose", request, function: target, typeArgs: [], args });
    return request;
  }

  /** {@link call} of a function of the toy bank. */
  bank(node: SimNode, name: string, ...args: readonly Uint8Array[]): number {
    return this.call(node, { function: toyFunction(name), args });
  }

  ask(node: SimNode, type: "settle" | "leave" | "exit" | "close"): number {
    this.#request += 1;
    this.give(node, { type, request: this.#request });
    return this.#request;
  }

  async run(ms: number): Promise<void> {
    await this.clock.runUntil(this.clock.now + BigInt(ms));
  }

  /** Runs until it holds; throws with what every node waits for when it does not in time. */
  async until(what: string, holds: () => boolean, msMax = 60_000): Promise<void> {
    const end = this.clock.now + BigInt(msMax);
    while (!holds()) {
      if (this.clock.now >= end) {
        throw new Error(`${what}: not within ${msMax} ms\n${this.report()}`);
      }
      await this.run(100);
    }
  }

  status(node: SimNode): Status {
    return statusOf(node.running);
  }

  /** What every node is doing, one line each. */
  report(): string {
    return this.nodes.map((node) => this.#line(node)).join("\n");
  }

  #line(node: SimNode): string {
    if (!node.isUp) return `${node.name}: down`;
    const { phase, epoch, leader, heights, awaited, configuration } = this.status(node);
    const waits = awaited.map(({ what, seats }) => `${what} of ${seats.join(",")}`).join("; ");
    const seats = configuration.seats.map(({ seat }) => seat).join(",");
    return (
      `${node.name}: ${phase} epoch ${epoch.term}.${epoch.view} leader ${leader} ` +
      `configuration ${configuration.number}[${seats}] verified ${heights.verified} ` +
      `confirmed ${heights.confirmed} settled ${heights.settled} awaits ${waits}`
    );
  }

  /** The stages that a request has gone through. */
  stages(request: number): readonly string[] {
    return this.notices.flatMap(({ notice }) => {
      if (notice.type === "call" && notice.request === request) return [notice.stage];
      if (notice.type === "refused" && notice.request === request) return [notice.error.name];
      if (notice.type === "done" && notice.request === request) return ["done"];
      return [];
    });
  }
}

type DistributiveOmit<T, Key extends PropertyKey> = T extends unknown ? Omit<T, Key> : never;
