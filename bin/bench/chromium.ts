/**
 * Runs a bench in a worker of a real Chromium: builds the worker, serves it under the policy that
 * games are served under, and asks. Needs a checkout with its development dependencies.
 */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { build, defaultClientConditions, type Rolldown } from "vite";
import { BROWSER_FLAGS, ensureChromium } from "../../scripts/chromium.mjs";
import { CommandError } from "../command-error.ts";
import {
  type BrowserAnswer,
  type BrowserRequest,
  FIXTURES_PATH,
  PAGE_FUNCTION,
} from "./browser-request.ts";
import { FIXTURE_FILES } from "./fixture-files.ts";
import { FIXTURE_PATHS } from "./fixtures.ts";

const ENTRIES = { "browser-page": "./browser-page.ts", "browser-worker": "./browser-worker.ts" };
const PAGE = '<!doctype html><script type="module" src="/browser-page.js"></script>';

/** No `eval`, nothing from elsewhere; isolated, so that clocks are fine enough to measure by. */
const HEADERS = {
  "Content-Security-Policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Memory is measured when asked, behind a collection, and not when it suits the browser. */
const MEMORY_FLAG = "--enable-blink-features=ForceEagerMeasureMemory";

/** @throws CommandError `BENCH_FAILED` with what went wrong inside the browser. */
export async function benchInChromium(request: BrowserRequest): Promise<object> {
  const executablePath = ensureChromium((line) => process.stderr.write(`${line}\n`));
  const server = await serve(await bundle());
  const browser = await chromium.launch({
    executablePath,
    args: [...BROWSER_FLAGS, MEMORY_FLAG],
  });
  try {
    const page = await browser.newPage();
    const { port } = server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForFunction((name) => name in globalThis, PAGE_FUNCTION);
    const answer = await page.evaluate(
      ([name, asked]) => {
        const offered = globalThis as unknown as Record<string, (asked: unknown) => unknown>;
        return offered[name]?.(asked);
      },
      [PAGE_FUNCTION, request] as const,
    );
    return metricsOf(answer as BrowserAnswer);
  } finally {
    await browser.close();
    server.close();
  }
}

function metricsOf(answer: BrowserAnswer): object {
  if ("metrics" in answer) return answer.metrics;
  throw new CommandError("BENCH_FAILED", `in the browser: ${answer.failure}`);
}

/** The scripts of page and worker, by path. */
async function bundle(): Promise<ReadonlyMap<string, string>> {
  const input = Object.fromEntries(
    Object.entries(ENTRIES).map(([name, path]) => [
      name,
      fileURLToPath(new URL(path, import.meta.url)),
    ]),
  );
  const built = await build({
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL("../../", import.meta.url)),
    resolve: { conditions: ["holdfast-source", ...defaultClientConditions] },
    build: {
      write: false,
      target: "es2023",
      modulePreload: false,
      rolldownOptions: { input, output: { entryFileNames: "[name].js" } },
    },
  });
  const { output } = built as Rolldown.RolldownOutput;
  return new Map(
    output.flatMap((part) => (part.type === "chunk" ? [[`/${part.fileName}`, part.code]] : [])),
  );
}

function serve(scripts: ReadonlyMap<string, string>): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const script = scripts.get(path);
    const fixture = path.startsWith(FIXTURES_PATH) ? path.slice(FIXTURES_PATH.length) : undefined;
    if (path === "/") answer(response, "text/html", PAGE);
    else if (script !== undefined) answer(response, "text/javascript", script);
    else if (fixture !== undefined && FIXTURE_PATHS.includes(fixture)) {
      answer(response, "application/octet-stream", FIXTURE_FILES.read(fixture));
    } else response.writeHead(404, HEADERS).end();
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function answer(response: ServerResponse, type: string, body: string | Uint8Array): void {
  response.writeHead(200, { ...HEADERS, "Content-Type": type }).end(body);
}
