/** The root chain, embedded or not, as `ChainAccess`: everything goes through a `ChainClient`. */
import {
  type AccountSigner,
  type ChainClient,
  ChainError,
  type CommittedTransaction,
  type LocatedEvent,
  signTransaction,
  vmStatusText,
} from "#chains";
import { gasUnits } from "#core/gas-units.ts";
import type { Hash } from "#core/hash.ts";
import type {
  CallFate,
  ChainAccess,
  ChainReader,
  CommittedCall,
  EntryCall,
  Handover,
  PlacedEvent,
  SignedCall,
} from "../../chain-access.ts";
import { type SettlementError, trouble } from "../../settlement-error.ts";

/** What one command may cost; the largest evidence stays far below. */
const MAX_GAS = gasUnits(2_000_000n);
const EVENT_PAGE = 500;
const MICROSECONDS_PER_MILLISECOND = 1_000n;
/** Blocks above one that make it final on a chain with one producer. */
const FINALITY_DEPTH = 0;

interface Terms {
  readonly chainId: number;
  readonly gasUnitPrice: bigint;
}

interface Root {
  readonly client: ChainClient;
  readonly signer: AccountSigner;
  terms: Terms | undefined;
}

export function rootReader(client: ChainClient): ChainReader {
  return {
    chainTimeMs: async () =>
      (await reach(client.ledger())).timestampUs / MICROSECONDS_PER_MILLISECOND,
    view: ({ function: target, typeArgs, args }, version) =>
      reach(client.view({ function: target, typeArgs, args }, version)),
    finalVersion: async () => {
      const { version, finalVersion } = await reach(client.ledger());
      return finalVersion === version ? undefined : finalVersion;
    },
    resource: (address, type) => reach(client.resource(address, type)),
    module: (id) => reach(client.module(id)),
    eventEnd: async () => ({ version: (await reach(client.ledger())).finalVersion + 1n, index: 0 }),
    events: async (module, from) => {
      const { events, next } = await reach(client.events(module, from, EVENT_PAGE));
      return { events: events.map(placed), next };
    },
    onHead: (listener) => client.onHead(() => listener()),
  };
}

/** @param signer whose transactions these are. */
export function rootAccess(client: ChainClient, signer: AccountSigner): ChainAccess {
  const root: Root = { client, signer, terms: undefined };
  return {
    ...rootReader(client),
    account: signer.address,
    finalityDepth: FINALITY_DEPTH,
    canReexecute: true,
    sequenceNumber: async () => (await reach(client.account(signer.address))).sequenceNumber,
    sign: (call, sequenceNumber, expirationSecs) =>
      sign(root, call, sequenceNumber, expirationSecs),
    submit: ({ bytes }) => submit(client, bytes),
    fate: (hash, timeoutMs) => fate(client, hash, timeoutMs),
  };
}

async function sign(
  root: Root,
  call: EntryCall,
  sequenceNumber: bigint,
  expirationSecs: bigint,
): Promise<SignedCall> {
  root.terms ??= await reach(root.client.ledger());
  const { chainId, gasUnitPrice } = root.terms;
  return signTransaction(
    {
      sender: root.signer.address,
      sequenceNumber,
      payload: { type: "entryFunction", call },
      maxGas: call.maxGas === undefined ? MAX_GAS : gasUnits(call.maxGas),
      gasUnitPrice,
      expirationSecs,
      chainId,
    },
    root.signer,
  );
}

async function submit(client: ChainClient, bytes: Uint8Array): Promise<Handover> {
  try {
    await client.submit(bytes);
    return { type: "accepted" };
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    return handoverOf(error);
  }
}

function handoverOf(error: ChainError): Handover {
  const detail = error.message;
  switch (error.status) {
    case "SEQUENCE_NUMBER_TOO_OLD":
      return { type: "numberUsed" };
    // The chain's time has moved on since the transaction was signed.
    case "TRANSACTION_EXPIRED":
      return { type: "busy", detail };
    case "INSUFFICIENT_BALANCE_FOR_TRANSACTION_FEE":
    case "SENDING_ACCOUNT_DOES_NOT_EXIST":
      return { type: "noFunds", detail };
    default:
      break;
  }
  switch (error.code) {
    // A transaction that was sent earlier with this number waits still.
    case "invalid_transaction_update":
    case "mempool_is_full":
    case "rate_limited":
      return { type: "busy", detail };
    case "vm_error":
    case "invalid_input":
      return { type: "refused", detail };
    default:
      throw settlementError(error);
  }
}

async function fate(client: ChainClient, hash: Hash, timeoutMs: number): Promise<CallFate> {
  try {
    const committed = await client.waitForTransaction(hash, timeoutMs);
    return { type: "committed", call: committedCall(committed) };
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    switch (error.code) {
      case "transaction_not_found":
      // It waited in the pool and was dropped there.
      case "vm_error":
        return { type: "unknown" };
      case "chain_timeout":
        return { type: "pending" };
      default:
        throw settlementError(error);
    }
  }
}

function committedCall({ receipt }: CommittedTransaction): CommittedCall {
  const { status, events, gasUsed } = receipt;
  return { status, statusText: vmStatusText(status), events, gasUsed };
}

function placed({ version, index, eventType, data, timestampUs }: LocatedEvent): PlacedEvent {
  const timestampMs = timestampUs / MICROSECONDS_PER_MILLISECOND;
  return { type: eventType, data, timestampMs, place: { version, index } };
}

/** Passes an answer on, and a failure in the vocabulary of `SettlementError`. */
export async function reach<T>(asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof ChainError) throw settlementError(error);
    throw error;
  }
}

function settlementError(error: ChainError): SettlementError {
  const { code, message } = error;
  if (code === "invalid_input") return trouble("VIEW_ABORTED", message, undefined, error);
  return trouble("CHAIN_UNREACHABLE", message, undefined, error);
}
