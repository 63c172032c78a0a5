// Finds a Chromium for the browser tests, or installs one. Built-ins only: runs on Node 20.
// Order: CHROMIUM_PATH, an installed Chromium or Chrome, Playwright's cache, apt-get as root,
// and otherwise a loud failure that says what to do. Knows nothing about the tests themselves.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isMain, runScript, ScriptError } from "./setup.mjs";

/** What every test browser starts with: headless machines, and no traffic of the browser's own. */
export const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const INSTALLED_NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome-stable",
  "google-chrome",
  "chrome",
];
const MAC_PATHS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const WINDOWS_PATHS = [
  "Google\\Chrome\\Application\\chrome.exe",
  "Chromium\\Application\\chrome.exe",
];

/** Where Playwright keeps a browser below one `chromium-<revision>` folder, per platform. */
const PLAYWRIGHT_EXECUTABLES = [
  ["chrome-linux64", "chrome"],
  ["chrome-linux", "chrome"],
  [
    "chrome-mac-arm64",
    "Google Chrome for Testing.app",
    "Contents",
    "MacOS",
    "Google Chrome for Testing",
  ],
  ["chrome-mac", "Chromium.app", "Contents", "MacOS", "Chromium"],
  ["chrome-win64", "chrome.exe"],
  ["chrome-win", "chrome.exe"],
];

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installedCandidates() {
  if (process.platform === "darwin") return MAC_PATHS;
  if (process.platform === "win32") {
    const roots = [process.env.PROGRAMFILES, process.env["PROGRAMFILES(X86)"]];
    return roots.flatMap((root) => (root ? WINDOWS_PATHS.map((tail) => join(root, tail)) : []));
  }
  const folders = ["/usr/bin", "/usr/local/bin", "/snap/bin", "/opt/google/chrome"];
  return INSTALLED_NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function playwrightCache() {
  if (process.env.PLAYWRIGHT_BROWSERS_PATH) return process.env.PLAYWRIGHT_BROWSERS_PATH;
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "ms-playwright");
  if (process.platform === "win32") {
    return join(process.env.LOCALAPPDATA ?? homedir(), "ms-playwright");
  }
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "ms-playwright");
}

function playwrightCandidates() {
  const cache = playwrightCache();
  if (!existsSync(cache)) return [];
  const revision = (/** @type {string} */ folder) => Number(folder.slice("chromium-".length));
  return readdirSync(cache)
    .filter((folder) => /^chromium-\d+$/.test(folder))
    .sort((left, right) => revision(right) - revision(left))
    .flatMap((folder) => PLAYWRIGHT_EXECUTABLES.map((tail) => join(cache, folder, ...tail)));
}

/**
 * The path of a Chromium that is already here, or undefined. A CHROMIUM_PATH that does not lead to
 * an executable throws: whoever set it wants that browser and no other.
 */
export function findChromium() {
  const wanted = process.env.CHROMIUM_PATH;
  if (wanted) {
    if (isExecutable(wanted)) return wanted;
    throw new ScriptError(
      "CHROMIUM_MISSING",
      `CHROMIUM_PATH is "${wanted}", which is not an executable file. Correct it or unset it.`,
    );
  }
  return [...installedCandidates(), ...playwrightCandidates()].find(isExecutable);
}

/** @param {(line: string) => void} report */
function installWithApt(report) {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || spawnSync("apt-get", ["--version"]).status !== 0) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "chromium"]]) {
    report(`apt-get ${args.join(" ")}`);
    const { status } = spawnSync("apt-get", args, { env, stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0) return false;
  }
  return true;
}

/**
 * The path of a Chromium, installed first when there is none and this process may do that.
 * @param {(line: string) => void} report receives one line per slow step
 * @throws {ScriptError} CHROMIUM_MISSING when there is no browser; the message says what to do
 */
export function ensureChromium(report) {
  const found = findChromium() ?? (installWithApt(report) ? findChromium() : undefined);
  if (found) return found;
  throw new ScriptError(
    "CHROMIUM_MISSING",
    [
      "No Chromium or Chrome was found, and none could be installed. Do one of:",
      "  - set CHROMIUM_PATH to a Chromium or Chrome executable",
      "  - npx playwright install chromium",
      "  - apt-get install chromium (as root; this script does it by itself when it runs as root)",
    ].join("\n"),
  );
}

if (isMain(import.meta.url)) {
  await runScript(() => {
    process.stdout.write(`${ensureChromium((line) => process.stderr.write(`${line}\n`))}\n`);
    return 0;
  });
}
