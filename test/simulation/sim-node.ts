// A node in the simulation: the real core between a simulated disk, network and chain. It does what
// a driver does: effects in order, none before the journal record that it names is durable. A crash
// takes everything that is not.
import { present } from "#core/assert.ts";
import type { ChainChannel } from "../../src/channel/chain-view.ts";
import type { Effect, EffectOf, Notice } from "../../src/channel/core/effect.ts";
import type { CommandResult, Input } from "../../src/channel/core/input.ts";
import { createMachine, type MachineOptions, step } from "../../src/channel/core/machine.ts";
import type { Parameters } from "../../src/channel/core/parameters.ts";
import { restoreMachine } from "../../src/channel/core/recovery.ts";
import type { Machine } from "../../src/channel/core/state.ts";
import type { ChannelExecutor, JournalRecord, PeerId, Verify } from "../../src/channel/ports.ts";
import { peerIdOf } from "../../src/channel/ports.ts";
import type { VirtualClock } from "./clock.ts";
import type { NodeKeys } from "./keys.ts";
import type { Network } from "./network.ts";
import type { Prng } from "./prng.ts";

/** Whatever a node sees of the chain. */
export interface ChainLink {
  view(): ChainChannel;
  submit(
    by: NodeKeys,
    command: EffectOf<"submit">["command"],
    done: (result: CommandResult) => void,
  ): void;
}

export interface SimNodeOptions {
  readonly name: string;
  readonly keys: NodeKeys;
  readonly clock: VirtualClock;
  readonly network: Network;
  readonly chain: ChainLink;
  readonly verify: Verify;
  readonly parameters: Parameters;
  /** An executor in the channel's first state. */
  readonly makeExecutor: () => ChannelExecutor;
  readonly prng: Prng;
  readonly onNotice: (node: SimNode, notice: Notice) => void;
  /** Everything that leaves the node. */
  readonly onSend: (node: SimNode, bytes: Uint8Array) => void;
  /** After every input that the machine took. */
  readonly onInput: (node: SimNode) => void;
  /** Changes what a node does with its machine's effects; the identity in an honest one. */
  readonly tamper?: (node: SimNode, effects: readonly Effect[]) => readonly Effect[];
}

/** Milliseconds that a commit to disk takes, at most. */
const COMMIT_MS_MAX = 8;

export class SimNode {
  readonly name: string;
  readonly keys: NodeKeys;
  readonly peer: PeerId;
  readonly options: SimNodeOptions;
  machine: Machine | undefined;
  /** What a crash leaves. */
  readonly disk: JournalRecord[] = [];
  /** A crash happens when this many more effects have been carried out. */
  effectsLeft: number | undefined;
  starts = 0;
  /** Counts lives, so that what was planned in an earlier one is dropped. */
  life = 0;
  #written: JournalRecord[] = [];
  #durable = 0;
  #waiting: Effect[] = [];
  #isCommitting = false;

  constructor(options: SimNodeOptions) {
    this.options = options;
    this.name = options.name;
    this.keys = options.keys;
    this.peer = peerIdOf(options.keys.nodeKey);
  }

  get isUp(): boolean {
    return this.machine !== undefined;
  }

  start(): void {
    const { clock, network, keys, verify, parameters, chain, makeExecutor } = this.options;
    this.life += 1;
    this.starts += 1;
    const machineOptions: MachineOptions = {
      executor: makeExecutor(),
      signer: keys,
      verify,
      parameters,
      chain: chain.view(),
      now: clock.now,
    };
    this.machine =
      this.disk.length === 0
        ? createMachine(machineOptions)
        : restoreMachine(machineOptions, this.disk);
    this.#durable = this.disk.at(-1)?.sequence ?? 0;
    this.#written = [];
    this.#waiting = [];
    this.#isCommitting = false;
    network.join(this.peer, {
      peerUp: (peer) => this.input({ type: "peerUp", peer, now: clock.now }),
      peerDown: (peer) => this.input({ type: "peerDown", peer, now: clock.now }),
      message: (from, bytes) => this.input({ type: "message", from, bytes, now: clock.now }),
    });
    this.input({ type: "chain", channel: chain.view(), now: clock.now });
  }

  /** Loses all that is not on disk. */
  crash(): void {
    this.life += 1;
    this.machine = undefined;
    this.effectsLeft = undefined;
    this.options.network.leave(this.peer);
  }

  input(input: Input): void {
    const { machine } = this;
    if (machine === undefined) return;
    const effects = step(machine, input);
    this.options.onInput(this);
    this.#carryOut(this.options.tamper?.(this, effects) ?? effects);
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === "persist") {
        this.#written.push(effect.record);
        this.#commit();
      } else if (effect.type === "armTimer") {
        this.#arm(effect.at);
      } else {
        this.#waiting.push(effect);
      }
    }
    this.#release();
  }

  /** One commit at a time; records that come meanwhile share the next. */
  #commit(): void {
    if (this.#isCommitting) return;
    this.#isCommitting = true;
    const { life } = this;
    this.options.clock.after(this.options.prng.below(COMMIT_MS_MAX + 1), () => {
      if (life !== this.life) return;
      this.#isCommitting = false;
      this.disk.push(...this.#written);
      this.#durable = this.disk.at(-1)?.sequence ?? this.#durable;
      this.#written = [];
      this.#release();
    });
  }

  #release(): void {
    while (this.#waiting.length > 0) {
      const [next] = this.#waiting;
      if (next === undefined || ("after" in next && next.after > this.#durable)) return;
      this.#waiting.shift();
      if (this.effectsLeft !== undefined) {
        this.effectsLeft -= 1;
        if (this.effectsLeft < 0) {
          this.crash();
          return;
        }
      }
      this.#perform(next);
      if (this.machine === undefined) return;
    }
  }

  #perform(effect: Effect): void {
    const { network, chain, clock, onNotice, onSend } = this.options;
    const { life } = this;
    switch (effect.type) {
      case "send":
        onSend(this, effect.bytes);
        for (const to of effect.to) network.send(this.peer, to, effect.bytes);
        return;
      case "submit":
        chain.submit(this.keys, effect.command, (result) => {
          if (life !== this.life) return;
          this.input({ type: "commandResult", id: effect.id, result, now: clock.now });
        });
        return;
      case "notify":
        onNotice(this, effect.notice);
        return;
      case "prune": {
        const kept = this.disk.filter(({ sequence }) => sequence > effect.sequence);
        this.disk.splice(0, this.disk.length, ...kept);
        return;
      }
      case "persist":
      case "armTimer":
        return;
    }
  }

  #arm(at: bigint): void {
    const { clock } = this.options;
    const { life } = this;
    clock.plan(at, () => {
      if (life !== this.life || this.machine?.armedAt !== at) return;
      this.input({ type: "tick", now: clock.now });
    });
  }

  /** The machine of a node that runs. */
  get running(): Machine {
    return present(this.machine, `${this.name} runs`);
  }
}
