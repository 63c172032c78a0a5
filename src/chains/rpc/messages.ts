/**
 * What a client and a node say to each other, as bytes: the same over a message port, between tabs
 * and over a transport to another browser. A request is answered once, by its id; a subscribed
 * client is told of new heads.
 */

import { STATUS_CODES, type StatusName } from "#core/status.ts";
import { type Block, readBlock, writeBlock } from "../ledger/block.ts";
import { type Receipt, readReceipt, writeReceipt } from "../ledger/receipt.ts";
import { isRefusalCode, type Refusal } from "../ledger/refusal.ts";
import {
  address,
  bool,
  bytes,
  type Carried,
  type Codec,
  hash,
  moduleId,
  option,
  struct,
  structTag,
  text,
  typeTag,
  u8,
  u32,
  u64,
  union,
  vector,
} from "./codec.ts";

/** Largest message either side reads. */
export const RPC_MESSAGE_SIZE_MAX = 4 * 1024 * 1024;

const nothing = struct({});

const receipt: Codec<Receipt> = { write: writeReceipt, read: readReceipt };
const block: Codec<Block> = { write: writeBlock, read: readBlock };

/** A position among all events of the chain: the next one to read. */
const cursor = struct({ version: u64, index: u32 });
export type EventCursor = Carried<typeof cursor>;

const functionCall = struct({
  module: moduleId,
  name: text,
  typeArgs: vector(typeTag),
  args: vector(bytes),
});

export const requestCodec = union({
  ledger: nothing,
  submit: struct({ bytes }),
  transaction: struct({ hash }),
  /**
   * Answered when the transaction is committed or dropped, or as `transaction` after `timeoutMs`.
   */
  waitTransaction: struct({ hash, timeoutMs: u32 }),
  account: struct({ address }),
  /** Over the state at `version`, the newest without one. */
  view: struct({ call: functionCall, version: option(u64) }),
  resource: struct({ address, resourceType: structTag }),
  /** In order of encoded type, from after `after` on. */
  resources: struct({ address, after: option(structTag), limit: u32 }),
  tableItem: struct({ handle: address, key: bytes }),
  module: struct({ module: moduleId }),
  block: struct({ height: u64 }),
  /** Events of types that `module` declares, in final blocks, from `from` on. */
  events: struct({ module: option(moduleId), from: cursor, limit: u32 }),
  fund: struct({ address, amount: u64 }),
  /** A transaction without signatures, tried over the newest state at no cost. */
  simulate: struct({ bytes }),
  /** From now on the node sends a `head` notice for every block. */
  subscribe: nothing,
});
export type RpcRequest = Carried<typeof requestCodec>;

const ledger = struct({
  chainId: u8,
  genesisHash: hash,
  height: u64,
  /** Version of the newest transaction. */
  version: u64,
  timestampUs: u64,
  headHash: hash,
  finalHeight: u64,
  finalVersion: u64,
  gasUnitPrice: u64,
});
/** Where the chain stands. */
export type LedgerInfo = Carried<typeof ledger>;

const committed = struct({
  height: u64,
  timestampUs: u64,
  /** The signed transaction; absent for the one that opens a block. */
  bytes: option(bytes),
  receipt,
});
export type CommittedTransaction = Carried<typeof committed>;

const event = struct({
  version: u64,
  index: u32,
  height: u64,
  timestampUs: u64,
  eventType: typeTag,
  data: bytes,
});
/** One event with its place in the chain. */
export type LocatedEvent = Carried<typeof event>;

export const answerCodec = union({
  ledger: struct({ ledger }),
  submitted: struct({ hash }),
  pending: struct({ bytes }),
  committed,
  account: struct({ authenticationKey: bytes, sequenceNumber: u64, exists: bool }),
  values: struct({ values: vector(bytes) }),
  value: struct({ value: bytes }),
  resources: struct({ resources: vector(struct({ resourceType: structTag, value: bytes })) }),
  block: struct({ hash, block, receipts: vector(receipt) }),
  simulated: struct({
    receipt,
    gasTaken: u64,
    ram: vector(struct({ account: address, isInTables: bool, isGrowth: bool, bytes: u64 })),
  }),
  /** `next` is where to go on, now or when there is more. */
  events: struct({ events: vector(event), next: cursor }),
  done: nothing,
});
export type RpcAnswer = Carried<typeof answerCodec>;

/** Status 0 stands for none. */
const refused: Codec<Refusal> = {
  write: (writer, { code, message, status }) => {
    writer
      .string(code)
      .string(message)
      .u32(status === undefined ? 0 : STATUS_CODES[status]);
  },
  read: (reader) => {
    const code = reader.string();
    const message = reader.string();
    const status = STATUS_NAMES.get(reader.u32());
    if (!isRefusalCode(code)) return reader.fail("BAD_VALUE", "not a refusal code");
    return { code, message, ...(status === undefined ? {} : { status }) };
  },
};
const STATUS_NAMES = new Map<number, StatusName>(
  (Object.keys(STATUS_CODES) as StatusName[])
    .filter((name) => STATUS_CODES[name] !== 0)
    .map((name) => [STATUS_CODES[name], name]),
);

/** From a client to a node. */
export const clientMessageCodec = struct({ id: u32, request: requestCodec });
export type ClientMessage = Carried<typeof clientMessageCodec>;

/** From a node to a client. */
export const nodeMessageCodec = union({
  answer: struct({ id: u32, answer: answerCodec }),
  refusal: struct({ id: u32, refusal: refused }),
  /** Blocks above `commonHeight` are others than before, if there were any. */
  head: struct({ ledger, commonHeight: u64 }),
});
export type NodeMessage = Carried<typeof nodeMessageCodec>;
