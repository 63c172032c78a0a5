// `holdfast verify`: judges Move modules by everything that publishing checks, each by itself, with
// the other files and our framework in force beside it.
import { parseArgs } from "node:util";
import { CommandError, EXIT_DONE, EXIT_FAILED, reporting } from "../command-error.ts";
import { withFramework } from "../modules/framework.ts";
import { type ModuleFile, moduleFile, readBytes } from "../modules/module-file.ts";
import { readable } from "../readable.ts";
import { verdictJson, verdictText } from "../verify/report.ts";
import { judge } from "../verify/verdict.ts";

const HELP = `Usage: holdfast verify MODULE… [--json]

Judges every module by all that publishing checks: its bytes, every pass of the verifier, natives,
and how it links with the modules it depends on. These are looked for among the files named and
the contracts that every chain of ours begins with. Exit code 1 when one is refused.

  --json   print one JSON object as the last line`;

export async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return EXIT_DONE;
  }
  return reporting(values.json, () => verify(positionals, values.json));
}

async function verify(paths: readonly string[], json: boolean): Promise<number> {
  if (paths.length === 0) {
    throw new CommandError("MODULES_MISSING", "name the files to judge: holdfast verify a.mv …");
  }
  const named: { readonly path: string; readonly bytes: Uint8Array }[] = [];
  for (const path of paths) named.push({ path, bytes: await readBytes(path) });
  const { files } = await withFramework(firstOfEach(named));
  const verdicts = named.map(({ path, bytes }) => judge(path, bytes, files));
  const accepted = verdicts.filter(({ refusal }) => refusal === undefined).length;
  const ok = accepted === verdicts.length;
  if (json) {
    const modules = verdicts.map(verdictJson);
    console.log(JSON.stringify({ ok, count: verdicts.length, accepted, modules }));
  } else {
    for (const verdict of verdicts) console.log(readable(verdictText(verdict)));
  }
  return ok ? EXIT_DONE : EXIT_FAILED;
}

/** What the files offer to one another. Of several versions of a module the first named counts. */
function firstOfEach(named: readonly { readonly path: string; readonly bytes: Uint8Array }[]) {
  const found = new Map<string, ModuleFile>();
  for (const { path, bytes } of named) {
    const file = moduleFile(path, bytes);
    if (file !== undefined && !found.has(file.name)) found.set(file.name, file);
  }
  return found;
}
