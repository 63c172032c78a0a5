/**
 * Types under the full names of their structs, which are the same in every module, unlike handles.
 * Only for modules that the bounds pass has accepted.
 */
import { formatModuleId } from "../core/identifier.ts";
import type { CompiledModule, Signature, SignatureToken } from "./file-format.ts";
import { identifierAt, moduleIdAt, structHandleAt } from "./module-view.ts";

/** Text that is equal for equal types, whichever modules they stand in. */
export function qualifiedType(module: CompiledModule, token: SignatureToken): string {
  switch (token.kind) {
    case "vector":
      return `vector<${qualifiedType(module, token.element)}>`;
    case "reference":
      return `&${qualifiedType(module, token.to)}`;
    case "mutableReference":
      return `&mut ${qualifiedType(module, token.to)}`;
    case "struct":
      return qualifiedStruct(module, token.handle);
    case "structInstantiation": {
      const name = qualifiedStruct(module, token.handle);
      return `${name}<${qualifiedTypes(module, token.typeArgs)}>`;
    }
    case "typeParameter":
      return `T${token.index}`;
    default:
      return token.kind;
  }
}

/** {@link qualifiedType} of a list of types. */
export function qualifiedTypes(module: CompiledModule, signature: Signature): string {
  return signature.map((token) => qualifiedType(module, token)).join(", ");
}

function qualifiedStruct(module: CompiledModule, handle: number): string {
  const { module: owner, name } = structHandleAt(module, handle);
  return `${formatModuleId(moduleIdAt(module, owner))}::${identifierAt(module, name)}`;
}
