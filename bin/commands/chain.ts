// `holdfast chain`: serves the reference chain as the official Aptos SDK expects a local network,
// alone or as one of several nodes.
import { parseArgs } from "node:util";
import {
  API_PORT,
  type ChainOptions,
  DEFAULT_HOST,
  FAUCET_OFFSET,
  INDEXER_OFFSET,
  OPTIONS,
  readChainOptions,
  SLOT_MS_USUAL,
} from "../chain/options.ts";
import { PART_OPTIONS, type PartOptions, readPartOptions } from "../chain/part-options.ts";
import { writeKeyFile } from "../chain/producer-key.ts";
import { createProgress } from "../chain/progress.ts";
import { stopped } from "../chain/stopping.ts";

const EXIT_DONE = 0;
const EXIT_USAGE = 2;

const HELP = `Usage: holdfast chain [--port N] [--data DIR] [--host ADDRESS] [--only root]
                      [--peer URL]… [--producers KEYS] [--slot MS] [--key FILE]
       holdfast chain --processes --data DIR [--port N] [--host ADDRESS]
       holdfast chain --only shard --data DIR --peer URL [--shard I] [--place J] [--sibling URL]…
       holdfast chain --only para --data DIR --peer URL [--para I] [--place J]
       holdfast chain --new-key FILE

Serves the root chain, its faucet and the one answer of an indexer, and beside it shard 1 and
parallel chain 1 by four nodes each. The official Aptos SDK needs no configuration but
Network.LOCAL.

  --port N         the API's port (${API_PORT}); the faucet takes N + ${FAUCET_OFFSET}, the indexer
                   N + ${INDEXER_OFFSET}; with 0 all take free ones
  --data DIR       keeps the chain in this folder; without it the chain ends with the program
  --host ADDRESS   the address to listen on (${DEFAULT_HOST}: this machine only)
  --only root      the root chain alone; so it is with --peer and --producers
  --peer URL       the API of another node: joins its chain, and stays connected; several may be
                   named
  --producers KEYS who makes blocks in a new chain, in turns: public keys, with commas between
  --slot MS        length of a turn in a new chain (${SLOT_MS_USUAL})
  --key FILE       the secret key to make blocks with; without it a fresh one
  --processes      the root and each node of the shard and of the parallel chain in a process of its
                   own; one that ends is started again
  --only shard     node J (from 0) of shard I in this process; its siblings' APIs may be named
  --only para      node J (from 0) of parallel chain I in this process
  --para I         with --only root: begins parallel chain I for nodes whose keys are in DIR
  --new-key FILE   writes a new secret key to a file, prints its public key, and ends

Beside /v1 every API has its node's figures for Prometheus at /metrics; those of a shard's nodes
say at /health/shards what is broken between root and shard, with status 503 where anything is.`;

export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({ args: argv, options: { ...OPTIONS, ...PART_OPTIONS } });
  if (values.help) {
    console.log(HELP);
    return EXIT_DONE;
  }
  const newKey = values["new-key"];
  if (newKey !== undefined) return makeKey(newKey);
  const part = readPartOptions(values);
  if (typeof part === "string") return refuse(part);
  if (part !== undefined) return serveAsked(part);
  const asked = readChainOptions(values);
  if (typeof asked !== "string") return serve(asked);
  return refuse(asked);
}

function refuse(why: string): number {
  console.error(why);
  return EXIT_USAGE;
}

async function serveAsked(part: PartOptions): Promise<number> {
  const { servePart } = await import("../chain/serve-part.ts");
  const [program = "node", script = ""] = process.argv;
  await servePart(part, [program, script, "chain"]);
  return EXIT_DONE;
}

function makeKey(path: string): number {
  console.log(writeKeyFile(path));
  return EXIT_DONE;
}

async function serve(asked: ChainOptions): Promise<number> {
  // Asked to stop while it starts, it stops as soon as it has started.
  const stop = stopped();
  console.log(asked.peers.length === 0 ? "Opening the chain …" : "Joining the chain …");
  const { startChainServer } = await import("../chain/server.ts");
  const progress = createProgress(process.stdout, () => performance.now());
  let isServing = false;
  let told = (): readonly string[] => [];
  const server = await startChainServer({
    ...asked,
    onBlock: (ledger, peers) => {
      if (isServing) progress.show(ledger, peers, told());
    },
    onFarewell: (remote, reason) => console.error(`Connection to ${remote} ended: ${reason}`),
  });
  console.log(`Root chain ${server.chainId}, kept in ${asked.dataFolder ?? "memory"}`);
  const turns = server.isProducer ? "makes blocks" : "follows, and makes no blocks";
  console.log(`Node:    ${server.producer} ${turns}`);
  console.log(`API:     ${server.apiUrl}`);
  console.log(`Faucet:  ${server.faucetUrl}`);
  console.log(`Indexer: ${server.indexerUrl}`);
  console.log(`Figures: ${new URL("/metrics", server.apiUrl).href}`);
  const { startBeside } = await import("../chain/beside.ts");
  const beside = await startBeside(asked, server.node).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  told = () => beside.lines();
  isServing = true;
  await stop;
  isServing = false;
  progress.end();
  console.log("Stopping …");
  await beside.close();
  await server.close();
  return EXIT_DONE;
}
