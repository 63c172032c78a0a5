/** How a transaction ended, in the profile's words (section 5, `vm_status`). */
import { formatModuleId, type ModuleId } from "#core/identifier.ts";
import type { VmStatus } from "#core/status.ts";
import { abiOf, type ModuleAbi, type ModuleSource } from "#sandbox";
import { errorNameOf, metadataOf } from "./module-metadata.ts";

/** @param source where the names of functions and errors are looked up. */
export function statusText(source: ModuleSource, status: VmStatus): string {
  switch (status.type) {
    case "executed":
      return "Executed successfully";
    case "aborted":
      return abortText(source, status.location.module, status.code);
    case "failed": {
      if (status.status === "OUT_OF_GAS") return "Out of gas";
      if (status.location === undefined) return status.status;
      const { module, functionIndex, offset } = status.location;
      const name = abiAt(source, module)?.functions[functionIndex]?.name ?? `${functionIndex}`;
      return `Execution failed in ${formatModuleId(module)}::${name} at code offset ${offset}`;
    }
  }
}

function abortText(source: ModuleSource, module: ModuleId, code: bigint): string {
  const place = `Move abort in ${formatModuleId(module)}`;
  const number = `0x${code.toString(16)}`;
  const abi = abiAt(source, module);
  const known = abi && errorNameOf(metadataOf(abi), code);
  return known === undefined
    ? `${place}: ${number}`
    : `${place}: ${known.name}(${number}): ${known.description}`;
}

function abiAt(source: ModuleSource, module: ModuleId): ModuleAbi | undefined {
  const bytes = source.get(module);
  const abi = bytes && abiOf(bytes);
  return abi?.ok === true ? abi.value : undefined;
}
