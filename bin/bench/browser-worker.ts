/** Runs one bench inside a browser's worker. What it needs comes from where its script is. */
import {
  type BrowserAnswer,
  type BrowserRequest,
  FIXTURES_PATH,
  MEMORY_QUESTION,
  type MemoryAnswer,
  WORKER_PATH,
} from "./browser-request.ts";
import { FIXTURE_PATHS, type Fixtures } from "./fixtures.ts";
import { type LoadTimes, measureLoading } from "./loading.ts";
import { type BenchHost, benchTx } from "./tx.ts";
import { benchVm } from "./vm.ts";

async function fetchFixtures(): Promise<Fixtures> {
  const found = await Promise.all(
    FIXTURE_PATHS.map(async (path) => {
      const answer = await fetch(`${FIXTURES_PATH}${path}`);
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      return [path, new Uint8Array(await answer.arrayBuffer())] as const;
    }),
  );
  const bytes = new Map(found);
  return {
    read(path) {
      const known = bytes.get(path);
      if (known === undefined) throw new Error(`${path} is no fixture`);
      return known;
    },
  };
}

function hostOver(fixtures: Fixtures): BenchHost {
  return { fixtures, load, memoryInUse };
}

/** Asks a new worker. */
function load(things: Uint8Array): Promise<LoadTimes> {
  const worker = new Worker(WORKER_PATH, { type: "module" });
  return new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<BrowserAnswer>) => {
      if ("failure" in data) reject(new Error(data.failure));
      else resolve(data.metrics as LoadTimes);
      worker.terminate();
    });
    worker.addEventListener("error", ({ message }) => reject(new Error(message)));
    const request: BrowserRequest = { bench: "load", things };
    worker.postMessage(request);
  });
}

function memoryInUse(): Promise<number> {
  return new Promise((resolve) => {
    const hear = ({ data }: MessageEvent<Partial<MemoryAnswer>>) => {
      if (data.bytes === undefined) return;
      self.removeEventListener("message", hear);
      resolve(data.bytes);
    };
    self.addEventListener("message", hear);
    self.postMessage(MEMORY_QUESTION);
  });
}

async function run(request: BrowserRequest): Promise<object> {
  const fixtures = await fetchFixtures();
  switch (request.bench) {
    case "vm":
      return benchVm(fixtures, request.options);
    case "tx":
      return benchTx(hostOver(fixtures), request.options);
    case "load":
      return measureLoading(fixtures, request.things);
  }
}

self.addEventListener("message", ({ data }: MessageEvent<BrowserRequest | MemoryAnswer>) => {
  if ("bytes" in data) return;
  run(data).then(
    (metrics) => self.postMessage({ metrics } satisfies BrowserAnswer),
    (error: unknown) => self.postMessage({ failure: String(error) } satisfies BrowserAnswer),
  );
});
