/**
 * Whole generated programs: two modules of which the second calls the first, and calls of both.
 * Every program is well-typed, so the verifier must accept it.
 */

import { type Imports, LIBRARY_IMPORTS, neededImports } from "../library.ts";
import { chooseCall, openingCall, type PlannedCall } from "./call-plan.ts";
import { below, between, type Choices, choicesOf, pick, pickWeighted, rarely } from "./choices.ts";
import { LINEAR_LINES } from "./destructuring.ts";
import type { FunctionModel } from "./function-model.ts";
import {
  type FunctionGenes,
  functionImportLine,
  type WrittenFunction,
  writeFunction,
  writeOpening,
} from "./function-writer.ts";
import type { ModuleScope } from "./scope.ts";
import { BAG } from "./storage.ts";
import { writeConstructors } from "./struct-functions.ts";
import {
  chooseResource,
  chooseStruct,
  chooseType,
  structImportLine,
  structLines,
} from "./structs.ts";
import { INTEGERS, type StructModel, typeText } from "./type-model.ts";

/** What a program is made of; see choices.ts. */
export interface ProgramGenes {
  readonly shape: readonly number[];
  readonly library: readonly FunctionGenes[];
  readonly main: readonly FunctionGenes[];
  readonly calls: readonly (readonly number[])[];
}

/** Limits that a program runs under; see executors.ts. */
const PROFILES = ["chain", "chain", "chain", "tight", "offChain"] as const;

export interface Program {
  /** Texts for the assembler, in the order in which they are published. */
  readonly modules: readonly string[];
  readonly calls: readonly PlannedCall[];
  readonly profile: (typeof PROFILES)[number];
  /** To be run besides where nothing is carried on from call to call but the state. */
  readonly isIsolated: boolean;
}

const LIBRARY_PATH = "0xa::lib";
const MAIN_PATH = "0xa::main";
/** Accounts that have published everything before the calls begin: none of them, one, or all. */
const OPENING_ACCOUNTS = ["0xa", "0xb1"];
const OPENING_GENES = 30;
const OLD_INTEGERS = ["u64", "u8", "u128"] as const;

export function buildProgram(genes: ProgramGenes): Program {
  const shape = choicesOf(genes.shape);
  const version = pickWeighted(shape, [
    [4, 6],
    [7, 7],
    [1, 5],
  ] as const);
  const profile = pick(shape, PROFILES);
  const isIsolated = rarely(shape, 4);
  const openingCount = below(shape, OPENING_ACCOUNTS.length + 1);
  const library = openModule(shape, LIBRARY_PATH, version, undefined);
  const opening = writeOpening(library.scope, genes.shape.slice(-OPENING_GENES), []);
  const libraryFunctions = [...writeAll(library, "g", genes.library), opening];
  const main = openModule(shape, MAIN_PATH, version, library);
  const mainOpening = writeOpening(main.scope, genes.shape, [opening.model]);
  const mainFunctions = [...writeAll(main, "f", genes.main), mainOpening];
  const modules = [
    moduleText(library, libraryFunctions, [`friend ${MAIN_PATH}`], []),
    moduleText(main, mainFunctions, [], [importsFrom(library, [opening.model])]),
  ];
  const callable = [...main.scope.functions.filter(isOf(MAIN_PATH)), ...library.scope.functions];
  const calls = genes.calls.map((call) => chooseCall(choicesOf(call), callable, main.scope));
  const openings = OPENING_ACCOUNTS.slice(0, openingCount).map((account) =>
    openingCall(mainOpening.model, account),
  );
  return { modules, calls: [...openings, ...calls], profile, isIsolated };
}

function isOf(path: string): (model: FunctionModel) => boolean {
  return ({ module }) => module === path;
}

/** A module while it is written. */
interface OpenModule {
  readonly scope: ModuleScope;
  readonly ownStructs: readonly StructModel[];
  /** Constructors and accessors of the own structs. */
  readonly helpers: readonly WrittenFunction[];
}

