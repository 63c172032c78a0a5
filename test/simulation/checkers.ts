// What must never happen, looked for after everything that happens. Each checker sees the nodes
// from outside: their logs, what they send, what the chain holds. It throws what it found.
import { decodeBcs } from "#core/bcs/reader.ts";
import { equalBytes, toHex } from "#core/bytes.ts";
import { type ChangeSet, newValue, oldValue } from "#core/effects.ts";
import type { ChainChannel } from "../../src/channel/chain-view.ts";
import { decodeMessage, NO_HEADER, refOfHeader } from "../../src/channel/codec.ts";
import { executeBatch } from "../../src/channel/core/execution.ts";
import { frameOf } from "../../src/channel/core/inspect.ts";
import { type Item, type Point, pointAt, tipOf } from "../../src/channel/core/log.ts";
import { evidenceIn } from "../../src/channel/core/proposed.ts";
import type { SettlementEvidence } from "../../src/channel/evidence.ts";
import type { HeaderRef } from "../../src/channel/messages.ts";
import type { ChannelExecutor, Verify } from "../../src/channel/ports.ts";
import type { SimNode } from "./sim-node.ts";

export class Violation extends Error {
  override readonly name = "Violation";
  readonly checker: string;
  constructor(checker: string, detail: string) {
    super(`${checker}: ${detail}`);
    this.checker = checker;
  }
}

/** One confirmed entry per height, over all nodes and all their lives. */
export class OneHistory {
  readonly #items = new Map<bigint, Item>();
  readonly #seen = new Map<string, bigint>();
  readonly #onConfirmed: (item: Item) => void;

  /** @param onConfirmed told of each header that some node confirmed, once. */
  constructor(onConfirmed: (item: Item) => void = () => undefined) {
    this.#onConfirmed = onConfirmed;
  }

  check(node: SimNode): void {
    const { machine } = node;
    if (machine?.isLoaded !== true) return;
    const { log } = machine;
    const life = `${node.name}/${node.life}`;
    const known = this.#seen.get(life) ?? 0n;
    for (let number = known + 1n; number <= log.confirmed; number++) {
      const point = pointAt(log, number);
      if (point !== undefined) this.#compare(node, point);
    }
    if (log.confirmed > known) this.#seen.set(life, log.confirmed);
  }

  #compare(node: SimNode, point: Point): void {
    const known = this.#items.get(point.ref.number);
    if (known === undefined) {
      if (!isItem(point)) return;
      this.#items.set(point.ref.number, point);
      this.#onConfirmed(point);
      return;
    }
    if (equalBytes(known.ref.hash, point.ref.hash)) return;
    const { number } = point.ref;
    const detail = `${node.name} confirmed another header ${number} (height ${point.height})`;
    throw new Violation("one history", detail);
  }

  /** A confirmed header, if a node was seen with it. */
  confirmed(number: bigint): Item | undefined {
    return this.#items.get(number);
  }

  get size(): number {
    return this.#items.size;
  }
}

function isItem(point: Point): point is Item {
  return "batch" in point;
}

/** A node's state is the one that its last header names. */
export function checkRoots(node: SimNode): void {
  const { machine } = node;
  if (machine?.isLoaded !== true) return;
  const tip = tipOf(machine.log);
  const named = tip.header?.header.stateRoot ?? tip.stateRoot;
  if (equalBytes(machine.tools.executor.stateRoot(), named)) return;
  throw new Violation("equal roots", `${node.name} at header ${tip.ref.number}`);
}

/** No key signs two headers, or two acks, for one place. */
export class NoDoubleSigning {
  readonly #signed = new Map<string, string>();

  check(node: SimNode, bytes: Uint8Array): void {
    const decoded = decodeMessage(bytes);
    if (!decoded.ok) throw new Violation("well-formed messages", decoded.error.detail);
    const message = decoded.value;
    if (message.type === "batch") {
      const { header } = message.batch.header;
      const ref = refOfHeader(header);
      this.#note(`header of seat ${header.leader} at ${placeOf(ref)}`, toHex(ref.hash));
    } else if (message.type === "ack") {
      const { header } = message.ack;
      this.#note(`ack of ${node.name} at ${placeOf(header)}`, toHex(header.hash));
    }
  }

  #note(what: string, hash: string): void {
    const known = this.#signed.get(what);
    if (known !== undefined && known !== hash) throw new Violation("no double signing", what);
    this.#signed.set(what, hash);
  }
}

function placeOf({ epoch, number }: HeaderRef): string {
  return `${epoch.term}.${epoch.view}/${number}`;
}

/** How to count the coins in a channel's state; undefined for a value that holds none. */
export type CoinsIn = (change: ChangeSet[number], value: Uint8Array) => bigint | undefined;

