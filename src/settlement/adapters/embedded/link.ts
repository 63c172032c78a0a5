/** The root chain, as a player's node uses it, through any client of it. */
import { type ChainBlock, type ChainClient, decodeSignedTransaction, vmStatusText } from "#chains";
import { toHex } from "#core/bytes.ts";
import type { ModuleId } from "#core/identifier.ts";
import type {
  BlockSummary,
  ChainLink,
  PlacedEvent,
  TransactionSummary,
} from "../../chain-access.ts";
import { reach, rootAccess, rootReader } from "./access.ts";
import { fundFromFaucet } from "./wallet.ts";

const MICROSECONDS_PER_MILLISECOND = 1_000n;

/** @param name for people: where this root chain is. */
export function rootLink(client: ChainClient, name = "embedded"): ChainLink {
  return {
    ...rootReader(client),
    name,
    eventStart: () => Promise.resolve({ version: 0n, index: 0 }),
    height: async () => (await reach(client.ledger())).height,
    block: async (height) => {
      const found = await reach(client.block(height));
      return found && summaryOf(found);
    },
    transactionsIn: async (height) => {
      const found = await reach(client.block(height));
      return found && transactionsOf(found);
    },
    eventsIn: async (height, module) => {
      const found = await reach(client.block(height));
      return found && { block: summaryOf(found), events: eventsOf(found, module) };
    },
    access: (signer) => rootAccess(client, signer),
    fund: (address, least) => reach(fundFromFaucet(client, address, least)),
    close: () => client.close(),
  };
}

function summaryOf({ block, hash }: ChainBlock): BlockSummary {
  const { height, timestampUs, firstVersion, transactionCount } = block.header;
  return {
    height,
    hash,
    transactionsCount: block.transactions.length,
    timestampMs: timestampUs / MICROSECONDS_PER_MILLISECOND,
    lastVersion: firstVersion + BigInt(transactionCount) - 1n,
  };
}

function transactionsOf({ block, receipts }: ChainBlock): readonly TransactionSummary[] {
  const receiptOf = new Map(receipts.map((one) => [toHex(one.transactionHash), one]));
  return block.transactions.flatMap((bytes): TransactionSummary[] => {
    const decoded = decodeSignedTransaction(bytes);
    const receipt = decoded.ok ? receiptOf.get(toHex(decoded.value.hash)) : undefined;
    if (!decoded.ok || receipt === undefined) return [];
    const { hash, raw } = decoded.value;
    const { version, status, gasUsed } = receipt;
    return [
      {
        version,
        hash,
        sender: raw.sender,
        function: raw.payload.call.function,
        isExecuted: status.type === "executed",
        statusText: vmStatusText(status),
        gasUsed,
      },
    ];
  });
}

function eventsOf({ block, receipts }: ChainBlock, module: ModuleId): readonly PlacedEvent[] {
  const timestampMs = block.header.timestampUs / MICROSECONDS_PER_MILLISECOND;
  return receipts.flatMap(({ version, events }) =>
    events.flatMap(({ type, data }, index): PlacedEvent[] => {
      if (type.kind !== "struct") return [];
      const isWanted = type.struct.address === module.address && type.struct.module === module.name;
      return isWanted ? [{ type, data, timestampMs, place: { version, index } }] : [];
    }),
  );
}
