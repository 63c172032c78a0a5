/** What the command asks of a browser's worker, as it crosses from one to the other. */
import type { TxBenchOptions } from "./tx.ts";
import type { VmBenchOptions } from "./vm.ts";

export type BrowserRequest =
  | { readonly bench: "vm"; readonly options: Omit<VmBenchOptions, "argument"> }
  | { readonly bench: "tx"; readonly options: TxBenchOptions }
  | { readonly bench: "load"; readonly things: Uint8Array };

export type BrowserAnswer = { readonly metrics: object } | { readonly failure: string };

/** Only a page may ask how much memory its workers hold, so a worker asks its page. */
export const MEMORY_QUESTION = "memory";
export interface MemoryAnswer {
  readonly bytes: number;
}

/** Where the page finds the worker, and the worker the fixtures. */
export const WORKER_PATH = "/browser-worker.js";
export const FIXTURES_PATH = "/fixtures/";
/** The function that the page offers to the command. */
export const PAGE_FUNCTION = "runBench";
