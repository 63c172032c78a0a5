// `holdfast bench`: measures, each figure against a reference in the same run.
import { parseArgs } from "node:util";
import type { BrowserRequest } from "../bench/browser-request.ts";
import { benchFailover } from "../bench/channel/failover.ts";
import { benchJoin } from "../bench/channel/join.ts";
import { benchLatency } from "../bench/channel/latency.ts";
import { benchScale } from "../bench/channel/scale.ts";
import { benchChannel } from "../bench/channel/throughput.ts";
import { FIXTURE_FILES } from "../bench/fixture-files.ts";
import { NODE_HOST } from "../bench/node-host.ts";
import { benchSettle } from "../bench/settle.ts";
import { benchTx } from "../bench/tx.ts";
import { benchVm } from "../bench/vm.ts";

const EXIT_DONE = 0;
const EXIT_USAGE = 2;

const VM_OPTIONS = { rounds: 9, warmUps: 5 };
const TX_OPTIONS = { rounds: 51, warmUps: 60, batch: 500, loads: 9, longRun: 1_000_000 };

/** By name; each returns its metrics. */
const BENCHES: Readonly<Record<string, () => object | Promise<object>>> = {
  vm: () => benchVm(FIXTURE_FILES, VM_OPTIONS),
  tx: () => benchTx(NODE_HOST, TX_OPTIONS),
  settle: () =>
    benchSettle({ few: 1_000, many: 100_000, transactions: 4_000, rounds: 5, blocks: 200 }),
  channel: () => benchChannel({ members: 3, calls: 1_000, rounds: 5 }),
  latency: () => benchLatency({ members: 3, calls: 300 }),
  join: () => benchJoin({ few: 1_000, many: 100_000, newcomers: 3 }),
  failover: () => benchFailover({ tables: 4, rounds: 5 }),
  bundle: benchBundle,
  scale: () => benchScale({ calls: 1_000, warmUps: 200 }),
};

/** Those that run in a browser as well. */
const CHROMIUM_BENCHES: typeof BENCHES = {
  vm: () => benchInChromium({ bench: "vm", options: VM_OPTIONS }),
  tx: () => benchInChromium({ bench: "tx", options: TX_OPTIONS }),
};

/** Loaded when asked for: it needs what only a checkout has. */
async function benchInChromium(request: BrowserRequest): Promise<object> {
  const loader = await import("../bench/chromium.ts");
  return loader.benchInChromium(request);
}

/** The same. */
async function benchBundle(): Promise<object> {
  const loader = await import("../bench/bundle.ts");
  return loader.benchBundle();
}

const HELP = `Usage: holdfast bench NAME [--json]

  vm       compiled code against hand-written WebAssembly, on fourteen workloads
  tx       whole transactions against hand-written reducers; loading; memory
  settle   what a settlement costs on chain after 1,000 and 100,000 calls, and takes by every
           adapter; the speed of the node
  channel  confirmed calls a second of three members, against the work that cannot be avoided
  latency  from a call to its confirmation in an idle channel, against the messages alone
  join     how long somebody new takes to play along after 1,000 and 100,000 calls, and the bytes
  failover how long until the next call is confirmed when the leader of four is killed (minutes)
  bundle   what a game's page loads, compressed: its own scripts, and with the workers
  scale    the leader's messages and a follower's work, for every number of members

  --chromium   run it in a worker of a real Chromium (vm, tx)
  --json       print one JSON object as the last line`;

export async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      chromium: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return EXIT_DONE;
  }
  const [name, ...rest] = positionals;
  const benches = values.chromium ? CHROMIUM_BENCHES : BENCHES;
  const bench = name !== undefined && Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (bench === undefined || rest.length > 0) {
    const what = name === undefined ? "name one of" : `"${positionals.join(" ")}" is none of`;
    console.error(`BENCH_UNKNOWN: ${what} ${Object.keys(benches).join(", ")}.`);
    return EXIT_USAGE;
  }
  const metrics = await bench();
  console.log(values.json ? JSON.stringify({ name, metrics }) : JSON.stringify(metrics, null, 2));
  return EXIT_DONE;
}
