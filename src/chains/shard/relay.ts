/**
 * Tells the root what the shard has decided, as one of its consensus nodes: that a user asks gas
 * back, that an epoch has ended; and what its node has found, that a member signed twice. Reads
 * final blocks of the shard, and remembers in the journal up to where everything was told; after a
 * restart it tells the rest again, which does no harm.
 */
import { addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { toHex } from "#core/bytes.ts";
import { type FunctionId, parseFunctionId, parseModuleId } from "#core/identifier.ts";
import type { AccountCall } from "../cross-chain/account-call.ts";
import { createCourier } from "../cross-chain/courier.ts";
import {
  type EventSource,
  type FinalEvents,
  followFinalEvents,
} from "../cross-chain/final-events.ts";
import type { Journal } from "../cross-chain/journal.ts";
import type { OutboxItem } from "../cross-chain/outbox.ts";
import type { AccountSigner } from "../ledger/account-signer.ts";
import type { Clock } from "../ports.ts";
import type { ChainClient } from "../rpc/client.ts";
import { type Carried, decodeWith, encodeWith, struct, u32, u64 } from "../rpc/codec.ts";
import type { LocatedEvent } from "../rpc/messages.ts";
import { accusationCall, punishedView } from "./accusation.ts";
import type { Evidence } from "./consensus/evidence.ts";
import {
  ROOT_SHARD_ID,
  readFeeCommit,
  readShardMessage,
  readWithdrawRequest,
  SHARD_EVENT,
} from "./contract.ts";

/** Under this name the journal has the place up to which everything was told. */
const PLACE = "told";
const POLL_MS = 1_000;
/** Refusals that are remembered, for people. */
const REFUSALS_MAX = 100;

const MODULE = present(parseModuleId("0x30::shard_event"), "a module");
const CONFIRM_WITHDRAW = functionId("0x30::shard_gas::peer_confirm_withdraw");
const COMMIT_DPOS = functionId("0x30::shard_gas::commit_dpos");

const placeCodec = struct({ version: u64, index: u32 });
type Place = Carried<typeof placeCodec>;

export interface RelayOptions {
  readonly shardId: bigint;
  /** The shard's own node. */
  readonly shard: ChainClient;
  readonly root: ChainClient;
  readonly clock: Clock;
  readonly journal: Journal;
  /** By the key of a consensus node. */
  readonly signer: AccountSigner;
  /** Whether the node is in office, so that the root listens to it. */
  readonly isInOffice: () => boolean;
}

export interface RelayStanding {
  /** News that the root has not taken in. */
  readonly waiting: number;
  /** What keeps the node from telling the root. */
  readonly trouble: string | undefined;
  /** What the root would not take, newest last. */
  readonly refusals: readonly string[];
}

export interface Relay {
  /** Members have signed twice. Who was punished for it already is passed over. */
  accuse(evidence: readonly Evidence[]): void;
  standing(): RelayStanding;
  close(): void;
}

interface RelayState {
  readonly options: RelayOptions;
  events: FinalEvents;
  /** Where each item that is on its way was read, by its name. */
  readonly places: Map<string, Place>;
  readonly refusals: string[];
  /** Evidence that nobody was told of yet. */
  accusations: readonly Evidence[];
  isReading: boolean;
  isAccusing: boolean;
  /** What is being written, in order. */
  writing: Promise<void>;
  closed: boolean;
}

/** Rejects where the journal cannot be read. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { shard, root, clock, journal, signer } = options;
  const kept = await journal.read(PLACE);
  const read = kept && decodeWith(placeCodec, kept);
  const from = read?.ok === true ? read.value : { version: 0n, index: 0 };
  const state: RelayState = {
    options,
    events: followFinalEvents(shard satisfies EventSource, MODULE, from),
    places: new Map(),
    refusals: [],
    accusations: [],
    isReading: false,
    isAccusing: false,
    writing: Promise.resolve(),
    closed: false,
  };
  const courier = createCourier({
    client: root,
    clock,
    signer,
    onSettled: (item, refusal) => settled(state, item, refusal),
  });
  const add = (items: readonly OutboxItem<AccountCall>[]): void => courier.add(items);
  const look = (): void => {
    void readOn(state, add);
    void accuse(state, add);
  };
  let cancel = (): void => undefined;
  const poll = (): void => {
    look();
    cancel = clock.after(POLL_MS, poll);
  };
  const stopListening = shard.onHead(look);
  poll();
  return {
    accuse: (evidence) => {
      state.accusations = [...state.accusations, ...evidence];
      void accuse(state, add);
    },
    standing: () => ({
      waiting: courier.unsettled().length + state.accusations.length,
      trouble: courier.trouble(),
      refusals: state.refusals,
    }),
    close: () => {
      state.closed = true;
      cancel();
      stopListening();
      courier.close();
    },
  };
}

async function readOn(
  state: RelayState,
  add: (items: readonly OutboxItem<AccountCall>[]) => void,
): Promise<void> {
  if (state.isReading || state.closed) return;
  state.isReading = true;
  const before = state.events.place();
  try {
    const { events } = await state.events.readOn();
    const items: OutboxItem<AccountCall>[] = [];
    for (const event of events) {
      const item = await itemOf(state, event);
      if (item === undefined) continue;
      state.places.set(item.name, { version: event.version, index: event.index });
      items.push(item);
    }
    if (!state.closed) add(items);
    if (events.length > 0 && state.places.size === 0) keepPlace(state);
  } catch {
    // The shard's node does not answer: what was begun to be read is read again, soon or in the
    // next life.
    state.events = followFinalEvents(state.options.shard, MODULE, before);
  } finally {
    state.isReading = false;
  }
}

/** Hands on what evidence there is, as far as the root does not know the like. */
async function accuse(
  state: RelayState,
  add: (items: readonly OutboxItem<AccountCall>[]) => void,
): Promise<void> {
  const { root, shardId } = state.options;
  if (state.isAccusing || state.closed) return;
  state.isAccusing = true;
  try {
    for (let next = state.accusations[0]; next !== undefined; next = state.accusations[0]) {
      const [answer] = await root.view(punishedView(shardId, next.key));
      const isNew = answer?.[0] === 0;
      if (state.closed) return;
      state.accusations = state.accusations.slice(1);
      // Once is enough, whatever else the member has signed.
      const name = `signed twice: ${toHex(next.key)}`;
      if (isNew) add([{ name, news: accusationCall(shardId, next) }]);
    }
  } catch {
    // The root does not answer: it is asked again soon.
  } finally {
    state.isAccusing = false;
  }
}

/** What an event is to the root; undefined where it is nothing, or not ours to tell. */
async function itemOf(
  { options }: RelayState,
  { eventType, data, version, index }: LocatedEvent,
): Promise<OutboxItem<AccountCall> | undefined> {
  const message = readShardMessage({ type: eventType, data });
  if (message === undefined || message.toShard !== ROOT_SHARD_ID) return undefined;
  if (!options.isInOffice()) return undefined;
  const key = encodeBcs((writer) => writer.bytes(options.signer.publicKey));
  // A request that is made again is news again: the root answers it again.
  const name = `${message.eventType} ${version} ${index}`;
  if (message.eventType === SHARD_EVENT.gasWithdrawRequest) {
    const { user, shardId, amount, withdrawId } = readWithdrawRequest(message.payload);
    const args = [key, addressToBytes(user), u64Bytes(shardId), u64Bytes(amount)];
    return { name, news: { function: CONFIRM_WITHDRAW, args: [...args, u64Bytes(withdrawId)] } };
  }
  if (message.eventType !== SHARD_EVENT.commitDpos) return undefined;
  const { shardId, epoch, height, fee } = readFeeCommit(message.payload);
  const block = present(await options.shard.block(height), "a final block is kept");
  const hash = encodeBcs((writer) => writer.bytes(block.hash));
  const args = [key, u64Bytes(shardId), u64Bytes(epoch), u64Bytes(height), hash, u64Bytes(fee)];
  return { name, news: { function: COMMIT_DPOS, args } };
}

function settled(
  state: RelayState,
  { name }: OutboxItem<AccountCall>,
  refusal: string | undefined,
): void {
  state.places.delete(name);
  if (refusal !== undefined) {
    state.refusals.push(`${name}: ${refusal}`);
    if (state.refusals.length > REFUSALS_MAX) state.refusals.shift();
  }
  keepPlace(state);
}

/** Remembers where the first thing that was not told stands, or how far was read. */
function keepPlace(state: RelayState): void {
  const [first] = state.places.values();
  const place = encodeWith(placeCodec, first ?? state.events.place());
  const { journal } = state.options;
  // A write that fails costs nothing but telling something twice.
  state.writing = state.writing.then(() => journal.write(PLACE, place)).catch(() => undefined);
}

function u64Bytes(value: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u64(value));
}

function functionId(text: string): FunctionId {
  return present(parseFunctionId(text), `not a function: ${text}`);
}
