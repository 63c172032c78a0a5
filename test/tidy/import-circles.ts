// Files that import each other in a circle can only be understood together, types included: what
// they share belongs in a file below them.
import { importsOf } from "./imports.ts";
import { isScript, type Rule, type SourceFile } from "./source.ts";

type Graph = ReadonlyMap<string, readonly string[]>;

function graphOf(files: readonly SourceFile[]): Graph {
  const scripts = files.filter(isScript);
  const paths = new Set(scripts.map(({ path }) => path));
  return new Map(
    scripts.map((file) => {
      const targets = importsOf(file).flatMap(({ target }) => (target === undefined ? [] : target));
      return [file.path, targets.filter((target) => paths.has(target))];
    }),
  );
}

/** The shortest way from a file back to itself; undefined if there is none. */
function circleAt(graph: Graph, start: string): readonly string[] | undefined {
  const seen = new Set<string>();
  let ways: readonly (readonly string[])[] = [[start]];
  while (ways.length > 0) {
    const next: (readonly string[])[] = [];
    for (const way of ways) {
      for (const target of graph.get(way.at(-1) ?? start) ?? []) {
        if (target === start) return way;
        if (seen.has(target)) continue;
        seen.add(target);
        next.push([...way, target]);
      }
    }
    ways = next;
  }
  return undefined;
}

export const noImportCircles: Rule = (files) => {
  const graph = graphOf(files);
  return [...graph.keys()].flatMap((path) => {
    const circle = circleAt(graph, path);
    if (circle === undefined) return [];
    return { path, line: 1, message: `imports itself by way of ${circle.slice(1).join(", ")}` };
  });
};
