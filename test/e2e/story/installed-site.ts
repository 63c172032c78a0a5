// A site of somebody who has installed the package as it is published: the client of the README,
// checked, built and served as that somebody would. Knows nothing of what the client does.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, preview, type Rolldown } from "vite";
import packageJson from "../../../package.json" with { type: "json" };
import { toolScript } from "../../../scripts/processes.mjs";

const ROOT = join(import.meta.dirname, "..", "..", "..");
/** What a careful site allows: no code but its own, and contracts that are compiled. */
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: "esnext",
    moduleResolution: "bundler",
    target: "es2023",
    lib: ["es2023", "dom"],
    types: [],
    allowImportingTsExtensions: true,
    noEmit: true,
  },
  include: ["*.ts"],
};

export interface InstalledSite {
  readonly url: string;
  /** Of the page's own scripts, without its workers. */
  readonly pageGzipSize: number;
  close(): Promise<void>;
}

/** @param files of the site, by name; `chat.ts` of the package's examples comes with them */
export async function serveInstalledSite(
  files: Readonly<Record<string, string>>,
): Promise<InstalledSite> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-site-"));
  install(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
  node([toolScript("typescript", "tsc"), "-p", folder], folder);
  const site = { configFile: false, root: folder, base: "./", logLevel: "error" } as const;
  const built = (await build({ ...site, build: { target: "es2023" } })) as Rolldown.RolldownOutput;
  const server = await preview({
    ...site,
    preview: { port: 0, headers: { "Content-Security-Policy": POLICY } },
  });
  return {
    url: server.resolvedUrls?.local[0] ?? "",
    pageGzipSize: built.output
      .filter((part) => part.type === "chunk")
      .reduce((sum, { code }) => sum + gzipSync(code).length, 0),
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The package as the registry would give it, and what it depends on from here. */
function install(folder: string): void {
  node([join(ROOT, "scripts", "build.mjs")], ROOT);
  const pack = ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder];
  execFileSync("npm", pack, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  const archive = `${packageJson.name}-${packageJson.version}.tgz`;
  execFileSync("tar", ["-xzf", archive], { cwd: folder });
  const modules = join(folder, "node_modules");
  cpSync(join(folder, "package"), join(modules, packageJson.name), { recursive: true });
  for (const name of Object.keys(packageJson.dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name), "junction");
  }
  cpSync(join(folder, "package", "examples", "chat.ts"), join(folder, "chat.ts"));
}

function node(args: readonly string[], cwd: string): void {
  execFileSync(process.execPath, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
}
