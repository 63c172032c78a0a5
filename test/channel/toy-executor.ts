// An executor for tests of the protocol: a bank with a diary instead of a virtual machine. It has
// what the protocol needs to be tested with (state that calls change, calls that fail, coins that
// must stay the same in number) and is small enough to be seen through. State is a persistent map;
// its root is a hash over all of it in order.
import type { Address } from "#core/address.ts";
import { makeAddress } from "#core/address.ts";
import { assert, present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { equalBytes, toHex } from "#core/bytes.ts";
import {
  type Change,
  type ChangeSet,
  encodeStateKey,
  makeChangeSet,
  newValue,
  oldValue,
  opBetween,
  readStateKey,
  type StateKey,
  writeStateKey,
} from "#core/effects.ts";
import { domainHash, type Hash, sha2_256 } from "#core/hash.ts";
import { makeStructTag } from "#core/type-tag.ts";
import type { StateProof } from "../../src/channel/evidence.ts";
import type { Call, Receipt } from "../../src/channel/messages.ts";
import type { ChannelExecutor, EntryContext, StateMark } from "../../src/channel/ports.ts";

export const BANK: Address = makeAddress("0x99");
export const DIARY_KEY: StateKey = {
  kind: "resource",
  address: BANK,
  type: makeStructTag("0x99::bank::Diary"),
};
export const TOTAL_COINS = 1_000_000n;
export const COINS = makeStructTag("0x99::bank::Coins");
const GAS = 10n;

interface Cell {
  readonly key: StateKey;
  readonly value: Uint8Array;
}

type State = ReadonlyMap<string, Cell>;

/** What a cheat changes of it; nothing in an honest node. */
export interface ToyRules {
  /** Adds to what a payment brings. */
  readonly bonus: bigint;
}

const HONEST: ToyRules = { bonus: 0n };

export class ToyExecutor implements ChannelExecutor {
  rules: ToyRules = HONEST;
  #state: State = new Map();
  #root: Hash | undefined;
  readonly #marks = new Map<number, State>();
  #nextMark = 0;
  #noted: Map<string, StateKey> | undefined;

  constructor() {
    this.apply([{ key: coinsKey(BANK), op: { type: "new", value: u64(TOTAL_COINS) } }]);
    this.apply([{ key: DIARY_KEY, op: { type: "new", value: new Uint8Array(32) } }]);
  }

  execute(call: Call, sender: Address, { height }: EntryContext): Receipt {
    const changes = this.#run(call, sender, height);
    if (changes === undefined) {
      const status = { type: "failed", status: "EXECUTION_LIMIT_REACHED" } as const;
      return { status, gasUsed: GAS, events: [], changes: [] };
    }
    this.apply(changes);
    return { status: { type: "executed" }, gasUsed: GAS, events: [], changes };
  }

  tick(tick: bigint, _maxGas: bigint, { height }: EntryContext): Receipt {
    const changes = this.#write(u64(tick), height);
    this.apply(changes);
    return { status: { type: "executed" }, gasUsed: GAS, events: [], changes };
  }

  /** Undefined where the call fails. */
  #run(call: Call, sender: Address, height: bigint): ChangeSet | undefined {
    const [first, second] = call.args;
    if (call.function.name === "note" && first !== undefined) return this.#write(first, height);
    if (call.function.name === "page" && first !== undefined && second !== undefined) {
      const key = pageKey(number(first));
      return change(key, this.read(key), second);
    }
    if (call.function.name === "claim" && first !== undefined) {
      return this.#pay(BANK, sender, number(first));
    }
    if (call.function.name === "pay" && first !== undefined && second !== undefined) {
      return this.#pay(sender, makeAddress(toHex(first)), number(second));
    }
    return undefined;
  }

  #write(text: Uint8Array, height: bigint): ChangeSet {
    const before = present(this.read(DIARY_KEY), "the bank has a diary");
    const after = domainHash("ToyDiary", before, text, u64(height));
    return change(DIARY_KEY, before, after);
  }

  #pay(from: Address, to: Address, amount: bigint): ChangeSet | undefined {
    const has = number(this.read(coinsKey(from)) ?? u64(0n));
    if (amount > has || from === to) return undefined;
    const had = this.read(coinsKey(to));
    // As in Move, nobody can put a value to an address but its owner.
    if (had === undefined && from !== BANK) return undefined;
    const gets = amount + this.rules.bonus;
    return makeChangeSet([
      ...change(coinsKey(from), u64(has), u64(has - amount)),
      ...change(coinsKey(to), had, u64(number(had ?? u64(0n)) + gets)),
    ]);
  }

  apply(changes: ChangeSet): void {
    const state = new Map(this.#state);
    for (const { key, op } of changes) {
      const text = toHex(encodeStateKey(key));
      const [stored, old] = [state.get(text)?.value, oldValue(op)];
      const fits =
        stored === undefined || old === undefined ? stored === old : equalBytes(stored, old);
      assert(fits, "a change starts from what is stored");
      const value = newValue(op);
      if (value === undefined) state.delete(text);
      else state.set(text, { key, value });
    }
    this.#state = state;
    this.#root = undefined;
  }

  record(): () => readonly StateKey[] {
    const keys = new Map<string, StateKey>();
    this.#noted = keys;
    return () => {
      this.#noted = undefined;
      return [...keys.values()];
    };
  }

  read(key: StateKey): Uint8Array | undefined {
    this.#noted?.set(toHex(encodeStateKey(key)), key);
    return this.#state.get(toHex(encodeStateKey(key)))?.value;
  }

  stateRoot(): Hash {
    this.#root ??= sha2_256(encodeState(this.#state));
    return this.#root;
  }

  mark(): StateMark {
    this.#nextMark += 1;
    this.#marks.set(this.#nextMark, this.#state);
    return this.#nextMark as StateMark;
  }

  rollback(mark: StateMark): void {
    this.#state = present(this.#marks.get(mark), "a mark is held until it is released");
    this.#root = undefined;
  }

  release(mark: StateMark): void {
    assert(this.#marks.delete(mark), "a mark is released once");
  }

  /** No proof, but it says of which state it was asked for. */
  prove(keys: readonly StateKey[]): StateProof {
    return { shape: Uint8Array.of(keys.length), hashes: [this.stateRoot()] };
  }

  *snapshot(): Iterable<Uint8Array> {
    const bytes = encodeState(this.#state);
    const half = Math.ceil(bytes.length / 2);
    yield bytes.subarray(0, half);
    yield bytes.subarray(half);
  }

  restore(root: Hash, chunks: readonly Uint8Array[]): boolean {
    const bytes = new Uint8Array(chunks.flatMap((chunk) => [...chunk]));
    if (!equalBytes(sha2_256(bytes), root)) return false;
    this.#state = decodeState(bytes);
    this.#root = root;
    return true;
  }

  /** All coins of all accounts, parked ones included. */
  coins(): bigint {
    let sum = 0n;
    for (const { key, value } of this.#state.values()) {
      if (key.kind !== "resource") continue;
      const isParked = key.type.name === "Parked";
      if (key.type.name === COINS.name || isParked) sum += number(value);
    }
    return sum;
  }

  get markCount(): number {
    return this.#marks.size;
  }
}

function pageKey(page: bigint): StateKey {
  return { kind: "resource", address: BANK, type: makeStructTag(`0x99::bank::Page${page}`) };
}

function coinsKey(owner: Address): StateKey {
  return { kind: "resource", address: owner, type: COINS };
}

function change(key: StateKey, old: Uint8Array | undefined, value: Uint8Array): readonly Change[] {
  const op = opBetween(old, value);
  return op === undefined ? [] : [{ key, op }];
}

export function u64(value: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u64(value));
}

function number(bytes: Uint8Array): bigint {
  return decodeBcs(bytes, (reader) => reader.u64());
}

function encodeState(state: State): Uint8Array {
  const cells = [...state].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return encodeBcs((writer) =>
    writer.vector(cells, (out, [, { key, value }]) => {
      writeStateKey(out, key);
      out.bytes(value);
    }),
  );
}

function decodeState(bytes: Uint8Array): State {
  const cells = decodeBcs(bytes, (reader) =>
    reader.vector((item) => ({ key: readStateKey(item), value: item.bytes().slice() })),
  );
  return new Map(cells.map((cell) => [toHex(encodeStateKey(cell.key)), cell]));
}
