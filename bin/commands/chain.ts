// `holdfast chain`: serves the reference chain as the official Aptos SDK expects a local network.
import { parseArgs } from "node:util";
import { createProgress } from "../chain/progress.ts";
import { hideSqliteNotice } from "../chain/quiet.ts";
import type { ChainPorts } from "../chain/server.ts";

/** Where the official SDK looks for a local network (decisions, section 8). */
const API_PORT = 8080;
const FAUCET_OFFSET = 1;
const INDEXER_OFFSET = 10;
const DEFAULT_HOST = "127.0.0.1";
const PORT_MAX = 65_535;
const ROOT = "root";
const EXIT_DONE = 0;
const EXIT_USAGE = 2;

const HELP = `Usage: holdfast chain [--port N] [--data DIR] [--host ADDRESS] [--only root]

Serves the root chain, its faucet and the one answer of an indexer. The official Aptos SDK needs no
configuration but Network.LOCAL.

  --port N         the API's port (${API_PORT}); the faucet takes N + ${FAUCET_OFFSET}, the indexer
                   N + ${INDEXER_OFFSET}; with 0 all take free ones
  --data DIR       keeps the chain in this folder; without it the chain ends with the program
  --host ADDRESS   the address to listen on (${DEFAULT_HOST}: this machine only)
  --only root      the root chain alone, which is all there is`;

export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: "string", default: String(API_PORT) },
      host: { type: "string", default: DEFAULT_HOST },
      data: { type: "string" },
      only: { type: "string", default: ROOT },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return EXIT_DONE;
  }
  const ports = portsFrom(values.port);
  if (ports === undefined) {
    const most = PORT_MAX - INDEXER_OFFSET;
    console.error(`PORT_INVALID: "${values.port}" is no port; give a number up to ${most}.`);
    return EXIT_USAGE;
  }
  if (values.only !== ROOT) {
    console.error(`CHAIN_UNKNOWN: there is no chain "${values.only}"; there is ${ROOT}.`);
    return EXIT_USAGE;
  }
  return serve(values.host, ports, values.data);
}

async function serve(host: string, ports: ChainPorts, data: string | undefined): Promise<number> {
  hideSqliteNotice();
  // Asked to stop while it starts, it stops as soon as it has started.
  const stop = stopped();
  console.log("Opening the chain …");
  const { startChainServer } = await import("../chain/server.ts");
  const progress = createProgress(process.stdout, () => performance.now());
  let isServing = false;
  const server = await startChainServer({
    host,
    ports,
    dataFolder: data,
    onBlock: (ledger) => {
      if (isServing) progress.show(ledger);
    },
  });
  console.log(`Root chain ${server.chainId}, kept in ${data ?? "memory"}`);
  console.log(`API:     ${server.apiUrl}`);
  console.log(`Faucet:  ${server.faucetUrl}`);
  console.log(`Indexer: ${server.indexerUrl}`);
  isServing = true;
  await stop;
  isServing = false;
  progress.end();
  console.log("Stopping …");
  await server.close();
  return EXIT_DONE;
}

function portsFrom(text: string): ChainPorts | undefined {
  const port = Number(text);
  if (text === "" || !Number.isInteger(port) || port < 0) return undefined;
  if (port + INDEXER_OFFSET > PORT_MAX) return undefined;
  if (port === 0) return { api: 0, faucet: 0, indexer: 0 };
  return { api: port, faucet: port + FAUCET_OFFSET, indexer: port + INDEXER_OFFSET };
}

/** Resolves when the process is asked to end. */
function stopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}
