// Compiles a package that names its dependencies by path: in a copy that has the repository's
// layout, so that a build leaves nothing in the source tree.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CompiledPackage, compilePackage } from "../move-compiler/compiler.ts";

/**
 * @param root the repository's
 * @param folder the package's, below the root
 * @param dependencies folders of the packages that it names by path, and of those that they name
 */
export function compileCopy(
  root: string,
  folder: string,
  dependencies: readonly string[],
): CompiledPackage {
  const copy = mkdtempSync(join(tmpdir(), "holdfast-package-"));
  try {
    for (const one of [folder, ...dependencies]) {
      for (const part of ["Move.toml", "sources"]) {
        const path = join(one, part);
        cpSync(join(root, path), join(copy, path), { recursive: true });
      }
    }
    return compilePackage(join(copy, folder));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
