import { describe, expect, it } from "vitest";
import { createMemoryNetwork } from "../../../src/channel/transport/memory.ts";
import { createPortWire, serveWire } from "../../../src/channel/transport/port-wire.ts";
import { TransportError } from "../../../src/channel/transport/transport-error.ts";
import type { Wire } from "../../../src/channel/transport/wire.ts";
import { transportSuite } from "../../conformance/transport.suite.ts";
import { transportOf } from "./nodes.ts";

function overPort(wire: Wire): Wire {
  const { port1, port2 } = new MessageChannel();
  serveWire(wire, port1);
  return createPortWire(port2);
}

transportSuite("a wire over a port", async () => {
  const [network, elsewhere] = [
    createMemoryNetwork(queueMicrotask),
    createMemoryNetwork(queueMicrotask),
  ];
  let count = 0;
  return {
    node: async (number) => transportOf(number, overPort(network.wire(`wire ${count++}`))),
    stranger: async (number) => transportOf(number, overPort(elsewhere.wire(`wire ${count++}`))),
    dispose: async () => {},
  };
});

describe("a wire over a port", () => {
  it("carries the failure to open, with its code", async () => {
    const broken: Wire = {
      open: () => Promise.reject(new TransportError("SIGNALLING_REFUSED", "The room is full.")),
      send() {},
      drop() {},
      close: async () => {},
    };
    const wire = overPort(broken);
    const listener = { linkUp() {}, linkDown() {}, frame() {} };
    await expect(wire.open(listener)).rejects.toMatchObject({
      name: "TransportError",
      code: "SIGNALLING_REFUSED",
      message: "The room is full.",
    });
    await wire.close();
  });
});
