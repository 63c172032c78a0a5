// Builds the demo and serves the build, with the headers a deployment should send. PORT chooses the
// port (0: any free one), HOST the address. Runs until it is ended. Needs Vite: run set-up before
// it, or use `npm start`.
import { createServer } from "node:net";
import { build, preview } from "vite";
import { endWithNpm } from "./processes.mjs";
import { isMain, runScript, ScriptError } from "./setup.mjs";

const PORT_DEFAULT = 5173;
const PORT_MAX = 65_535;
const HOST_DEFAULT = "localhost";

function wantedPort() {
  const text = process.env["PORT"];
  if (text === undefined || text === "") return PORT_DEFAULT;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= PORT_MAX) return port;
  const message = `PORT is "${text}"; it has to be a number from 0 to ${PORT_MAX}.`;
  throw new ScriptError("PORT_UNUSABLE", message);
}

/**
 * Fails before the build does any work, and before it replaces what another server may be serving.
 * @param {string} host
 * @param {number} port
 * @returns {Promise<void>}
 */
function assertPortIsFree(host, port) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (cause) => {
      const advice = "End what serves there, or choose another port: PORT=5174 npm start";
      const message = `Cannot serve at port ${port} of ${host}: ${cause.message}. ${advice}`;
      reject(new ScriptError("PORT_UNUSABLE", message, { cause }));
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

/**
 * Builds, serves, and prints the address.
 * @returns {Promise<number>} 0 once it serves; the process lives on with the server
 * @throws {ScriptError} PORT_UNUSABLE
 */
export async function serve() {
  const port = wantedPort();
  const host = process.env["HOST"] ?? HOST_DEFAULT;
  await assertPortIsFree(host, port);
  const startedAt = Date.now();
  process.stdout.write("Building the demo …\n");
  await build({ logLevel: "warn" });
  const server = await preview({ logLevel: "warn", preview: { port, strictPort: true, host } });
  const url = server.resolvedUrls?.local[0] ?? server.resolvedUrls?.network[0];
  process.stdout.write(`Built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.\n`);
  process.stdout.write(`Holdfast demo: ${url}\n`);
  process.stdout.write("Open it in several tabs: each tab is a player. Ctrl-C ends it.\n");
  endWithNpm();
  return 0;
}

if (isMain(import.meta.url)) await runScript(serve);
