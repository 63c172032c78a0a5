/** Where benches run in Node: files, worker threads, and its collector. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { CommandError } from "../command-error.ts";
import type { Fixtures } from "./fixtures.ts";
import type { LoadTimes } from "./loading.ts";
import type { BenchHost } from "./tx.ts";

const ROOT = new URL("../../", import.meta.url);
const LOADING_THREAD = new URL("./loading-thread.ts", import.meta.url);

export const FIXTURE_FILES: Fixtures = {
  read(path) {
    const url = new URL(path, ROOT);
    if (!existsSync(fileURLToPath(url))) {
      throw new CommandError(
        "BENCH_FILES_MISSING",
        `${path} is not there; benches run in a checkout only`,
      );
    }
    return new Uint8Array(readFileSync(url));
  },
};

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
