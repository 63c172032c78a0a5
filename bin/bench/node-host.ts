/** Where benches run in Node: files, worker threads, and its collector. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { FIXTURE_FILES } from "./fixture-files.ts";
import type { LoadTimes } from "./loading.ts";
import type { BenchHost } from "./tx.ts";

const LOADING_THREAD = new URL("./loading-thread.ts", import.meta.url);

export const NODE_HOST: BenchHost = {
  fixtures: FIXTURE_FILES,
  load: (things) =>
    new Promise<LoadTimes>((resolve, reject) => {
      const worker = new Worker(LOADING_THREAD, {
        workerData: things,
        execArgv: ["--conditions=holdfast-source"],
      });
      worker.once("message", (times: LoadTimes) => {
        resolve(times);
        void worker.terminate();
      });
      worker.once("error", reject);
    }),
  memoryInUse: async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    collect();
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return heapUsed + external + arrayBuffers;
  },
};
