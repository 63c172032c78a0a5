/** Move identifiers and the names built from them. */

import type { Address } from "./address.ts";
import { formatAddress, parseAddress } from "./address.ts";
import type { Brand } from "./brand.ts";

export type Identifier = Brand<string, "Identifier">;

export const IDENTIFIER_SIZE_MAX = 255;

/**
 * Move's rule: a letter then letters, digits and `_`, or `_` then at least one of those; `<SELF>`
 * is the name of a script's pseudo module.
 */
export function parseIdentifier(text: string): Identifier | undefined {
  const valid =
    text.length <= IDENTIFIER_SIZE_MAX &&
    /^(?:[a-zA-Z][a-zA-Z0-9_]*|_[a-zA-Z0-9_]+|<SELF>)$/.test(text);
  return valid ? (text as Identifier) : undefined;
}

export interface ModuleId {
  readonly address: Address;
  readonly name: Identifier;
}

/** `0x1::coin`: unique, so it keys maps of modules. */
export type ModuleKey = Brand<string, "ModuleKey">;

const moduleKeys = new WeakMap<ModuleId, ModuleKey>();

/** Remembered for the id object, of which every call brings the same ones again. */
export function moduleKey(id: ModuleId): ModuleKey {
  const known = moduleKeys.get(id);
  if (known !== undefined) return known;
  const key = `${formatAddress(id.address)}::${id.name}` as ModuleKey;
  moduleKeys.set(id, key);
  return key;
}

export function formatModuleId(id: ModuleId): string {
  return moduleKey(id);
}

/** `0x1::coin`; undefined for anything else. */
export function parseModuleId(text: string): ModuleId | undefined {
  const [addressText, nameText, ...rest] = text.split("::");
  if (addressText === undefined || nameText === undefined || rest.length > 0) return undefined;
  const address = parseAddress(addressText);
  const name = parseIdentifier(nameText);
  if (address === undefined || name === undefined) return undefined;
  return { address, name };
}

export interface FunctionId {
  readonly module: ModuleId;
  readonly name: Identifier;
}

export function formatFunctionId(id: FunctionId): string {
  return `${formatModuleId(id.module)}::${id.name}`;
}

/** Reads `0x1::module::function`. */
export function parseFunctionId(text: string): FunctionId | undefined {
  const cut = text.lastIndexOf("::");
  if (cut < 0) return undefined;
  const module = parseModuleId(text.slice(0, cut));
  const name = parseIdentifier(text.slice(cut + 2));
  if (module === undefined || name === undefined) return undefined;
  return { module, name };
}
