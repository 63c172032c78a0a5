// Serves one of a chain's APIs, and says in words why it cannot.
import type { HttpHandler } from "#chains";
import { type HttpServer, type HttpServerOptions, serveHttp } from "#chains-node";
import { CommandError } from "../command-error.ts";

/** Rejects with PORT_TAKEN, or with the system's error for anything else. */
export async function serveApi(
  handler: HttpHandler,
  options: HttpServerOptions,
): Promise<HttpServer> {
  try {
    return await serveHttp(handler, options);
  } catch (error) {
    if (!isTaken(error)) throw error;
    const { host, port } = options;
    const what = `Another program listens at ${host}:${port}`;
    throw new CommandError("PORT_TAKEN", `${what}; end it, or give another --port.`, error);
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}
