// `holdfast simulate`: whole channels on a virtual clock, from seeds, under the eyes of checkers.
import { parseArgs } from "node:util";
import { EXIT_DONE, EXIT_FAILED, reporting } from "../command-error.ts";
import { checkProfile, loadSimulation, readCount, type Simulation } from "../simulation/lives.ts";

const DEFAULT_PROFILE = "real";
const DEFAULT_SEEDS = 20;

const HELP = `Usage: holdfast simulate [--seeds N] [--from S] [--profile NAME] [--json]

Runs N channels, each from a seed of its own: nodes, network, disks, chain and faults in one
process. Prints the seeds that broke a promise, and what they broke; "holdfast replay" shows one
again, step by step.

  --seeds N        how many (${DEFAULT_SEEDS})
  --from S         the first seed (1)
  --profile NAME   what they live through (${DEFAULT_PROFILE})
  --json           print one JSON object as the last line`;

interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly profile: string;
  readonly isJson: boolean;
}

export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      seeds: { type: "string", default: String(DEFAULT_SEEDS) },
      from: { type: "string", default: "1" },
      profile: { type: "string", default: DEFAULT_PROFILE },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  return reporting(values.json, async () => {
    const simulation = await loadSimulation();
    if (values.help) {
      console.log(`${HELP}\n\nProfiles: ${simulation.profileNames.join(", ")}.`);
      return EXIT_DONE;
    }
    checkProfile(simulation, values.profile);
    return run(simulation, {
      seeds: readCount("--seeds", values.seeds),
      from: readCount("--from", values.from),
      profile: values.profile,
      isJson: values.json,
    });
  });
}

async function run(simulation: Simulation, options: Options): Promise<number> {
  const { seeds, from, profile, isJson } = options;
  const failed: number[] = [];
  let steps = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const life = await simulation.simulateNamed(profile, seed);
    steps += life.steps;
    if (life.failure === undefined) {
      const { confirmed, settlements, terms, views } = life;
      const leads = `${terms} terms, ${views} views`;
      const told = `${confirmed} headers, ${settlements} settlements, ${leads}`;
      if (!isJson) console.log(`seed ${seed}: ${told}`);
      continue;
    }
    failed.push(seed);
    console.error(`seed ${seed} failed: ${life.failure}`);
    console.error(`again: npm run simulate -- --profile ${profile} --from ${seed} --seeds 1`);
  }
  const result = { seeds, failed, steps, profile };
  console.log(isJson ? JSON.stringify(result) : `${failed.length} of ${seeds} seeds failed`);
  return failed.length === 0 ? EXIT_DONE : EXIT_FAILED;
}
