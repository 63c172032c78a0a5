import { createMemoryNetwork } from "../../../src/channel/transport/memory.ts";
import { transportSuite } from "../../conformance/transport.suite.ts";
import { transportOf } from "./nodes.ts";

transportSuite("memory", async () => {
  const network = createMemoryNetwork(queueMicrotask);
  const elsewhere = createMemoryNetwork(queueMicrotask);
  let count = 0;
  return {
    node: async (number) => transportOf(number, network.wire(`wire ${count++}`)),
    stranger: async (number) => transportOf(number, elsewhere.wire(`wire ${count++}`)),
    dispose: async () => {},
  };
});
