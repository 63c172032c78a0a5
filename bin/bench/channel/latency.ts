/**
 * `bench latency`: from a follower's call to its own knowing that it is confirmed, while nothing
 * else happens; and what the messages alone would take.
 */
import {
  createMemoryStore,
  createPeerTransport,
  type PeerId,
  platformClock,
  platformEntropy,
  type Transport,
  verifyEd25519,
} from "#channel";
import { percentile } from "../measure.ts";
import { message } from "./load.ts";
import { leave, openChain, quickNetwork, seat, until } from "./table.ts";

/**
 * The call to the leader, the header and its acks, the empty header that carries the certificate
 * and its acks, and that header's certificate.
 */
const ROUND_TRIPS = 3;
/** Bytes of a message, on average. */
const MESSAGE_SIZE = 512;
/** Between two calls, so that each finds the channel idle. */
const PAUSE_MS = 20;
const WARM_UPS = 10;

export interface LatencyBenchOptions {
  readonly members: number;
  readonly calls: number;
}

export interface LatencyMetrics {
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly floor_p50_ms: number;
}

export async function benchLatency({
  members,
  calls,
}: LatencyBenchOptions): Promise<LatencyMetrics> {
  const chain = await openChain();
  const table = await seat(chain, members);
  const follower = table.players.at(-1);
  if (follower === undefined) throw new RangeError("a channel has members");
  const line = await openLine();
  const [callMs, lineMs]: [number[], number[]] = [[], []];
  for (let number = 0; number < WARM_UPS + calls; number++) {
    await pause();
    const start = performance.now();
    await follower.post(message(number));
    const confirmed = performance.now();
    await line.roundTrips(ROUND_TRIPS);
    const back = performance.now();
    if (number < WARM_UPS) continue;
    callMs.push(confirmed - start);
    lineMs.push(back - confirmed);
  }
  await line.close();
  await leave(table);
  await chain.close();
  return {
    p50_ms: percentile(callMs, 0.5),
    p99_ms: percentile(callMs, 0.99),
    floor_p50_ms: percentile(lineMs, 0.5),
  };
}

function pause(): Promise<void> {
  return new Promise((resolve) => void platformClock.after(PAUSE_MS, resolve));
}

interface Line {
  roundTrips(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Two ends of the transport that the channel uses, and nothing behind them but an echo. */
async function openLine(): Promise<Line> {
  const network = quickNetwork();
  const [here, there] = [await openEnd(network, "here"), await openEnd(network, "there")];
  let onEcho = () => {};
  await there.open(listener((from, bytes) => there.send(from, bytes)));
  await here.open(listener(() => onEcho()));
  await until(platformClock, () => here.peers().length > 0 && there.peers().length > 0);
  const roundTrip = () =>
    new Promise<void>((resolve) => {
      onEcho = resolve;
      here.send(there.self, new Uint8Array(MESSAGE_SIZE));
    });
  return {
    async roundTrips(count) {
      for (let trip = 0; trip < count; trip++) await roundTrip();
    },
    async close() {
      await Promise.all([here.close(), there.close()]);
    },
  };
}

function listener(message: (from: PeerId, bytes: Uint8Array) => void) {
  return { peerUp: () => {}, peerDown: () => {}, message };
}

async function openEnd(network: ReturnType<typeof quickNetwork>, name: string): Promise<Transport> {
  const { signer } = await createMemoryStore(platformEntropy, undefined, 1).identityForJoin();
  return createPeerTransport({
    wires: [network.wire(name)],
    nodeKey: signer.nodeKey,
    sign: (bytes) => signer.signAsNode(bytes),
    verify: verifyEd25519,
    entropy: platformEntropy,
    clock: platformClock,
  });
}
