// `holdfast bench`: measures, each figure against a reference in the same run.
import { parseArgs } from "node:util";
import { benchTx } from "../bench/tx.ts";
import { benchVm } from "../bench/vm.ts";

const EXIT_DONE = 0;
const EXIT_USAGE = 2;

/** By name; each returns its metrics. */
const BENCHES: Readonly<Record<string, () => object>> = {
  vm: () => benchVm({ rounds: 9, warmUps: 5 }),
  tx: () => benchTx({ rounds: 15, warmUps: 10, batch: 1000, longRun: 1_000_000 }),
};

const HELP = `Usage: holdfast bench NAME [--json]

  vm   compiled code against hand-written WebAssembly, on fourteen workloads
  tx   whole transactions against hand-written reducers; loading; memory

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
  const [name, ...rest] = positionals;
  const bench = name !== undefined && Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (bench === undefined || rest.length > 0) {
    console.error(`BENCH_UNKNOWN: name one of ${Object.keys(BENCHES).join(", ")}.\n\n${HELP}`);
    return EXIT_USAGE;
  }
  const metrics = bench();
  console.log(values.json ? JSON.stringify({ name, metrics }) : JSON.stringify(metrics, null, 2));
  return EXIT_DONE;
}
