/**
 * From a function handle to the function it calls, checking on the way that the caller may and that
 * both agree.
 */
import { hasAbilities } from "../binary-format/abilities.ts";
import type { Signature } from "../binary-format/file-format.ts";
import { moduleKey } from "../core/identifier.ts";
import { entryAt, fail } from "./failure.ts";
import type { LinkedModule } from "./linked-module.ts";
import type { FunctionResolver, FunctionShell, ResolvedFunction } from "./machine-model.ts";
import { tokenText } from "./native-signature.ts";
import { resolveFunction } from "./resolved-function.ts";
import type { RuntimeType } from "./types.ts";

/** The function behind handle `index` of the caller's module. */
export function calleeOf(
  resolver: FunctionResolver,
  caller: FunctionShell,
  index: number,
  typeArgs: readonly RuntimeType[],
): ResolvedFunction {
  const { module: linked } = caller;
  const handle = entryAt(linked.module.functionHandles, index, "function handle");
  const owner = entryAt(linked.imports, handle.module, "module handle");
  const name = entryAt(linked.module.identifiers, handle.name, "identifier");
  const found = owner.functionByName.get(name);
  if (found === undefined) {
    return fail("FUNCTION_RESOLUTION_FAILURE", `there is no ${owner.key}::${name}`);
  }
  if (owner !== linked) checkLink(linked, index, owner, found);
  return resolveFunction(resolver, owner, found, typeArgs);
}

function checkLink(
  caller: LinkedModule,
  handleIndex: number,
  owner: LinkedModule,
  definitionIndex: number,
): void {
  const named = entryAt(caller.module.functionHandles, handleIndex, "function handle");
  const definition = entryAt(owner.module.functionDefinitions, definitionIndex, "function");
  const defined = entryAt(owner.module.functionHandles, definition.handle, "function handle");
  const isFriend = owner.module.friends.some(
    ({ address, name }) =>
      moduleKey({
        address: entryAt(owner.module.addresses, address, "address"),
        name: entryAt(owner.module.identifiers, name, "identifier"),
      }) === caller.key,
  );
  const isVisible =
    definition.visibility === "public" || (definition.visibility === "friend" && isFriend);
  if (!isVisible) fail("LINKER_ERROR", "the called function is not visible");
  // The caller may ask more of its type arguments than is needed: an upgrade can drop constraints.
  const agrees =
    named.typeParameters.length === defined.typeParameters.length &&
    named.typeParameters.every((asked, index) =>
      hasAbilities(asked, entryAt(defined.typeParameters, index, "type parameter")),
    ) &&
    sameSignature(caller, named.parameters, owner, defined.parameters) &&
    sameSignature(caller, named.returns, owner, defined.returns);
  if (!agrees) fail("LINKER_ERROR", "the called function is declared otherwise");
}

function sameSignature(a: LinkedModule, aIndex: number, b: LinkedModule, bIndex: number): boolean {
  const signatureText = (linked: LinkedModule, signature: Signature) =>
    signature.map((token) => tokenText(linked, token)).join();
  return (
    signatureText(a, entryAt(a.module.signatures, aIndex, "signature")) ===
    signatureText(b, entryAt(b.module.signatures, bIndex, "signature"))
  );
}
