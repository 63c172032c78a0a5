/** One function body under verification, with what every pass over it needs. */
import type {
  CodeOffset,
  CompiledModule,
  FunctionDefinition,
  FunctionDefinitionIndex,
  FunctionHandle,
  Instruction,
  Signature,
  StructDefinitionIndex,
} from "../binary-format/file-format.ts";
import {
  functionHandleAt,
  parametersOf,
  returnsOf,
  signatureAt,
} from "../binary-format/module-view.ts";
import type { VerifierConfig } from "./config.ts";
import { refuse } from "./error.ts";
import type { Meter } from "./meter.ts";
import type { VerificationStatus } from "./statuses.ts";

export interface FunctionContext {
  readonly module: CompiledModule;
  readonly config: VerifierConfig;
  readonly meter: Meter;
  readonly index: FunctionDefinitionIndex;
  readonly handle: FunctionHandle;
  readonly code: readonly Instruction[];
  /** Types of the parameters, then of the other locals, by local index. */
  readonly locals: Signature;
  readonly parameterCount: number;
  readonly returns: Signature;
  readonly acquires: readonly StructDefinitionIndex[];
}

/** Undefined for a native function, which has no body. */
export function functionContext(
  module: CompiledModule,
  config: VerifierConfig,
  meter: Meter,
  index: FunctionDefinitionIndex,
  definition: FunctionDefinition,
): FunctionContext | undefined {
  if (definition.code === undefined) return undefined;
  const handle = functionHandleAt(module, definition.handle);
  const parameters = parametersOf(module, handle);
  return {
    module,
    config,
    meter,
    index,
    handle,
    code: definition.code.code,
    locals: [...parameters, ...signatureAt(module, definition.code.locals)],
    parameterCount: parameters.length,
    returns: returnsOf(module, handle),
    acquires: definition.acquires,
  };
}

/** Refuses the instruction at `offset`. */
export function refuseAt(
  context: Pick<FunctionContext, "index">,
  offset: CodeOffset,
  status: VerificationStatus,
  detail: string,
): never {
  return refuse(status, detail, { functionIndex: context.index, offset });
}
