// The hash of a Move package's sources, as the manifest records it.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * SHA-256, in hex, over Move.toml and the sources by name: each as its name, a zero byte, its text,
 * a zero byte.
 */
export function hashSources(folder: string): string {
  const hash = createHash("sha256");
  const sources = readdirSync(join(folder, "sources")).sort((a, b) => (a < b ? -1 : 1));
  for (const name of ["Move.toml", ...sources.map((source) => `sources/${source}`)]) {
    hash.update(`${name}\0${readFileSync(join(folder, name), "utf8")}\0`);
  }
  return hash.digest("hex");
}
