/**
 * The rules of the bench contracts by hand: plain numbers and bigint on resident objects, BCS into
 * one preallocated buffer, nothing else. No gas, no limits, no abort that leaves nothing behind:
 * the floor that a transaction is measured against. What they write is the change set of the
 * contract's call, byte for byte.
 */
import { type Address, addressToBytes, makeStructTag, type StructTag } from "#sandbox";

const BUFFER_SIZE = 64 * 1024;
const RESOURCE_KEY = 0;
const TABLE_ITEM_KEY = 1;
const MODIFY = 1;
const U64_SIZE = 8;
const ADDRESS_SIZE = 32;

/** The one buffer. */
export interface Output {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
}

export function createOutput(): Output {
  const bytes = new Uint8Array(BUFFER_SIZE);
  return { bytes, view: new DataView(bytes.buffer), at: 0 };
}

function putLength(output: Output, length: number): void {
  let rest = length;
  while (rest >= 0x80) {
    output.bytes[output.at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  output.bytes[output.at++] = rest;
}

function putBytes(output: Output, bytes: Uint8Array): void {
  output.bytes.set(bytes, output.at);
  output.at += bytes.length;
}

function putU64(output: Output, value: bigint): void {
  output.view.setBigUint64(output.at, value, true);
  output.at += U64_SIZE;
}

function putText(output: Output, text: string): void {
  putLength(output, text.length);
  for (let index = 0; index < text.length; index++) {
    output.bytes[output.at++] = text.charCodeAt(index);
  }
}

/** The head of a change set of one modification of a resource. */
function putResource(output: Output, owner: Uint8Array, tag: StructTag, home: Uint8Array): void {
  output.at = 0;
  putLength(output, 1);
  putLength(output, RESOURCE_KEY);
  putBytes(output, owner);
  putBytes(output, home);
  putText(output, tag.module);
  putText(output, tag.name);
  putLength(output, 0);
  putLength(output, MODIFY);
}

export interface Reducer<State> {
  readonly create: (owner: Address) => State;
  /** Applies a call's arguments in BCS and leaves the encoded change set in `output`. */
  readonly apply: (
    state: State,
    signer: Address,
    args: readonly Uint8Array[],
    output: Output,
  ) => void;
}

export type CounterState = Map<string, { readonly owner: Uint8Array; value: bigint }>;

const COUNTER = makeStructTag("0xbe::counter::Counter");
const HOME = addressToBytes(COUNTER.address);

export const COUNTER_REDUCER: Reducer<CounterState> = {
  create: (owner) => new Map([[owner, { owner: addressToBytes(owner), value: 0n }]]),
  apply(state, signer, _args, output) {
    const counter = state.get(signer);
    if (counter === undefined) throw new Error("no counter");
    putResource(output, counter.owner, COUNTER, HOME);
    putLength(output, U64_SIZE);
    putU64(output, counter.value);
    if (counter.value === 0xffff_ffff_ffff_ffffn) throw new Error("overflow");
    counter.value += 1n;
    putLength(output, U64_SIZE);
    putU64(output, counter.value);
  },
};

interface Message {
  readonly number: bigint;
  readonly author: Uint8Array;
  readonly text: Uint8Array;
}

interface Room {
  readonly owner: Uint8Array;
  count: bigint;
  readonly messages: Message[];
}

export type ChatState = Map<string, Room>;

const ROOM = makeStructTag("0xbe::chat::Room");
const HISTORY = 32;
const TEXT_SIZE_MAX = 280;

export const CHAT_REDUCER: Reducer<ChatState> = {
  create: (owner) => new Map([[owner, { owner: addressToBytes(owner), count: 0n, messages: [] }]]),
  apply(state, signer, [roomBytes, textBytes], output) {
    if (roomBytes?.length !== ADDRESS_SIZE || textBytes === undefined) throw new Error("arguments");
    const room = state.get(addressText(roomBytes));
    if (room === undefined) throw new Error("no room");
    const text = readBytes(textBytes);
    if (text.length === 0 || text.length > TEXT_SIZE_MAX) throw new Error("text");
    putResource(output, room.owner, ROOM, HOME);
    putRoom(output, room);
    const slot = Number(room.count % BigInt(HISTORY));
    room.count += 1n;
    const message = { number: room.count, author: addressToBytes(signer), text };
    if (room.messages.length < HISTORY) room.messages.push(message);
    else room.messages[slot] = message;
    putRoom(output, room);
  },
};

function addressText(bytes: Uint8Array): string {
  let text = "0x";
  for (const byte of bytes) text += HEX[byte] ?? "";
  return text;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A `vector<u8>` that is all of `bytes`, of two length bytes at most. */
function readBytes(bytes: Uint8Array): Uint8Array {
  const first = bytes[0] ?? 0;
  const [start, length] = first < 0x80 ? [1, first] : [2, (first & 0x7f) | ((bytes[1] ?? 0) << 7)];
  if (bytes.length !== start + length) throw new Error("not a vector");
  return bytes.slice(start);
}

/** Length and value of a room. */
function putRoom(output: Output, { count, messages }: Room): void {
  let size = U64_SIZE + 1;
  for (const { text } of messages) {
    size += U64_SIZE + ADDRESS_SIZE + (text.length < 0x80 ? 1 : 2) + text.length;
  }
  putLength(output, size);
  putU64(output, count);
  putLength(output, messages.length);
  for (const { number, author, text } of messages) {
    putU64(output, number);
    putBytes(output, author);
    putLength(output, text.length);
    putBytes(output, text);
  }
}

interface Land {
  readonly handle: Uint8Array;
  readonly layers: readonly Uint8Array[];
}

export type LandState = Map<string, Land>;

const LAND_SIZE = 32;
const BLOCK_KINDS = 16;

/** @param handle of the table that the contract made for its layers. */
export function landReducer(handle: Uint8Array): Reducer<LandState> {
  return {
    create(owner) {
      const layers = Array.from({ length: LAND_SIZE }, () => new Uint8Array(LAND_SIZE * LAND_SIZE));
      return new Map([[owner, { handle, layers }]]);
    },
    apply(state, signer, args, output) {
      const [x, y, z] = args.slice(0, 3).map(readU64);
      const block = args[3]?.[0];
      if (x === undefined || y === undefined || z === undefined) throw new Error("arguments");
      if (x >= LAND_SIZE || y >= LAND_SIZE || z >= LAND_SIZE) throw new Error("out of land");
      if (block === undefined || block >= BLOCK_KINDS) throw new Error("block");
      const land = state.get(signer);
      const layer = land?.layers[y];
      if (land === undefined || layer === undefined) throw new Error("no land");
      const place = z * LAND_SIZE + x;
      if (layer[place] !== 0 && block !== 0) throw new Error("occupied");
      output.at = 0;
      putLength(output, 1);
      putLength(output, TABLE_ITEM_KEY);
      putBytes(output, land.handle);
      putLength(output, U64_SIZE);
      putU64(output, BigInt(y));
      putLength(output, MODIFY);
      putLayer(output, layer);
      layer[place] = block;
      putLayer(output, layer);
    },
  };
}

function readU64(bytes: Uint8Array): number {
  if (bytes.length !== U64_SIZE) throw new Error("not a u64");
  const view = new DataView(bytes.buffer, bytes.byteOffset, U64_SIZE);
  return Number(view.getBigUint64(0, true));
}

/** A layer as the box that the table stores: the bytes of a `vector<u8>`. */
function putLayer(output: Output, layer: Uint8Array): void {
  putLength(output, layer.length + 2);
  putLength(output, layer.length);
  putBytes(output, layer);
}
