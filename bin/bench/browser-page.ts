/**
 * The page around the workers: it starts one for each request, tells it how much memory there is in
 * use when asked, and does nothing else.
 */
import {
  type BrowserAnswer,
  MEMORY_QUESTION,
  type MemoryAnswer,
  PAGE_FUNCTION,
  WORKER_PATH,
} from "./browser-request.ts";

/** What isolated pages have; TypeScript's own declarations lack it. */
interface MeasuringPerformance {
  measureUserAgentSpecificMemory(): Promise<MemoryAnswer>;
}

function runBench(request: unknown): Promise<BrowserAnswer> {
  const worker = new Worker(WORKER_PATH, { type: "module" });
  return new Promise((resolve) => {
    worker.addEventListener("message", ({ data }) => {
      if (data === MEMORY_QUESTION) void tellMemory(worker);
      else resolve(data as BrowserAnswer);
    });
    worker.addEventListener("error", ({ message }) => resolve({ failure: message }));
    worker.postMessage(request);
  });
}

async function tellMemory(worker: Worker): Promise<void> {
  const measuring = performance as unknown as MeasuringPerformance;
  const { bytes } = await measuring.measureUserAgentSpecificMemory();
  worker.postMessage({ bytes } satisfies MemoryAnswer);
}

Object.assign(globalThis, { [PAGE_FUNCTION]: runBench });