export interface ReplayOptions {
  readonly makeExecutor: () => ChannelExecutor;
  readonly verify: Verify;
  readonly assetOf: (seat: bigint) => Uint8Array | undefined;
  readonly coinsIn: CoinsIn;
}

/**
 * What the chain has settled is what running all confirmed entries again from the start gives, and
 * what the change sets of its settlements give one after another; and no entry makes or destroys a
 * coin.
 */
export class SettledIsReplay {
  readonly #history: OneHistory;
  readonly #options: ReplayOptions;
  readonly #replay: ChannelExecutor;
  readonly #settled: ChannelExecutor;
  readonly #evidence = new Map<string, SettlementEvidence>();
  #at: Point | undefined;
  #applied = 0n;
  #compared = 0n;

  constructor(history: OneHistory, options: ReplayOptions) {
    this.#history = history;
    this.#options = options;
    this.#replay = options.makeExecutor();
    this.#settled = options.makeExecutor();
  }

  /** Settlements that were compared. */
  get count(): bigint {
    return this.#compared;
  }

  check(chain: ChainChannel): void {
    for (const proposal of chain.proposals) {
      const evidence = proposal.type === 1 ? evidenceIn(proposal) : undefined;
      if (evidence === undefined) continue;
      this.#evidence.set(toHex(refOfHeader(evidence.header.header).hash), evidence);
    }
    const { header, index, stateRoot } = chain.settled;
    if (index === this.#compared) return;
    if (index > this.#applied) this.#apply(chain);
    while ((this.#at?.ref.number ?? 0n) < header.number) {
      const item = this.#history.confirmed((this.#at?.ref.number ?? 0n) + 1n);
      // No node was seen with it yet.
      if (item === undefined) return;
      this.#run(chain, item);
    }
    this.#compared = index;
    if (!equalBytes(this.#replay.stateRoot(), stateRoot)) {
      throw new Violation("settled is replay", `the replay differs at header ${header.number}`);
    }
    if (!equalBytes(this.#settled.stateRoot(), stateRoot)) {
      throw new Violation("settled is replay", `the change sets differ at ${header.number}`);
    }
  }

  #apply(chain: ChainChannel): void {
    const { index, header } = chain.settled;
    if (index !== this.#applied + 1n) {
      throw new Violation("settled is replay", `settlement ${this.#applied + 1n} went unseen`);
    }
    this.#applied = index;
    const evidence = this.#evidence.get(toHex(header.hash));
    if (evidence === undefined) {
      throw new Violation("settled is replay", `settlement ${index} without a proposal`);
    }
    try {
      this.#settled.apply(evidence.changes);
    } catch (error) {
      throw new Violation("settled is replay", String(error));
    }
  }

  #run(chain: ChainChannel, item: Item): void {
    const { header } = item.header;
    const tools = { executor: this.#replay, verify: this.#options.verify };
    const sizes = item.batch.steps.map(({ count }) => count);
    const frame = frameOf(this.#at ?? startOf(item), header, item.configuration);
    const run = executeBatch(chain, tools, frame, item.batch.entries, sizes);
    if (!run.ok) throw new Violation("settled is replay", run.error.error.detail);
    this.#at = item;
    for (const [index, { changes }] of run.value.receipts.entries()) {
      const entry = item.batch.entries[index];
      const gained = this.#gain(changes);
      const isAdmission = entry?.type === "admit";
      const allowed = isAdmission ? this.#gainOfAsset(entry.seat.seat) : 0n;
      if (gained === 0n || gained === allowed) continue;
      const height = header.firstHeight + BigInt(index);
      throw new Violation("coins are conserved", `entry ${height} made ${gained}`);
    }
    const whole = this.#gain(run.value.changes);
    const parts = run.value.receipts.reduce((sum, { changes }) => sum + this.#gain(changes), 0n);
    if (whole > parts) {
      throw new Violation("coins are conserved", `header ${header.number} made ${whole - parts}`);
    }
  }

  #gainOfAsset(seat: bigint): bigint {
    const asset = this.#options.assetOf(seat);
    return asset === undefined ? 0n : decodeBcs(asset, (reader) => reader.u64());
  }

  #gain(changes: ChangeSet): bigint {
    let gained = 0n;
    for (const change of changes) {
      const [before, after] = [oldValue(change.op), newValue(change.op)];
      if (before !== undefined) gained -= this.#options.coinsIn(change, before) ?? 0n;
      if (after !== undefined) gained += this.#options.coinsIn(change, after) ?? 0n;
    }
    return gained;
  }
}

/** The channel's first header stands on nothing, with no change pending. */
function startOf(item: Item): Point {
  const { configuration } = item;
  return { ...item, ref: NO_HEADER, configuration, next: configuration };
}
