/** Judges one module as publishing does, and finds the instruction or table entry at fault. */
import {
  type CompiledModule,
  deserializeModule,
  disassembleInstruction,
  formatModuleId,
  type ModuleId,
  makeAddress,
  type PublishError,
  STANDARD_NATIVES,
  verifyPublish,
} from "#sandbox";
import { type ModuleFiles, moduleFile } from "../modules/module-file.ts";

export interface Verdict {
  readonly path: string;
  readonly size: number;
  /** Undefined where the bytes do not say so much. */
  readonly module: string | undefined;
  readonly version: number | undefined;
  readonly dependencies: readonly string[];
  /** Undefined for a module that may be published. */
  readonly refusal: Refusal | undefined;
}

export interface Refusal {
  readonly status: string;
  readonly detail: string;
  readonly place:
    | { readonly kind: "byte"; readonly offset: number }
    | {
        readonly kind: "code";
        readonly functionIndex: number;
        readonly functionName: string | undefined;
        readonly offset: number;
        /** Undefined where there is no such instruction. */
        readonly instruction: string | undefined;
      }
    | { readonly kind: "table"; readonly table: string; readonly index: number }
    | undefined;
}

const NOBODY = makeAddress("0x0");

/** @param inForce what the module may depend on, named by `0x1::m`. */
export function judge(path: string, bytes: Uint8Array, inForce: ModuleFiles): Verdict {
  const read = deserializeModule(bytes);
  const file = moduleFile(path, bytes);
  const result = verifyPublish({
    // Whoever owns the module's address publishes it; bytes that do not say fail before that.
    sender: file?.abi.id.address ?? NOBODY,
    modules: [bytes],
    resolve: (id) => dependency(file?.abi.id, id, inForce),
    natives: { has: (module, name) => STANDARD_NATIVES.has(`${formatModuleId(module)}::${name}`) },
  });
  return {
    path,
    size: bytes.length,
    module: file?.name,
    version: read.ok ? read.value.version : undefined,
    dependencies: file?.dependencies.map(formatModuleId) ?? [],
    refusal: result.ok ? undefined : refusal(read.ok ? read.value : undefined, result.error),
  };
}

/** The module itself replaces nothing. */
function dependency(
  own: ModuleId | undefined,
  id: ModuleId,
  inForce: ModuleFiles,
): CompiledModule | undefined {
  const name = formatModuleId(id);
  const isOwn = own !== undefined && name === formatModuleId(own);
  return isOwn ? undefined : inForce.get(name)?.module;
}

function refusal(module: CompiledModule | undefined, error: PublishError): Refusal {
  const { status, detail } = error;
  return { status, detail, place: place(module, error) };
}

function place(
  module: CompiledModule | undefined,
  { location, byteOffset }: PublishError,
): Refusal["place"] {
  if (byteOffset !== undefined) return { kind: "byte", offset: byteOffset };
  if (location === undefined) return undefined;
  if ("table" in location) return { kind: "table", ...location };
  const { functionIndex, offset } = location;
  const definition = module?.functionDefinitions[functionIndex];
  const handle = definition && module?.functionHandles[definition.handle];
  const instruction = definition?.code?.code[offset];
  return {
    kind: "code",
    functionIndex,
    functionName: handle && module?.identifiers[handle.name],
    offset,
    instruction: module && instruction && disassembleInstruction(module, instruction),
  };
}
