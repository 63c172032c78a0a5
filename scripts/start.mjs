// `npm start`: completes set-up, then builds and serves the demo at PORT (default 5173).
import { run } from "./processes.mjs";
import { isMain, NODE_MAJOR_MIN, runScript, setUp } from "./setup.mjs";

/** @returns {Promise<number>} */
async function start() {
  const node = setUp();
  const isNewEnough = Number(process.versions.node.split(".")[0]) >= NODE_MAJOR_MIN;
  if (!isNewEnough) return (await run(["scripts/serve.mjs"], { node })).exitCode;
  // Only now, for it imports packages that set-up may just have installed.
  const { serve } = await import("./serve.mjs");
  return serve();
}

if (isMain(import.meta.url)) await runScript(start);
