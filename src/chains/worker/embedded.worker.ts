/**
 * The worker of the embedded chain: a SharedWorker where there is one, else a dedicated worker in
 * every tab. Pages hand it message ports; behind each of them is a client.
 */
import { systemClock, systemEntropy } from "../platform.ts";
import { portPipe } from "../rpc/pipe.ts";
import { openIndexedDbStore } from "../store/indexed-db.ts";
import { CHAIN_NAME, isConnectOrder } from "./connect-order.ts";
import { createEmbeddedHost, type EmbeddedHost } from "./embedded-host.ts";
import { createEmbeddedNode, embeddedContractsName } from "./embedded-node.ts";

/** Blocks that a browser keeps: with an empty one every second, some hours. */
const KEPT_BLOCKS = 20_000n;

/**
 * Names the lock, the channel between workers and the database: one chain per origin and set of
 * contracts, since the code of a page fits the contracts that it was built with.
 */
const PLACE = `${CHAIN_NAME}-${embeddedContractsName()}`;

/** What this file uses of either worker's global scope. */
interface WorkerScope {
  onconnect?: ((event: MessageEvent) => void) | null;
  onmessage?: ((event: MessageEvent) => void) | null;
}

/** Calls back while the origin's lock is held, which is until this worker ends. */
function takeLock(whileHeld: () => void): void {
  // An insecure context has no locks; then its one shared worker needs none.
  const locks = (navigator as { readonly locks?: LockManager }).locks;
  if (locks === undefined) {
    whileHeld();
    return;
  }
  void locks.request(PLACE, () => {
    whileHeld();
    return new Promise<never>(() => undefined);
  });
}

function startHost(): EmbeddedHost {
  return createEmbeddedHost({
    clock: systemClock,
    entropy: systemEntropy,
    openChannel: () => new BroadcastChannel(PLACE),
    takeLock,
    startNode: async () =>
      createEmbeddedNode({
        clock: systemClock,
        entropy: systemEntropy,
        store: await openIndexedDbStore(PLACE),
        keptBlocks: KEPT_BLOCKS,
      }),
  });
}

const host = startHost();
const takeOrder = ({ data }: MessageEvent<unknown>): void => {
  if (isConnectOrder(data)) host.connect(portPipe(data.port));
};

const scope = globalThis as unknown as WorkerScope;
scope.onconnect = ({ ports: [port] }) => {
  if (port !== undefined) port.onmessage = takeOrder;
};
scope.onmessage = takeOrder;
