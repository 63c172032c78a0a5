/** A thread that has run nothing yet, for one measurement of loading. */
import { parentPort, workerData } from "node:worker_threads";
import { FIXTURE_FILES } from "./fixture-files.ts";
import { measureLoading } from "./loading.ts";

parentPort?.postMessage(measureLoading(FIXTURE_FILES, workerData as Uint8Array));
