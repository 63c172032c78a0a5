/** The command line of `holdfast run`, as data. */
import { parseArgs } from "node:util";
import { type Address, type FunctionId, parseAddress, parseFunctionId } from "#sandbox";
import { CommandError } from "../command-error.ts";

export const ENGINES = ["interpreter", "compiled"] as const;
export type EngineName = (typeof ENGINES)[number];

/** Internal gas that a call may use where nothing else is said. */
export const GAS_LIMIT_DEFAULT = 1_000_000_000;

/** `text` is a value as people write it, `bcs` the hex of its bytes. */
export interface ArgumentInput {
  readonly form: "text" | "bcs";
  readonly text: string;
}

export interface RunRequest {
  readonly paths: readonly string[];
  readonly callee: FunctionId;
  readonly typeArgs: readonly string[];
  readonly args: readonly ArgumentInput[];
  readonly signers: readonly Address[];
  readonly engine: EngineName;
  readonly gasLimit: number;
  readonly traces: boolean;
}

export const RUN_HELP = `Usage: holdfast run MODULE… --function ADDRESS::MODULE::NAME [OPTION]…

Publishes the modules into an empty state, every pass of the verifier first, and calls one function
of theirs. Modules that they need and that are not named are taken from the contracts that every
chain of ours begins with.

  --function NAME     the function, as 0x1::module::name
  --type-args TYPE…   its type arguments: u64 'vector<0x1::m::S>'
  --args VALUE…       its arguments behind the signers: 12 true 0x1 '"text"' '[1, 2]' '{x: 1}'
  --bcs-args HEX…     arguments as the hex of their BCS; may be mixed with --args, in order
  --signer ADDRESS    who signs; again for every further signer
  --engine ENGINE     ${ENGINES.join(" or ")} (interpreter)
  --gas-limit N       internal gas that the call may use (${GAS_LIMIT_DEFAULT})
  --trace             show every call: instructions, gas, storage touched, what it returned
  --json              print one JSON object as the last line`;

const OPTIONS = {
  function: { type: "string" },
  "type-args": { type: "string", multiple: true },
  args: { type: "string", multiple: true },
  "bcs-args": { type: "string", multiple: true },
  signer: { type: "string", multiple: true },
  engine: { type: "string", default: "interpreter" },
  "gas-limit": { type: "string", default: String(GAS_LIMIT_DEFAULT) },
  trace: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

function parse(argv: readonly string[]) {
  const args = [...argv];
  return parseArgs({ args, options: OPTIONS, allowPositionals: true, tokens: true });
}

type Parsed = ReturnType<typeof parse>;
type Token = Parsed["tokens"][number];

export interface RunCommandLine {
  readonly json: boolean;
  readonly help: boolean;
  /** @throws CommandError. */
  readonly request: () => RunRequest;
}

/** @throws an error of `parseArgs` for what is no option of the command. */
export function readCommandLine(argv: readonly string[]): RunCommandLine {
  const parsed = parse(argv);
  const { json, help } = parsed.values;
  return { json, help, request: () => readRequest(parsed) };
}

function readRequest({ values, tokens }: Parsed): RunRequest {
  const lists = readLists(tokens);
  if (lists.paths.length === 0) {
    throw new CommandError("MODULES_MISSING", "name the module files first: holdfast run a.mv …");
  }
  const engine = ENGINES.find((name) => name === values.engine);
  if (engine === undefined) {
    const message = `"${values.engine}" is no engine; there are ${ENGINES.join(" and ")}.`;
    throw new CommandError("ENGINE_UNKNOWN", message);
  }
  if (values.trace && engine !== "interpreter") {
    const message = "only the interpreter can be traced; leave --engine compiled out.";
    throw new CommandError("TRACE_NEEDS_INTERPRETER", message);
  }
  return {
    ...lists,
    callee: readCallee(values.function),
    signers: (values.signer ?? []).map(readSigner),
    engine,
    gasLimit: readGasLimit(values["gas-limit"]),
    traces: values.trace,
  };
}

/** What follows `--args` and its like up to the next option belongs to it; the rest are files. */
function readLists(tokens: readonly Token[]) {
  const paths: string[] = [];
  const typeArgs: string[] = [];
  const args: ArgumentInput[] = [];
  let take = (text: string) => void paths.push(text);
  for (const token of tokens) {
    if (token.kind === "positional") take(token.value);
    if (token.kind !== "option") continue;
    take = listTaker(token.name, paths, typeArgs, args);
    if (token.value !== undefined && isList(token.name)) take(token.value);
  }
  return { paths, typeArgs, args };
}

function isList(name: string): boolean {
  return name === "type-args" || name === "args" || name === "bcs-args";
}

function listTaker(name: string, paths: string[], typeArgs: string[], args: ArgumentInput[]) {
  switch (name) {
    case "type-args":
      return (text: string) => void typeArgs.push(text);
    case "args":
      return (text: string) => void args.push({ form: "text", text });
    case "bcs-args":
      return (text: string) => void args.push({ form: "bcs", text });
    default:
      return (text: string) => void paths.push(text);
  }
}

function readCallee(text: string | undefined): FunctionId {
  if (text === undefined) {
    throw new CommandError("FUNCTION_MISSING", "say what to run: --function 0x1::module::name");
  }
  const callee = parseFunctionId(text);
  if (callee !== undefined) return callee;
  const message = `"${text}" is no function's name; write it in full: 0x1::module::name`;
  throw new CommandError("FUNCTION_INVALID", message);
}

function readSigner(text: string): Address {
  const address = parseAddress(text.replace(/^@/, ""));
  if (address !== undefined) return address;
  const message = `"${text}" is no address; give 1 to 64 hex digits behind 0x.`;
  throw new CommandError("SIGNER_INVALID", message);
}

function readGasLimit(text: string): number {
  const limit = Number(text.replaceAll("_", ""));
  if (/^[0-9_]+$/.test(text) && Number.isSafeInteger(limit)) return limit;
  const message = `"${text}" is no amount of gas; give a whole number.`;
  throw new CommandError("GAS_LIMIT_INVALID", message);
}
