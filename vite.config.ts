// The one build and test configuration: the demo build, its dev server and preview, and the test
// projects. The library build lives in scripts/build.mjs, which calls Vite with its own options.
import { playwright } from "@vitest/browser-playwright";
import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { BROWSER_FLAGS, findChromium } from "./scripts/chromium.mjs";

/** Resolves the package's own doors to their sources rather than to a build. */
const SOURCE_CONDITION = "holdfast-source";
const TIMEOUT_MS = 60_000;
/** What a hook sets up, a whole chain at times, is work like a test's own. */
const TIMEOUTS = { testTimeout: TIMEOUT_MS, hookTimeout: TIMEOUT_MS };
/**
 * Properties are tried on the same values in every run, so that a change is blamed only for what it
 * breaks. `PROPERTY_SEED=N npm test` tries others.
 */
const PROPERTIES = {
  setupFiles: ["test/property-seed.ts"],
  provide: { propertySeed: Number(process.env["PROPERTY_SEED"] ?? 1) },
};

/**
 * The headers of the served demo. They go out with every response, worker scripts included: a
 * policy on the page alone does not bind a worker that is loaded over the network. No `eval`, no
 * code from elsewhere; WebAssembly may be compiled, because contracts are.
 */
const SERVED_HEADERS = {
  "Content-Security-Policy": [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    // Signalling servers and chains may be anywhere; a chain started by hand is on this machine.
    "connect-src 'self' ws: wss: https: http://localhost:* http://127.0.0.1:*",
    "img-src 'self' data: blob:",
    "style-src 'self' 'unsafe-inline'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

const chromium = findChromium();
const resolve = { conditions: [SOURCE_CONDITION, ...defaultClientConditions] };
const ssr = { resolve: { conditions: [SOURCE_CONDITION, ...defaultServerConditions] } };

/** Where a build spends its seconds is nothing that whoever starts the demo has to read. */
const rolldownOptions = { checks: { pluginTimings: false } };

/** A project that runs in Node. Tests never retry: a flaky test is a failing test. */
function nodeProject(name: string, include: string[], exclude: string[] = []) {
  return {
    resolve,
    ssr,
    test: {
      name,
      environment: "node",
      include,
      exclude,
      retry: 0,
      ...TIMEOUTS,
      ...PROPERTIES,
    } as const,
  };
}

export default defineConfig({
  root: "demo",
  base: "./",
  resolve,
  ssr,
  worker: { format: "es", rolldownOptions },
  preview: { headers: SERVED_HEADERS },
  build: {
    outDir: "../build/demo",
    emptyOutDir: true,
    target: "es2023",
    sourcemap: true,
    // What draws in space is one large library, and one game's alone.
    chunkSizeWarningLimit: 700,
    rolldownOptions,
  },
  test: {
    root: import.meta.dirname,
    passWithNoTests: true,
    // Left alone, one core of two would stand idle.
    maxWorkers: "100%",
    projects: [
      nodeProject(
        "unit",
        ["test/**/*.test.ts"],
        ["test/browser/**", "test/simulation/**", "test/conformance/**", "test/e2e/**"],
      ),
      nodeProject("conformance", ["test/conformance/**/*.test.ts"]),
      nodeProject("simulation", ["test/simulation/**/*.test.ts"]),
      {
        resolve,
        worker: { format: "es" },
        // All that sources import: found later, one of them would reload the page amid its tests.
        optimizeDeps: {
          include: [
            "@noble/curves/secp256k1.js",
            "@noble/ed25519",
            "@noble/hashes/sha2.js",
            "@noble/hashes/sha3.js",
            "comlink",
            "fast-check",
            "idb",
            "simple-peer/simplepeer.min.js",
          ],
        },
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          retry: 0,
          ...TIMEOUTS,
          ...PROPERTIES,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                args: BROWSER_FLAGS,
                ...(chromium === undefined ? {} : { executablePath: chromium }),
              },
            }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
