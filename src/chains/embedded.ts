/**
 * The page's way to the chain that all tabs of its origin share. The page itself only hands out
 * ports: each leads to the chain and may be given to a worker, which could not reach a SharedWorker
 * by itself.
 */
import { CHAIN_NAME, type ConnectOrder } from "./worker/connect-order.ts";

/** What takes the page's orders: a shared worker's port or a dedicated worker. */
interface OrderTaker {
  postMessage(order: ConnectOrder, transfer: Transferable[]): void;
}

let worker: OrderTaker | undefined;

/**
 * A new port to the embedded chain; a `ChainClient` over its pipe is
 * `createChainClient(portPipe(port), clock)`. The chain starts with the first port of the first
 * tab. Whatever keeps it from starting is every request's answer.
 */
export function openEmbeddedChain(): Promise<MessagePort> {
  worker ??= startWorker();
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ type: "connect", port: port2 }, [port2]);
  return Promise.resolve(port1);
}

function startWorker(): OrderTaker {
  if (typeof SharedWorker === "undefined") {
    return new Worker(new URL("./worker/embedded.worker.ts", import.meta.url), {
      type: "module",
      name: CHAIN_NAME,
    });
  }
  const shared = new SharedWorker(new URL("./worker/embedded.worker.ts", import.meta.url), {
    type: "module",
    name: CHAIN_NAME,
  });
  shared.port.start();
  return shared.port;
}
