/**
 * What an execution does to state, as data: operations per state key, events, and their
 * composition. Composition follows the seed (part D8a): new∘delete is nothing, modify∘modify keeps
 * the first old and the last new value, delete∘new is a modify. An operation carries the old value
 * wherever there was one, so a change set can be checked against stored state and undone.
 */
import { type Address, addressToBytes } from "./address.ts";
import { assert } from "./assert.ts";
import { type BcsReader, decodeBcs } from "./bcs/reader.ts";
import { type BcsWriter, encodeBcs } from "./bcs/writer.ts";
import { compareBytes, equalBytes, toHex } from "./bytes.ts";
import type { ModuleId } from "./identifier.ts";
import {
  readIdentifier,
  readStructTag,
  type StructTag,
  type TypeTag,
  writeStructTag,
} from "./type-tag.ts";

/** The place of one value in state. */
export type StateKey =
  | { readonly kind: "resource"; readonly address: Address; readonly type: StructTag }
  | { readonly kind: "tableItem"; readonly handle: Address; readonly key: Uint8Array }
  | { readonly kind: "module"; readonly module: ModuleId };

/** One operation; values are BCS bytes (bytecode for a module). */
export type Op =
  | { readonly type: "new"; readonly value: Uint8Array }
  | { readonly type: "modify"; readonly old: Uint8Array; readonly value: Uint8Array }
  | { readonly type: "delete"; readonly old: Uint8Array };

export interface Change {
  readonly key: StateKey;
  readonly op: Op;
}

/** Changes in the order of their encoded keys, one per key. */
export type ChangeSet = readonly Change[];

export const EMPTY_CHANGE_SET: ChangeSet = [];

export interface Event {
  readonly type: TypeTag;
  /** BCS of the event's value. */
  readonly data: Uint8Array;
}

const KEY_RESOURCE = 0;
const KEY_TABLE_ITEM = 1;
const KEY_MODULE = 2;
const OP_NEW = 0;
const OP_MODIFY = 1;
const OP_DELETE = 2;

/**
 * BCS of a key: variant 0 resource{address, struct tag}, 1 table item{handle, key}, 2
 * module{address, name}.
 */
export function encodeStateKey(key: StateKey): Uint8Array {
  return encodedKey(key).slice();
}

const encodedKeys = new WeakMap<StateKey, Uint8Array>();

/** The encoded key, remembered for the key object; not to be changed. */
function encodedKey(key: StateKey): Uint8Array {
  const known = encodedKeys.get(key);
  if (known !== undefined) return known;
  const encoded = encodeBcs((writer) => writeStateKey(writer, key));
  encodedKeys.set(key, encoded);
  return encoded;
}

/** The encoded key as text, for maps. */
export function stateKeyText(key: StateKey): string {
  return toHex(encodeStateKey(key));
}

export function writeStateKey(writer: BcsWriter, key: StateKey): void {
  switch (key.kind) {
    case "resource":
      writer.uleb128(KEY_RESOURCE).address(key.address);
      writeStructTag(writer, key.type);
      return;
    case "tableItem":
      writer.uleb128(KEY_TABLE_ITEM).fixed(addressToBytes(key.handle)).bytes(key.key);
      return;
    case "module":
      writer.uleb128(KEY_MODULE).address(key.module.address).string(key.module.name);
  }
}

export function readStateKey(reader: BcsReader): StateKey {
  const variant = reader.uleb128();
  switch (variant) {
    case KEY_RESOURCE:
      return { kind: "resource", address: reader.address(), type: readStructTag(reader) };
    case KEY_TABLE_ITEM:
      return { kind: "tableItem", handle: reader.address(), key: reader.bytes().slice() };
    case KEY_MODULE:
      return {
        kind: "module",
        module: { address: reader.address(), name: readIdentifier(reader) },
      };
    default:
      return reader.fail("BAD_VARIANT", `state key ${variant}`);
  }
}

/** BCS: vector of {key, op}, op = 0 new{bytes} | 1 modify{bytes, bytes} | 2 delete{bytes}. */
export function encodeChangeSet(changes: ChangeSet): Uint8Array {
  return encodeBcs((writer) => writeChangeSet(writer, changes));
}

/** {@link encodeChangeSet} behind whatever else a writer holds. */
export function writeChangeSet(writer: BcsWriter, changes: ChangeSet): void {
  writer.vector(changes, writeChange);
}

