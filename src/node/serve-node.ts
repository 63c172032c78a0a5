/**
 * What a dedicated worker does to be a node: timers here are not throttled when the tab is hidden,
 * and a busy page holds nothing up. Hands the worker's platform to the host, and lets an embedder
 * change it on the way.
 */
import { createChainClient, portPipe } from "#chains";
import {
  claimIdentity,
  createBroadcastChannelWire,
  createPortWire,
  openBroadcastChannel,
  openIndexedDbStore,
  openWebCryptoVerifier,
  platformClock,
  platformCrypto,
  platformEntropy,
  platformLocks,
  type Wire,
} from "#channel";
import { type ChainLink, rootLink, servedLink } from "#settlement";
import { type HostPorts, serveHost, type WireOrder } from "./host-boundary.ts";
import { createNodeHost, type HostEnvironment } from "./node-host.ts";

const tools = { clock: platformClock, entropy: platformEntropy };
const tabs = () => ({ openChannel: openBroadcastChannel, locks: platformLocks(), ...tools });

function chainOf(way: HostPorts["chain"]): ChainLink {
  return way instanceof MessagePort
    ? rootLink(createChainClient(portPipe(way), platformClock))
    : servedLink(way, platformClock);
}

async function openVerifier() {
  const subtle = platformCrypto();
  return subtle && openWebCryptoVerifier(subtle);
}

function wiresOf(ports: HostPorts, room: string): readonly Wire[] {
  const wires = [createBroadcastChannelWire({ room, ...tabs() })];
  if (ports.wires !== undefined) {
    const { port1, port2 } = new MessageChannel();
    const order: WireOrder = { room, port: port2 };
    ports.wires.postMessage(order, [port2]);
    wires.push(createPortWire(port1));
  }
  return wires;
}

/**
 * Serves a node to the page that started this worker.
 * @param alter changes the node's surroundings: another chain, other wires, another store
 */
export function serveNode(
  alter: (environment: HostEnvironment) => HostEnvironment = (environment) => environment,
): void {
  const verifier = openVerifier();
  serveHost((ports, emit) => {
    const environment: HostEnvironment = {
      ...tools,
      chain: chainOf(ports.chain),
      claim: (remembered, known) => claimIdentity(tabs(), remembered, known),
      openStore: (identity) => openIndexedDbStore(identity, platformEntropy),
      wires: (room) => wiresOf(ports, room),
      openVerifier: () => verifier,
    };
    return createNodeHost(alter(environment), emit);
  });
}
