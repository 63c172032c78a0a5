// Nodes for transport tests: keys by number, the platform's clock and chance, and transports over
// any wire.

import type { Clock, Entropy, Transport } from "../../../src/channel/ports.ts";
import { createPeerTransport } from "../../../src/channel/transport/peer-transport.ts";
import type { Wire } from "../../../src/channel/transport/wire.ts";
import { present } from "../../../src/sandbox/core/assert.ts";
import {
  parseSecretKey,
  publicKeyOf,
  signEd25519,
  verifyEd25519,
} from "../../../src/sandbox/core/ed25519.ts";

export const realClock: Clock = {
  now: () => BigInt(Date.now()),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export const realEntropy: Entropy = (size) => crypto.getRandomValues(new Uint8Array(size));

export function nodeKeys(number: number) {
  const secret = present(parseSecretKey(new Uint8Array(32).fill(number)), "32 bytes are a key");
  return { secret, nodeKey: publicKeyOf(secret) };
}

export function transportOf(
  number: number,
  wire: Wire | readonly Wire[],
  clock = realClock,
): Transport {
  const { secret, nodeKey } = nodeKeys(number);
  return createPeerTransport({
    wires: [wire].flat(),
    nodeKey,
    sign: (message) => signEd25519(message, secret),
    verify: verifyEd25519,
    entropy: realEntropy,
    clock,
  });
}
