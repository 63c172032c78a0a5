// A source file that nothing reaches from an entry is dead: nobody runs it, yet everybody reads it.
// Tests are no entries, for a file that only its test uses is dead too.
import { CHOSEN_BY_PLATFORM, importsOf } from "./imports.ts";
import { isScript, type Rule, type SourceFile } from "./source.ts";

/** Where a program starts: the doors, the commands, the demo, the examples, the tools. */
const ENTRY =
  /^src\/[^/]+\.ts$|^src\/[^/]+\/index(-node)?\.ts$|^(bin|demo|examples|tools)\/|^test\/(.*\/)?run\.ts$/;

/** A top folder whose door is not there yet has nothing to be reached by. */
function hasDoor(files: readonly SourceFile[], path: string): boolean {
  const top = path.split("/").slice(0, 2).join("/");
  return files.some((file) => file.path === `${top}/index.ts`);
}

export const noDeadFiles: Rule = (files) => {
  const scripts = new Map(files.filter(isScript).map((file) => [file.path, file]));
  const waiting = [...scripts.keys()].filter((path) => ENTRY.test(path));
  const reached = new Set(waiting);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const file = scripts.get(path);
    for (const { target, specifier } of file ? importsOf(file) : []) {
      for (const next of CHOSEN_BY_PLATFORM[specifier] ?? [target]) {
        if (next === undefined || reached.has(next)) continue;
        reached.add(next);
        waiting.push(next);
      }
    }
  }
  return [...scripts.keys()]
    .filter((path) => path.startsWith("src/") && !path.endsWith(".d.ts"))
    .filter((path) => !reached.has(path) && hasDoor(files, path))
    .map((path) => ({ path, line: 1, message: "nothing reaches this file from an entry" }));
};
