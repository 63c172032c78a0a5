// Clients of a node that is stopped and started again under them: they only find it slow.
import { type ChainClient, createChainClient, type Pipe, pipePair } from "#chains";
import type { ManualClock } from "../chains/manual-clock.ts";

export interface Serving {
  serve(pipe: Pipe): () => void;
}

export interface LastingClients {
  connect(): ChainClient;
  /** From now on this node serves them all. */
  attach(node: Serving): void;
}

export function lastingClients(clock: ManualClock): LastingClients {
  const pipes = new Set<Pipe>();
  let current: Serving | undefined;
  return {
    connect() {
      const [near, far] = pipePair();
      // A server that stops must not take the pipe with it.
      const kept: Pipe = { ...far, close: () => undefined };
      pipes.add(kept);
      current?.serve(kept);
      const client = createChainClient(near, clock);
      return {
        ...client,
        close() {
          pipes.delete(kept);
          client.close();
        },
      };
    },
    attach(node) {
      current = node;
      for (const pipe of pipes) node.serve(pipe);
    },
  };
}
