/** A client in the process of the server that it asks. */
import type { Clock } from "../ports.ts";
import { type ChainClient, createChainClient } from "./client.ts";
import { pipePair } from "./pipe.ts";
import type { RpcServer } from "./server.ts";

/** Closing it ends the serving as well. */
export function connectLocally(server: Pick<RpcServer, "serve">, clock: Clock): ChainClient {
  const [near, far] = pipePair();
  const stop = server.serve(far);
  const client = createChainClient(near, clock);
  return {
    ...client,
    close: () => {
      client.close();
      stop();
    },
  };
}
