/**
 * Compares a native's declared signature with the one the executor implements, so that no module
 * can misuse it.
 */
import type { FunctionHandle, SignatureToken } from "../binary-format/file-format.ts";
import type { NativeFunction } from "../natives/native.ts";
import { entryAt, fail } from "./failure.ts";
import type { LinkedModule } from "./linked-module.ts";

/** Any type. */
const WILDCARD = "*";

/** Fails with `LINKER_ERROR` unless the declaration is the implemented one. */
export function checkNativeSignature(
  linked: LinkedModule,
  handle: FunctionHandle,
  native: NativeFunction,
): void {
  const parameters = entryAt(linked.module.signatures, handle.parameters, "signature");
  const returns = entryAt(linked.module.signatures, handle.returns, "signature");
  const agrees =
    handle.typeParameters.length === native.typeParameters &&
    matches(linked, parameters, native.parameters) &&
    matches(linked, returns, native.returns);
  if (!agrees) fail("LINKER_ERROR", `${native.module}::${native.name} is declared otherwise`);
}

function matches(
  linked: LinkedModule,
  tokens: readonly SignatureToken[],
  expected: readonly string[],
): boolean {
  return (
    tokens.length === expected.length &&
    tokens.every((token, index) => {
      const text = expected[index];
      return text === WILDCARD || text === tokenText(linked, token);
    })
  );
}

/** A signature token as Move writes it, `#0` for the first type parameter. */
export function tokenText(linked: LinkedModule, token: SignatureToken): string {
  switch (token.kind) {
    case "vector":
      return `vector<${tokenText(linked, token.element)}>`;
    case "reference":
      return `&${tokenText(linked, token.to)}`;
    case "mutableReference":
      return `&mut ${tokenText(linked, token.to)}`;
    case "typeParameter":
      return `#${token.index}`;
    case "struct":
      return structText(linked, token.handle);
    case "structInstantiation": {
      const args = token.typeArgs.map((arg) => tokenText(linked, arg));
      return `${structText(linked, token.handle)}<${args.join(", ")}>`;
    }
    default:
      return token.kind;
  }
}

function structText(linked: LinkedModule, index: number): string {
  const handle = entryAt(linked.module.structHandles, index, "struct handle");
  const owner = entryAt(linked.imports, handle.module, "module handle");
  return `${owner.key}::${entryAt(linked.module.identifiers, handle.name, "identifier")}`;
}
