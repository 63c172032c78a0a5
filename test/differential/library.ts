/** Texts of several modules, and the imports that a module needs out of them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Each module of a text, in order. */
function splitModules(text: string): readonly string[] {
  return text.split(/^(?=module )/m).filter((part) => part.startsWith("module "));
}

/** The modules at 0x1. */
export const LIBRARY: readonly string[] = splitModules(
  readFileSync(join(import.meta.dirname, "library.masm"), "utf8"),
);

/** Declarations by the path of what they declare. */
export interface Imports {
  readonly structs: ReadonlyMap<string, string>;
  readonly functions: ReadonlyMap<string, string>;
}

export const LIBRARY_IMPORTS: Imports = importsOf(LIBRARY);

/** What the public functions and the structs of these modules are imported as. */
function importsOf(modules: readonly string[]): Imports {
  const structs = new Map<string, string>();
  const functions = new Map<string, string>();
  for (const text of modules) {
    const [, path = ""] = /^module (\S+)/.exec(text) ?? [];
    for (const [, name = "", rest = ""] of text.matchAll(/^(?:struct|enum) (\w+)(.*)$/gm)) {
      structs.set(`${path}::${name}`, `import struct ${path}::${name}${rest}`);
    }
    const own = [...structs.keys()].filter((struct) => struct.startsWith(`${path}::`));
    for (const [, name = "", rest = ""] of text.matchAll(/^(?:native )?public fun (\w+)(.*)$/gm)) {
      let line = rest.replace(/\b[a-z]\w*: (?=[&A-Za-z])/g, "");
      for (const struct of own) {
        const short = struct.slice(path.length + 2);
        line = line.replaceAll(new RegExp(`(?<![:\\w])${short}\\b`, "g"), struct);
      }
      functions.set(`${path}::${name}`, `import fun ${path}::${name}${line}`);
    }
  }
  return { structs, functions };
}

/** Import lines for whatever `text` names: functions, then the structs of text and functions. */
export function neededImports(text: string, imports: readonly Imports[]): readonly string[] {
  const functions = imports.flatMap((from) => selected(text, from.functions));
  const all = [text, ...functions].join("\n");
  const structs = imports.flatMap((from) => selected(all, from.structs));
  return [...structs, ...functions];
}

function selected(text: string, lines: ReadonlyMap<string, string>): string[] {
  const named = new Set(text.match(/0x[0-9a-f]+::\w+::\w+/g) ?? []);
  return [...lines].filter(([path]) => named.has(path)).map(([, line]) => line);
}
