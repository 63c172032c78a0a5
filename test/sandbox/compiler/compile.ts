// Compiles functions written for the assembler, for tests that look at the compiler from inside.
import { present } from "#core/assert.ts";
import { GAS_SCHEDULE, makeAddress, parseIdentifier, STANDARD_NATIVES } from "#sandbox";
import {
  type CompiledProgram,
  compileProgram,
} from "../../../src/sandbox/compiler/program-compiler.ts";
import { decodeCode } from "../../../src/sandbox/runtime/decode.ts";
import { createLoader, findFunction } from "../../../src/sandbox/runtime/loader.ts";
import type { ResolvedFunction } from "../../../src/sandbox/runtime/machine-model.ts";
import { createProgram } from "../../../src/sandbox/runtime/program.ts";
import { createResolver, resolveFunction } from "../../../src/sandbox/runtime/resolved-function.ts";
import { pinnedModules } from "../../../src/sandbox/storage/module-source.ts";
import { assembleBytes } from "../../assembler/assembler.ts";

const RESOLVER = createResolver(STANDARD_NATIVES, GAS_SCHEDULE, decodeCode);

/** The function `0x1::m::<name>` of the module that `text` is. */
export function resolve(text: string, name: string): ResolvedFunction {
  const id = {
    address: makeAddress("0x1"),
    name: present(parseIdentifier("m"), "a module's name"),
  };
  const loader = createLoader(createProgram(), pinnedModules([{ id, bytes: assembleBytes(text) }]));
  const functionId = { module: id, name: present(parseIdentifier(name), "a function's name") };
  const { module, index } = findFunction(loader, functionId);
  return resolveFunction(RESOLVER, module, index, []);
}

export function compile(text: string, name: string): CompiledProgram {
  return compileProgram(RESOLVER, resolve(text, name));
}
