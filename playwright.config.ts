// The stories: real Chromium against the demo as it would be deployed, served on a free port.
// One worker and no retry: a story owns the machine while it runs, and a flaky story is a failure.
import { defineConfig } from "@playwright/test";
import { BROWSER_FLAGS, findChromium } from "./scripts/chromium.mjs";

const STORY_TIMEOUT_MS = 240_000;
const SERVER_START_TIMEOUT_MS = 120_000;

const chromium = findChromium();
// The server reports the port it was given; Playwright puts it into the environment of the workers.
const port = process.env["DEMO_PORT"];

export default defineConfig({
  testDir: "test/e2e",
  testMatch: "**/*.spec.ts",
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: Boolean(process.env["CI"]),
  timeout: STORY_TIMEOUT_MS,
  use: {
    ...(port === undefined ? {} : { baseURL: `http://localhost:${port}/` }),
    browserName: "chromium",
    screenshot: "only-on-failure",
    // A film of every tab takes a third of a core to record; the page's own snapshots tell as much.
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions: {
      args: BROWSER_FLAGS,
      ...(chromium === undefined ? {} : { executablePath: chromium }),
    },
  },
  webServer: {
    command: "node scripts/serve.mjs",
    env: { PORT: "0" },
    timeout: SERVER_START_TIMEOUT_MS,
    wait: { stdout: /Holdfast demo: http:\/\/[^:]+:(?<demo_port>\d+)\// },
  },
});
