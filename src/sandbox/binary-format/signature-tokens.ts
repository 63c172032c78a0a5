/**
 * Walks and names types as the tables hold them. Their depth is bounded by the format, so recursion
 * is safe.
 */
import { assertNever } from "../core/assert.ts";
import type { Signature, SignatureToken } from "./file-format.ts";

/** Types directly inside a type. */
export function childrenOf(token: SignatureToken): readonly SignatureToken[] {
  switch (token.kind) {
    case "vector":
      return [token.element];
    case "reference":
    case "mutableReference":
      return [token.to];
    case "structInstantiation":
      return token.typeArgs;
    default:
      return [];
  }
}

/** Calls `visit` for the type and every type inside it, outermost first. */
export function visitTokens(token: SignatureToken, visit: (token: SignatureToken) => void): void {
  visit(token);
  for (const child of childrenOf(token)) visitTokens(child, visit);
}

export function isReference(token: SignatureToken): boolean {
  return token.kind === "reference" || token.kind === "mutableReference";
}

/** Highest type parameter that the types mention; -1 where they mention none. */
export function maxTypeParameter(signature: Signature): number {
  let highest = -1;
  for (const token of signature) {
    visitTokens(token, (inner) => {
      if (inner.kind === "typeParameter") highest = Math.max(highest, inner.index);
    });
  }
  return highest;
}

/** Text that is equal for equal types of one module and different for different ones. */
export function tokenKey(token: SignatureToken): string {
  switch (token.kind) {
    case "vector":
      return `vector<${tokenKey(token.element)}>`;
    case "reference":
      return `&${tokenKey(token.to)}`;
    case "mutableReference":
      return `&mut ${tokenKey(token.to)}`;
    case "struct":
      return `#${token.handle}`;
    case "structInstantiation":
      return `#${token.handle}<${signatureKey(token.typeArgs)}>`;
    case "typeParameter":
      return `T${token.index}`;
    case "bool":
    case "u8":
    case "u16":
    case "u32":
    case "u64":
    case "u128":
    case "u256":
    case "address":
    case "signer":
      return token.kind;
    default:
      return assertNever(token);
  }
}

/** {@link tokenKey} of a list of types. */
export function signatureKey(signature: Signature): string {
  return signature.map(tokenKey).join(",");
}
