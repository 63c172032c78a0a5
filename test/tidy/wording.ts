// Words that do not belong in the tree: leftovers, names that say nothing, addresses of one machine
// or one registry. The words are put together from pieces, so that this file does not hold them.
import { isScript, matches, type Rule, type SourceFile } from "./source.ts";

const LEFTOVERS = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"];
const LEFTOVER = new RegExp(`\\b(?:${LEFTOVERS.join("|")})\\b`, "g");
const UNFINISHED = new RegExp(`\\b(?:for${" "}now|not yet${" "}implemented)\\b`, "gi");

const EMPTY_NAMES = ["common", "helper", "helpers", "manager", "misc", "util", "utils"];
const EMPTY_DECLARATION =
  /\b(?:class|function|const|type|interface)\s+\w*(?:Helpers?|Managers?|Utils?)\b/g;
const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9-]+)*$/;

const MACHINE_FOLDERS = [
  "ho" + "me",
  "ro" + "ot",
  "m" + "nt",
  "wo" + "rk",
  "fa" + "rm",
  "t" + "mp",
];
const MACHINE_PATH = new RegExp(`(?<![\\w.*@)\\]}-])/(?:${MACHINE_FOLDERS.join("|")})/[a-z]`, "g");
const REGISTRY = new RegExp(
  ["registry\\.npm" + "js\\.org", "registry\\.yarn" + "pkg", "deb\\.deb" + "ian\\.org"].join("|"),
  "g",
);

/** Third-party data is as it came. */
const FOREIGN = /^test\/(vectors|golden)\//;
const OURS = /^(src|demo|bin|scripts|examples|tools)\//;

function written(files: readonly SourceFile[]): SourceFile[] {
  return files.filter((file) => !FOREIGN.test(file.path));
}

export const noLeftovers: Rule = (files) =>
  written(files).flatMap((file) => [
    ...matches(file, file.text, LEFTOVER, (word) => `${word}: finish it or file an issue`),
    ...(OURS.test(file.path)
      ? matches(file, file.text, UNFINISHED, (words) => `"${words}": finish it or say why not`)
      : []),
  ]);

export const namesSaySomething: Rule = (files) =>
  files.filter(isScript).flatMap((file) => {
    const parts = file.path.split("/");
    const empty = parts.find((part) => EMPTY_NAMES.includes(part.replace(/\..*$/, "")));
    const name = parts.at(-1) ?? "";
    return [
      ...(empty === undefined
        ? []
        : [{ path: file.path, line: 1, message: `"${empty}" says nothing; name what is in it` }]),
      ...(KEBAB_CASE.test(name)
        ? []
        : [{ path: file.path, line: 1, message: `${name}: file names are kebab-case` }]),
      ...matches(file, file.code, EMPTY_DECLARATION, (text) => `"${text}" says nothing`),
    ];
  });

export const noMachineNames: Rule = (files) =>
  written(files).flatMap((file) => [
    ...matches(file, file.text, MACHINE_PATH, (text) => `${text}… is a path of one machine`),
    ...matches(file, file.text, REGISTRY, (text) => `${text}: no registry is named in the tree`),
  ]);

/** The lock names packages by version and hash; where to fetch them is the reader's choice. */
export const lockHoldsNoAddress: Rule = (files) =>
  files
    .filter((file) => file.path.endsWith("package-lock.json"))
    .flatMap((file) =>
      matches(file, file.text, /"resolved":/g, () => "the lock holds a download address"),
    );
