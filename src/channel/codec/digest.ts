/** What is hashed and what is signed: domain tag, then the object's bytes (SPEC.md "Bytes"). */
import type { Address } from "#core/address.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { concatBytes } from "#core/bytes.ts";
import { type ChangeSet, type Event, encodeChangeSet } from "#core/effects.ts";
import { domainHash, domainPrefix, type Hash, ZERO_HASH } from "#core/hash.ts";
import { STATUS_CODES, statusName } from "#core/status.ts";
import type { Heartbeat, Refusal } from "../messages/wire.ts";
import type {
  Ack,
  Bundle,
  Call,
  Configuration,
  ConfigurationRef,
  Departure,
  Entry,
  Header,
  HeaderRef,
  Receipt,
  Removal,
  Step,
  ViewChange,
} from "../messages.ts";
import type { Codec } from "./fields.ts";
import {
  ack,
  bundle,
  call,
  configuration,
  departure,
  encode,
  entries,
  event,
  header,
  removal,
  step,
  viewChange,
} from "./objects.ts";
import { heartbeat, refusal } from "./wire.ts";

export { hashCall } from "./call-hash.ts";

function hasher<T>(tag: string, codec: Codec<T>): (value: T) => Hash {
  return (value) => domainHash(tag, encode(codec, value));
}

/** What a key signs: the tag's prefix and the bytes. */
function signable<T>(tag: string, codec: Codec<T>): (value: T) => Uint8Array {
  return (value) => concatBytes(domainPrefix(tag), encode(codec, value));
}

export const hashDeparture: (value: Departure) => Hash = hasher("Departure", departure);
export const hashHeader: (value: Header) => Hash = hasher("Header", header);
export const hashStep: (value: Step) => Hash = hasher("Step", step);
export const hashEntries: (value: readonly Entry[]) => Hash = hasher("Entries", entries);

export const callMessage: (value: Call) => Uint8Array = signable("Call", call);
export const bundleMessage: (value: Bundle) => Uint8Array = signable("Bundle", bundle);
export const departureMessage: (value: Departure) => Uint8Array = signable("Departure", departure);
export const headerMessage: (value: Header) => Uint8Array = signable("Header", header);
export const ackMessage: (value: Ack) => Uint8Array = signable("Ack", ack);
export const viewChangeMessage: (value: ViewChange) => Uint8Array = signable(
  "ViewChange",
  viewChange,
);
export const removalMessage: (value: Removal) => Uint8Array = signable("Removal", removal);
export const heartbeatMessage: (value: Heartbeat) => Uint8Array = signable("Heartbeat", heartbeat);
export const refusalMessage: (value: Refusal) => Uint8Array = signable("Refusal", refusal);

/** What a node key signs to be registered as an account's, on one chain. */
export function nodeOwnerMessage(genesis: Hash, owner: Address): Uint8Array {
  const bytes = encodeBcs((writer) => writer.fixed(genesis).address(owner));
  return concatBytes(domainPrefix("NodeOwner"), bytes);
}

export function hashConfiguration(channel: Hash, value: Configuration): Hash {
  return domainHash("Configuration", channel, encode(configuration, value));
}

/** A configuration is named by every header and ack under it. */
const named = new WeakMap<Configuration, { readonly channel: Hash; readonly hash: Hash }>();

export function refOfConfiguration(channel: Hash, value: Configuration): ConfigurationRef {
  const { number } = value;
  const known = named.get(value);
  if (known?.channel === channel) return { number, hash: known.hash };
  const hash = hashConfiguration(channel, value);
  named.set(value, { channel, hash });
  return { number, hash };
}

export function refOfHeader(value: Header): HeaderRef {
  return { epoch: value.epoch, number: value.number, hash: hashHeader(value) };
}

/** Names no header. */
export const NO_HEADER: HeaderRef = {
  epoch: { term: 0n, view: 0n },
  number: 0n,
  hash: ZERO_HASH,
};

export function hashChangeSet(changes: ChangeSet): Hash {
  return domainHash("ChangeSet", encodeChangeSet(changes));
}

export function hashEvents(events: readonly Event[]): Hash {
  return domainHash(
    "Events",
    encodeBcs((writer) => writer.vector(events, event.write)),
  );
}

/** Status, abort code (0 without), gas, events hash and change-set hash of each entry. */
export function hashReceipts(receipts: readonly Receipt[]): Hash {
  return domainHash(
    "Receipts",
    encodeBcs((writer) =>
      writer.vector(receipts, (out, { status, gasUsed, events, changes }) => {
        out.u64(BigInt(STATUS_CODES[statusName(status)]));
        out.u64(status.type === "aborted" ? status.code : 0n);
        out.u64(gasUsed);
        out.fixed(hashEvents(events)).fixed(hashChangeSet(changes));
      }),
    ),
  );
}

/** What a channel is bound to: nothing signed for it counts anywhere else. */
export interface ChannelIdentity {
  readonly genesis: Hash;
  readonly contract: Address;
  readonly id: bigint;
  readonly creator: Address;
  readonly creatorSequence: bigint;
  readonly executionProfile: Hash;
  /** SHA-256 of the initial StateT's BCS. */
  readonly initialState: Hash;
  readonly settings: Uint8Array;
}

export function hashChannel(identity: ChannelIdentity): Hash {
  return domainHash(
    "Channel",
    encodeBcs((writer) => {
      writer.fixed(identity.genesis).address(identity.contract).u64(identity.id);
      writer.address(identity.creator).u64(identity.creatorSequence);
      writer.fixed(identity.executionProfile).fixed(identity.initialState);
      writer.bytes(identity.settings);
    }),
  );
}