function openModule(
  choices: Choices,
  path: string,
  version: 5 | 6 | 7,
  library: OpenModule | undefined,
): OpenModule {
  const integers = version === 5 ? OLD_INTEGERS : INTEGERS;
  const structs = [...(library?.ownStructs ?? [])];
  const source = { structs, typeParameterCount: 0, integers };
  const prefix = library === undefined ? "L" : "M";
  for (let count = between(choices, 0, 3), index = 0; index < count; index++) {
    structs.push(chooseStruct(choices, path, `${prefix}${index}`, source, version === 7));
  }
  const resources = Array.from({ length: between(choices, 0, 2) }, (_, index) =>
    chooseResource(choices, path, `R${index}`, source),
  );
  const bag = rarely(choices, 2)
    ? { key: chooseType(choices, source, 1), item: chooseType(choices, source, 2) }
    : undefined;
  const ownStructs = structs.filter(({ module }) => module === path);
  const helpers = library === undefined ? ownStructs.flatMap(writeConstructors) : [];
  const theirs = library?.helpers.map(({ model }) => model) ?? [];
  const functions = library?.scope.functions.filter(({ visibility }) => visibility !== "private");
  const scope: ModuleScope = {
    ...source,
    path,
    version,
    resources,
    bag,
    functions: [...(functions ?? [])],
    accessors: theirs.filter(({ returns }) => returns[0]?.passing !== "value"),
    constructors: constructorsByStruct(theirs),
  };
  return { scope, ownStructs, helpers };
}

function constructorsByStruct(
  models: readonly FunctionModel[],
): ReadonlyMap<string, readonly FunctionModel[]> {
  const constructors = new Map<string, FunctionModel[]>();
  for (const model of models) {
    const [made] = model.returns;
    if (made?.passing !== "value" || made.type.kind !== "struct") continue;
    const path = `${made.type.struct.module}::${made.type.struct.name}`;
    constructors.set(path, [...(constructors.get(path) ?? []), model]);
  }
  return constructors;
}

/** Each function may call those before it. */
function writeAll(
  { scope }: OpenModule,
  prefix: string,
  genes: readonly FunctionGenes[],
): readonly WrittenFunction[] {
  return genes.map((function_, index) => {
    const written = writeFunction(scope, `${prefix}${index}`, function_);
    scope.functions.push(written.model);
    return written;
  });
}

function importsFrom(
  { ownStructs, helpers, scope }: OpenModule,
  others: readonly FunctionModel[],
): Imports {
  const functions = [...helpers.map(({ model }) => model), ...scope.functions, ...others];
  return {
    structs: new Map(
      ownStructs.map((struct) => [`${struct.module}::${struct.name}`, structImportLine(struct)]),
    ),
    functions: new Map(
      functions.map((model) => [`${model.module}::${model.name}`, functionImportLine(model)]),
    ),
  };
}

function moduleText(
  { scope, ownStructs, helpers }: OpenModule,
  functions: readonly WrittenFunction[],
  friends: readonly string[],
  imports: readonly Imports[],
): string {
  const { path, version, resources, bag } = scope;
  const bagLines =
    bag === undefined
      ? []
      : [
          `struct ${BAG} has key`,
          `  items: 0x1::table::Table<${typeText(bag.key)}, ${typeText(bag.item)}>`,
          "  count: u64",
        ];
  const body = [
    ...[...ownStructs, ...resources].flatMap(structLines),
    ...LINEAR_LINES,
    ...bagLines,
    ...[...helpers, ...functions].flatMap(({ lines }) => lines),
  ].join("\n");
  const needed = neededImports(body, [LIBRARY_IMPORTS, ...imports]);
  const versionText = version === 6 ? "" : ` version ${version}`;
  return [`module ${path}${versionText}`, ...friends, ...needed, body, ""].join("\n");
}
