/** A thread that has run nothing yet, for one measurement of loading. */
import { parentPort, workerData } from "node:worker_threads";
import { measureLoading } from "./loading.ts";
import { FIXTURE_FILES } from "./node-host.ts";

parentPort?.postMessage(measureLoading(FIXTURE_FILES, workerData as Uint8Array));
