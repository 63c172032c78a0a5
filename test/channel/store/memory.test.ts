import { createMemoryDisk, createMemoryStore } from "../../../src/channel/store/memory.ts";
import { journalSuite } from "../../conformance/store.suite.ts";

journalSuite("memory", async () => {
  const disk = createMemoryDisk();
  const entropy = (size: number) => new Uint8Array(size);
  return { reopen: async (name) => createMemoryStore(entropy, disk).journal(name) };
});
