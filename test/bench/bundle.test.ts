// What a game's page loads stays within what such libraries take (docs and README give figures).
import { describe, expect, it } from "vitest";
import { benchBundle } from "../../bin/bench/bundle.ts";

/** Kilobytes, compressed. */
const CORE_MAX = 60;
const WITH_VM_MAX = 604;
const TIMEOUT_MS = 120_000;

describe("what a game's page loads", () => {
  it(
    "bundle: the page's scripts without the virtual machine, and with its workers",
    async () => {
      const { core_gzip_kb, with_vm_gzip_kb } = await benchBundle();
      expect(core_gzip_kb).toBeGreaterThan(5);
      expect(core_gzip_kb).toBeLessThan(CORE_MAX);
      // The workers are in it: machine and chain come to more than the page's own scripts.
      expect(with_vm_gzip_kb).toBeGreaterThan(3 * core_gzip_kb);
      expect(with_vm_gzip_kb).toBeLessThan(WITH_VM_MAX);
    },
    TIMEOUT_MS,
  );
});
