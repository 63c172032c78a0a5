// `holdfast run`: publishes Move modules into an empty state and calls one function of theirs.
import {
  type CallTrace,
  chainProfile,
  createCompiler,
  createInterpreter,
  createMemoryState,
  createTracer,
  type Executor,
  formatVmStatus,
  internalGas,
  type MemoryState,
} from "#sandbox";
import { CommandError, EXIT_DONE, EXIT_FAILED, reporting } from "../command-error.ts";
import { completeModules } from "../modules/framework.ts";
import {
  byName,
  inDependencyOrder,
  type ModuleFile,
  type ModuleFiles,
  readModuleFile,
} from "../modules/module-file.ts";
import { readable } from "../readable.ts";
import { prepareCall } from "../run/callee.ts";
import { type EngineName, RUN_HELP, type RunRequest, readCommandLine } from "../run/options.ts";
import { reportJson, reportText } from "../run/report.ts";

/** As `holdfast chain` has it; natives can ask for it. */
const CHAIN_ID = 4;
/** Table handles of a run are made from it, the same in every run. */
const UNIQUE_SEED = new Uint8Array(32);

export async function main(argv: string[]): Promise<number> {
  const line = readCommandLine(argv);
  if (line.help) {
    console.log(RUN_HELP);
    return EXIT_DONE;
  }
  return reporting(line.json, async () => run(line.request(), line.json));
}

async function run(request: RunRequest, json: boolean): Promise<number> {
  const files: ModuleFile[] = [];
  for (const path of request.paths) files.push(await readModuleFile(path));
  const modules = await completeModules(byName(files));
  const state = publishAll(modules);
  const prepared = prepareCall(request, modules);
  const { executor, takeTrace } = engine(request.engine, request.traces);
  const outcome = begin(executor, state).execute(prepared.call);
  const report = { prepared, modules, engine: request.engine, outcome, trace: takeTrace() };
  if (!json || request.traces) console.log(readable(reportText(report)));
  if (json) console.log(JSON.stringify(reportJson(report)));
  return outcome.status.type === "executed" ? EXIT_DONE : EXIT_FAILED;
}

interface Engine {
  readonly executor: Executor;
  readonly takeTrace: () => CallTrace | undefined;
}

function engine(name: EngineName, traces: boolean): Engine {
  const profile = chainProfile();
  if (traces) return createTracer(profile);
  const executor = name === "compiled" ? createCompiler(profile) : createInterpreter(profile);
  return { executor, takeTrace: () => undefined };
}

/** A state that holds the modules, each verified behind those it depends on. */
function publishAll(modules: ModuleFiles): MemoryState {
  const state = createMemoryState();
  const executor = createInterpreter(chainProfile());
  for (const { abi, bytes, path, name } of inDependencyOrder(modules)) {
    const session = begin(executor, state);
    const gasLimit = internalGas(Number.MAX_SAFE_INTEGER);
    const { status } = session.publish(abi.id.address, [bytes], gasLimit);
    if (status.type !== "executed") {
      const reason = formatVmStatus(status);
      const message = `${path} (${name}): ${reason}. holdfast verify shows the place.`;
      throw new CommandError("MODULE_REFUSED", message);
    }
    state.apply(session.changes());
  }
  return state;
}

function begin(executor: Executor, state: MemoryState) {
  return executor.begin(state, { uniqueSeed: UNIQUE_SEED, chainId: CHAIN_ID });
}
