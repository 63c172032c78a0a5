// `holdfast replay`: one simulated channel again, with everything that happened in it.
import { parseArgs } from "node:util";
import { CommandError, EXIT_DONE, EXIT_FAILED, reporting } from "../command-error.ts";
import { checkProfile, loadSimulation, readCount } from "../simulation/lives.ts";

const HELP = `Usage: holdfast replay SEED --profile NAME [--json]

Runs the channel of a seed again, exactly as "holdfast simulate" did, and prints what every node
reported, with the milliseconds since its beginning.

  --profile NAME   the profile of the run (real)
  --json           print one JSON object as the last line`;

export async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      profile: { type: "string", default: "real" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return EXIT_DONE;
  }
  return reporting(values.json, async () => {
    const [text, ...rest] = positionals;
    if (text === undefined) {
      throw new CommandError("SIMULATION_OPTION", "name the seed: holdfast replay 7");
    }
    const seed = readCount("SEED", [text, ...rest].join(" "));
    const simulation = await loadSimulation();
    checkProfile(simulation, values.profile);
    const onLine = values.json ? undefined : (line: string) => console.log(line);
    const life = await simulation.simulateNamed(values.profile, seed, onLine);
    if (life.failure !== undefined) console.error(life.failure);
    const { confirmed, settlements, terms, lives } = life;
    const counts = [`${confirmed} headers`, `${settlements} settlements`, `${terms} terms`];
    const told = [...counts, `${lives} starts`].join(", ");
    console.log(values.json ? JSON.stringify({ profile: values.profile, ...life }) : told);
    return life.failure === undefined ? EXIT_DONE : EXIT_FAILED;
  });
}
