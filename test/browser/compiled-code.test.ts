// Compiled contracts in a real browser: WebAssembly made and run inside a worker, without eval.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import type { WorkloadRequest } from "./compiled-code.worker.ts";

type Workload = WorkloadRequest["workloads"][number] & { readonly checksum: string };

const NAMES = "signer hash bcs vector micro sieve queens voxel orderbook runner".split(" ");
const FILES = import.meta.glob<string>("../vectors/vm-bench/modules/*.mv", {
  query: "?url",
  import: "default",
  eager: true,
});
const WORKLOADS = import.meta.glob<readonly Workload[]>("../vectors/vm-bench/workloads.json", {
  import: "default",
  eager: true,
});

async function readModule(name: string): Promise<Uint8Array> {
  const url = present(FILES[`../vectors/vm-bench/modules/${name}.mv`], `${name}.mv`);
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

describe("compiled code in a browser's worker", () => {
  it("gives every workload's checksum", async () => {
    const [workloads] = Object.values(WORKLOADS);
    const request: WorkloadRequest = {
      modules: await Promise.all(NAMES.map(readModule)),
      workloads: present(workloads, "the workloads"),
    };
    const worker = new Worker(new URL("./compiled-code.worker.ts", import.meta.url), {
      type: "module",
    });
    try {
      const sums = await new Promise<unknown>((resolve, reject) => {
        worker.addEventListener("message", ({ data }) => resolve(data));
        worker.addEventListener("error", ({ message }) => reject(new Error(message)));
        worker.postMessage(request);
      });
      const expected = present(workloads, "the workloads").map(({ name, checksum }) => [
        name,
        checksum,
      ]);
      expect(sums).toEqual(Object.fromEntries(expected));
    } finally {
      worker.terminate();
    }
  });
});
