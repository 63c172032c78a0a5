// `holdfast signal`: serves the rooms through which browsers find each other. It sees who talks to
// whom, and nothing of what they say.
import { parseArgs } from "node:util";
import { startSignalServer } from "../signal/server.ts";

const DEFAULT_PORT = 8787;
const DEFAULT_HOST = "0.0.0.0";
const PORT_MAX = 65_535;
const EXIT_USAGE = 2;

const HELP = `Usage: holdfast signal [--port N] [--host ADDRESS]

Serves the rooms through which browsers find each other by WebRTC.

  --port N         the port to listen on (${DEFAULT_PORT}; 0 takes a free one)
  --host ADDRESS   the address to listen on (${DEFAULT_HOST}: every one of this machine)`;

export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: "string", default: String(DEFAULT_PORT) },
      host: { type: "string", default: DEFAULT_HOST },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > PORT_MAX) {
    console.error(`PORT_INVALID: "${values.port}" is no port; give a number up to ${PORT_MAX}.`);
    return EXIT_USAGE;
  }
  const server = await startSignalServer({ host: values.host, port });
  console.log(`Signalling: ${server.url}`);
  await stopped();
  await server.close();
  return 0;
}

/** Resolves when the process is asked to end. */
function stopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}
