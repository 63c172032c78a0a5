/** What benches read of the checkout. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CommandError } from "../command-error.ts";
import type { Fixtures } from "./fixtures.ts";

const ROOT = new URL("../../", import.meta.url);

export const FIXTURE_FILES: Fixtures = {
  read(path) {
    const url = new URL(path, ROOT);
    if (!existsSync(fileURLToPath(url))) {
      throw new CommandError(
        "BENCH_FILES_MISSING",
        `${path} is not there; benches run in a checkout only`,
      );
    }
    return new Uint8Array(readFileSync(url));
  },
};
