// Runs the `holdfast` command as a process, on the committed test vectors.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
const ENTRY = join(ROOT, "bin", "holdfast.mjs");
/** What paths on a command line are relative to. */
export const VECTORS = join(ROOT, "test", "vectors", "vm-conformance");

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function holdfast(...args: readonly string[]): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ENTRY, ...args], {
    cwd: VECTORS,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** The object that a command prints as its last line. */
export function lastObject({ stdout }: Ended): Record<string, unknown> {
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  return JSON.parse(line) as Record<string, unknown>;
}
