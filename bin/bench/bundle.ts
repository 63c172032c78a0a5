/**
 * `bench bundle`: what a game's page loads, built as its own build would, minified and compressed.
 * The page's scripts are the core; its workers hold the node, the chain and the virtual machine,
 * and load beside it. Needs a checkout with its development dependencies.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";
import { build, defaultClientConditions, type Rolldown } from "vite";
import { CommandError } from "../command-error.ts";

const PAGE = fileURLToPath(new URL("./bundle-page.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const KB = 1_000;

export interface BundleMetrics {
  /** Scripts of the page, without its workers. */
  readonly core_gzip_kb: number;
  /** Those and all workers, with the virtual machine in them. */
  readonly with_vm_gzip_kb: number;
}

/** @throws CommandError `BENCH_FILES_MISSING` outside of a checkout. */
export async function benchBundle(): Promise<BundleMetrics> {
  if (!existsSync(PAGE)) {
    const message = "The page that is built belongs to a checkout, and this is none.";
    throw new CommandError("BENCH_FILES_MISSING", message);
  }
  const built = await build({
    configFile: false,
    logLevel: "error",
    root: ROOT,
    base: "./",
    resolve: { conditions: ["holdfast-source", ...defaultClientConditions] },
    worker: { format: "es" },
    build: {
      write: false,
      target: "es2023",
      modulePreload: false,
      rolldownOptions: { input: { page: PAGE } },
    },
  });
  const { output } = built as Rolldown.RolldownOutput;
  const [page, workers] = [output.filter(isPage), output.filter((part) => !isPage(part))];
  const core = gzipKb(page);
  return { core_gzip_kb: core, with_vm_gzip_kb: core + gzipKb(workers) };
}

type Part = Rolldown.OutputChunk | Rolldown.OutputAsset;

/** Workers are bundles of their own, which come out as assets. */
function isPage(part: Part): boolean {
  return part.type === "chunk";
}

function gzipKb(parts: readonly Part[]): number {
  const level = constants.Z_BEST_COMPRESSION;
  const sizes = parts.map((part) => gzipSync(bytesOf(part), { level }).length);
  return sizes.reduce((sum, size) => sum + size, 0) / KB;
}

function bytesOf(part: Part): string | Uint8Array {
  return part.type === "chunk" ? part.code : part.source;
}
