// A branded type is made only in the file that owns it: a cast to it elsewhere would let an
// unchecked value pass for a checked one.
import { isScript, matches, type Rule, type SourceFile } from "./source.ts";

const DECLARATION = /\btype\s+(\w+)\s*=\s*Brand</g;

/** The files that declare each brand: a name can be declared twice, in folders that do not meet. */
function ownersOf(files: readonly SourceFile[]): Map<string, Set<string>> {
  const owners = new Map<string, Set<string>>();
  for (const file of files) {
    for (const [, name] of file.code.matchAll(DECLARATION)) {
      if (name === undefined) continue;
      owners.set(name, (owners.get(name) ?? new Set()).add(file.path));
    }
  }
  return owners;
}

export const brandsAreMadeByTheirOwners: Rule = (files) => {
  const sources = files.filter((file) => isScript(file) && /^(src|demo|bin)\//.test(file.path));
  return [...ownersOf(sources)].flatMap(([name, owners]) => {
    const cast = new RegExp(`\\bas\\s+(?:readonly\\s+)?${name}\\b`, "g");
    // `import { type Address as ChainAddress }` and `X as Address` in an import are no casts.
    return sources
      .filter((file) => !owners.has(file.path))
      .flatMap((file) =>
        matches(file, withoutImports(file.code), cast, (text) => {
          return `${text}: only ${[...owners].join(", ")} makes this`;
        }),
      );
  });
};

function withoutImports(code: string): string {
  return code.replace(/\b(?:import|export)\s+(?:type\s+)?\{[^}]*\}/g, (text) =>
    text.replace(/[^\n]/g, " "),
  );
}
