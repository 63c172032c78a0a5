/** The root chain, as a player's node uses it, through any client of it. */
import type { ChainClient } from "#chains";
import type { ChainLink } from "../../chain-access.ts";
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
      if (found === undefined) return undefined;
      const { header, transactions } = found.block;
      return {
        height,
        hash: found.hash,
        transactionsCount: transactions.length,
        timestampMs: header.timestampUs / MICROSECONDS_PER_MILLISECOND,
      };
    },
    access: (signer) => rootAccess(client, signer),
    fund: (address, least) => reach(fundFromFaucet(client, address, least)),
    close: () => client.close(),
  };
}