function writeChange(writer: BcsWriter, { key, op }: Change): void {
  writer.fixed(encodedKey(key));
  writeOp(writer, op);
}

/** Throws `BcsError` unless the bytes are canonical, key order included. */
export function decodeChangeSet(bytes: Uint8Array): ChangeSet {
  return decodeBcs(bytes, (reader) => {
    let previous: Uint8Array | undefined;
    return reader.vector((item) => {
      const key = readStateKey(item);
      const encoded = encodeStateKey(key);
      if (previous !== undefined && compareBytes(previous, encoded) >= 0) {
        item.fail("BAD_VALUE", "changes out of order");
      }
      previous = encoded;
      return { key, op: readOp(item) };
    });
  });
}

/** Sorts changes into the canonical order; a key may stand only once. */
export function makeChangeSet(changes: readonly Change[]): ChangeSet {
  if (changes.length < 2) return changes;
  const keyed = changes.map((change) => ({ change, encoded: encodedKey(change.key) }));
  keyed.sort((a, b) => compareBytes(a.encoded, b.encoded));
  for (let index = 1; index < keyed.length; index++) {
    const [a, b] = [keyed[index - 1], keyed[index]];
    assert(a && b && !equalBytes(a.encoded, b.encoded), "a change set names each key once");
  }
  return keyed.map(({ change }) => change);
}

/** The effect of `first` and then `second`. Asserts that `second` starts where `first` ends. */
export function composeChangeSets(first: ChangeSet, second: ChangeSet): ChangeSet {
  const composed = new Map<string, Change>(
    first.map((change) => [stateKeyText(change.key), change]),
  );
  for (const change of second) {
    const text = stateKeyText(change.key);
    const op = composeOps(composed.get(text)?.op, change.op);
    if (op === undefined) composed.delete(text);
    else composed.set(text, { key: change.key, op });
  }
  return makeChangeSet([...composed.values()]);
}

/** The change set that takes the state back. */
export function invertChangeSet(changes: ChangeSet): ChangeSet {
  return changes.map(({ key, op }) => ({ key, op: invertOp(op) }));
}

/** What stood there before; undefined where nothing did. */
export function oldValue(op: Op): Uint8Array | undefined {
  return op.type === "new" ? undefined : op.old;
}

/** What stands there afterwards; undefined after a deletion. */
export function newValue(op: Op): Uint8Array | undefined {
  return op.type === "delete" ? undefined : op.value;
}

/** The operation from one value to another; undefined when nothing changes. */
export function opBetween(
  old: Uint8Array | undefined,
  value: Uint8Array | undefined,
): Op | undefined {
  if (old === undefined) return value === undefined ? undefined : { type: "new", value };
  if (value === undefined) return { type: "delete", old };
  return equalBytes(old, value) ? undefined : { type: "modify", old, value };
}

function composeOps(first: Op | undefined, second: Op): Op | undefined {
  if (first === undefined) return second;
  const [between, expected] = [newValue(first), oldValue(second)];
  const continuous =
    between === undefined || expected === undefined
      ? between === expected
      : equalBytes(between, expected);
  assert(continuous, "composed operations follow one another");
  return opBetween(oldValue(first), newValue(second));
}

function invertOp(op: Op): Op {
  switch (op.type) {
    case "new":
      return { type: "delete", old: op.value };
    case "modify":
      return { type: "modify", old: op.value, value: op.old };
    case "delete":
      return { type: "new", value: op.old };
  }
}

function writeOp(writer: BcsWriter, op: Op): void {
  switch (op.type) {
    case "new":
      writer.uleb128(OP_NEW).bytes(op.value);
      return;
    case "modify":
      writer.uleb128(OP_MODIFY).bytes(op.old).bytes(op.value);
      return;
    case "delete":
      writer.uleb128(OP_DELETE).bytes(op.old);
  }
}

function readOp(reader: BcsReader): Op {
  const variant = reader.uleb128();
  switch (variant) {
    case OP_NEW:
      return { type: "new", value: reader.bytes().slice() };
    case OP_MODIFY:
      return { type: "modify", old: reader.bytes().slice(), value: reader.bytes().slice() };
    case OP_DELETE:
      return { type: "delete", old: reader.bytes().slice() };
    default:
      return reader.fail("BAD_VARIANT", `operation ${variant}`);
  }
}
