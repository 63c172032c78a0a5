/**
 * Types under the full names of their structs, which are the same in every module, unlike handles.
 * All but {@link tokenText} only for modules that the bounds pass has accepted.
 */
import { formatModuleId } from "../core/identifier.ts";
import type { CompiledModule, Signature, SignatureToken } from "./file-format.ts";
import { identifierAt, moduleIdAt, structHandleAt } from "./module-view.ts";

/** Text that is equal for equal types, whichever modules they stand in. */
export function qualifiedType(module: CompiledModule, token: SignatureToken): string {
  return tokenText(token, (handle) => qualifiedStruct(module, handle));
}

/** A type in Move's notation, with its structs as `structText` shows their handles. */
export function tokenText(token: SignatureToken, structText: (handle: number) => string): string {
  switch (token.kind) {
    case "vector":
      return `vector<${tokenText(token.element, structText)}>`;
    case "reference":
      return `&${tokenText(token.to, structText)}`;
    case "mutableReference":
      return `&mut ${tokenText(token.to, structText)}`;
    case "typeParameter":
      return `T${token.index}`;
    case "struct":
      return structText(token.handle);
    case "structInstantiation": {
      const args = token.typeArgs.map((arg) => tokenText(arg, structText));
      return `${structText(token.handle)}<${args.join(", ")}>`;
    }
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
