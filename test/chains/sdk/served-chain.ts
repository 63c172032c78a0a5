// A chain that is served on loopback ports in real time, and the unmodified official SDK on it.
import { Account, Aptos, AptosConfig, Network } from "@aptos-labs/ts-sdk";
import {
  type ChainNode,
  createChainNode,
  createFaucetApi,
  createIndexerApi,
  createMemoryStore,
  createRestApi,
  systemClock,
  systemEntropy,
} from "#chains";
import { type HttpLimits, type HttpServer, serveHttp } from "#chains-node";

export interface ServedChain {
  readonly node: ChainNode;
  /** Ends in `/v1`. */
  readonly url: string;
  readonly faucetUrl: string;
  readonly indexerUrl: string;
  readonly aptos: Aptos;
  /** A new account with money. */
  fundedAccount(amount?: number): Promise<Account>;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const FUNDS = 100_000_000;

export async function serveChain(limits: Partial<HttpLimits> = {}): Promise<ServedChain> {
  const store = createMemoryStore();
  const settings = { blockIntervalMs: 20n };
  const clock = systemClock;
  const node = await createChainNode({ clock, entropy: systemEntropy, store, settings });
  const serve = (handler: Parameters<typeof serveHttp>[0]): Promise<HttpServer> => {
    return serveHttp(handler, { host: HOST, port: 0, limits });
  };
  const rest = await serve(createRestApi(node));
  const faucet = await serve(createFaucetApi(node));
  const indexer = await serve(createIndexerApi(node));
  const url = `${rest.url}/v1`;
  const indexerUrl = `${indexer.url}/v1/graphql`;
  const aptos = new Aptos(
    new AptosConfig({
      network: Network.CUSTOM,
      fullnode: url,
      faucet: faucet.url,
      indexer: indexerUrl,
    }),
  );
  return {
    node,
    url,
    faucetUrl: faucet.url,
    indexerUrl,
    aptos,
    fundedAccount: async (amount = FUNDS) => {
      const account = Account.generate();
      await aptos.fundAccount({ accountAddress: account.accountAddress, amount });
      return account;
    },
    close: async () => {
      await Promise.all([rest.close(), faucet.close(), indexer.close()]);
      await node.close();
    },
  };
}

/** What a call ended with, as the SDK throws it. */
export async function failureOf(call: Promise<unknown>): Promise<{
  readonly status?: number;
  readonly data?: { readonly error_code?: string; readonly vm_error_code?: number | null };
  readonly message: string;
  readonly transaction?: { readonly vm_status: string };
}> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error("the call was expected to fail");
}
