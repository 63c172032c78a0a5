// @ts-nocheck: the compiler's types are there only once this folder's own packages are installed.
// Compiles one Move package: `node compile-package.mjs <folder>`. A process of its own, because the
// compiler can end the process that calls it.
import { MoveBuilder } from "@initia/builder.js";

/**
 * Bytecode 6 is what every Move chain of the lineage accepts; 2.1 is the newest language it can
 * say.
 */
const OPTIONS = {
  bytecodeVersion: 6,
  compilerVersion: "2.1",
  languageVersion: "2.1",
  skipFetchLatestGitDeps: true,
};

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: compile-package.mjs <folder>");
try {
  await new MoveBuilder(folder, OPTIONS).build();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
