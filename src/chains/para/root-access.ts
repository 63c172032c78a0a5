/**
 * What a parallel chain's node needs of a node of the root chain, and how a client of one gives it.
 * Any root node will do, and another one at any time: nothing here depends on which.
 */
import type { Address } from "#core/address.ts";
import type { Hash } from "#core/hash.ts";
import type { StatusName } from "#core/status.ts";
import { type ChainClient, ChainError } from "../rpc/client.ts";
import { type Agreed, consensusView, readConsensus } from "./contract.ts";
import type { Posting } from "./outbox/flight.ts";
import { type RootBlock, type RootPlace, rootBlockOf } from "./root-block.ts";
import type { Title } from "./title.ts";

export interface RootHead {
  readonly place: RootPlace;
  readonly finalHeight: bigint;
  readonly timestampUs: bigint;
  readonly gasUnitPrice: bigint;
  readonly chainId: number;
}

/** Every method but `post` rejects when the root node does not answer. */
export interface RootAccess {
  head(): Promise<RootHead>;
  /** Of the branch that counts there; undefined where it has none at this height, or forgot it. */
  blockAt(height: bigint): Promise<RootBlock | undefined>;
  /** What the newest state says that the title's nodes agree on. */
  consensus(title: Title): Promise<Agreed | undefined>;
  /** The number that the account's next transaction must carry. */
  sequenceNumber(address: Address): Promise<bigint>;
  /** Hands in a signed transaction. Never rejects. */
  post(bytes: Uint8Array): Promise<Posting>;
  /** Whether that node has what its peers have. */
  isSynced(): Promise<boolean>;
  /** Calls back when its branch has changed, until the returned function is called. */
  onHead(listener: () => void): () => void;
}

/** Refusals that another transaction in its place would not get, and that time may end. */
const STALE: ReadonlySet<StatusName> = new Set([
  "SEQUENCE_NUMBER_TOO_OLD",
  "SEQUENCE_NUMBER_TOO_NEW",
  "TRANSACTION_EXPIRED",
]);

/** @param isSynced says whether the client's node has what its peers have. */
export function rootAccess(client: ChainClient, isSynced: () => boolean): RootAccess {
  return {
    head: async () => {
      const { headHash, height, finalHeight, timestampUs, gasUnitPrice, chainId } =
        await client.ledger();
      const place = { height, hash: headHash };
      return { place, finalHeight, timestampUs, gasUnitPrice, chainId };
    },
    blockAt: async (height) => {
      const found = await client.block(height);
      return found && rootBlockOf(found);
    },
    consensus: async (title) => {
      const [value] = await client.view(consensusView(title));
      return value && readConsensus(value);
    },
    sequenceNumber: async (address) => (await client.account(address)).sequenceNumber,
    post: (bytes) => post(client, bytes),
    isSynced: () => Promise.resolve(isSynced()),
    onHead: (listener) => client.onHead(() => listener()),
  };
}

async function post(client: ChainClient, bytes: Uint8Array): Promise<Posting> {
  try {
    const hash: Hash = await client.submit(bytes);
    return hash.length > 0 ? { type: "taken" } : { type: "down" };
  } catch (error) {
    return error instanceof ChainError ? postingOf(error) : { type: "down" };
  }
}

/** What cannot be read or paid stays so; a full pool and a silent node do not. */
function postingOf({ code, status, message }: ChainError): Posting {
  switch (code) {
    case "vm_error":
      if (status !== undefined && STALE.has(status)) return { type: "stale" };
      return { type: "refused", why: message };
    case "invalid_input":
      return { type: "refused", why: message };
    case "sequence_number_too_old":
    case "invalid_transaction_update":
      return { type: "stale" };
    default:
      return { type: "down" };
  }
}
