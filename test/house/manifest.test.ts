// What package.json promises: exact versions with a written reason, doors that lead somewhere, and
// scripts that a fresh machine can run.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };

const ROOT = join(import.meta.dirname, "..", "..");
const DEPENDENCIES = { ...packageJson.dependencies, ...packageJson.devDependencies };

describe("dependencies", () => {
  const page = readFileSync(join(ROOT, "docs", "DEPENDENCIES.md"), "utf8");

  it.each(Object.entries(DEPENDENCIES))("%s is pinned to %s and explained", (name, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(page).toContain(`| \`${name}\` | ${version} |`);
  });

  it("explains no package that is not used", () => {
    const explained = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? "");
    expect(explained.toSorted()).toEqual(Object.keys(DEPENDENCIES).toSorted());
  });
});

describe("doors", () => {
  it("resolve to the same source from inside and from outside", () => {
    for (const door of ["sandbox", "channel", "settlement", "chains"] as const) {
      const inner = packageJson.imports[`#${door}`];
      const outer = packageJson.exports[`./${door}`];
      expect(inner["holdfast-source"]).toBe(outer["holdfast-source"]);
      expect(inner.types).toBe(outer.types);
    }
  });
});

describe("scripts", () => {
  const scripts = Object.entries(packageJson.scripts);

  it.each(scripts)("%s sets up first or is a script that does", (_name, command) => {
    const setsUp = command.startsWith("node scripts/setup.mjs && ");
    const isScript = /^node scripts\/(start|test|check)\.mjs( [a-z]+)?$/.test(command);
    const isAlias = command.startsWith("npm run ");
    expect(setsUp || isScript || isAlias).toBe(true);
  });

  it.each(scripts)("%s calls scripts that exist", (_name, command) => {
    const called = [...command.matchAll(/\b(scripts\/[\w/.-]+\.mjs)/g)].map((match) => match[1]);
    for (const path of called) expect(existsSync(join(ROOT, path ?? ""))).toBe(true);
  });
});
