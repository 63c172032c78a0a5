/** A set of natives by name, passed to an executor as a value; nothing registers itself. */
import { assert } from "../core/assert.ts";
import { ACTION_NATIVES } from "./action.ts";
import { BCS_NATIVES } from "./bcs.ts";
import { CMP_NATIVES } from "./cmp.ts";
import { CREATE_SIGNER_NATIVES } from "./create-signer.ts";
import { ED25519_NATIVES } from "./ed25519.ts";
import { EVENT_NATIVES } from "./event.ts";
import { FROM_BCS_NATIVES } from "./from-bcs.ts";
import { HASH_NATIVES } from "./hash.ts";
import type { NativeFunction } from "./native.ts";
import { SIGNER_NATIVES } from "./signer.ts";
import { STRING_NATIVES } from "./string.ts";
import { TABLE_NATIVES } from "./table.ts";
import { TYPE_INFO_NATIVES } from "./type-info.ts";
import { VECTOR_NATIVES } from "./vector.ts";

/** Natives by `0x1::module::function`. */
export type NativeRegistry = ReadonlyMap<string, NativeFunction>;

/** Asserts that no native is named twice. */
export function createNativeRegistry(natives: readonly NativeFunction[]): NativeRegistry {
  const registry = new Map<string, NativeFunction>();
  for (const native of natives) {
    const name = `${native.module}::${native.name}`;
    assert(!registry.has(name), `native ${name} is defined once`);
    registry.set(name, native);
  }
  return registry;
}

/** What every chain and every channel offers at 0x1. */
export const STANDARD_NATIVES: NativeRegistry = createNativeRegistry([
  ...ACTION_NATIVES,
  ...BCS_NATIVES,
  ...CMP_NATIVES,
  ...CREATE_SIGNER_NATIVES,
  ...ED25519_NATIVES,
  ...EVENT_NATIVES,
  ...FROM_BCS_NATIVES,
  ...HASH_NATIVES,
  ...SIGNER_NATIVES,
  ...STRING_NATIVES,
  ...TABLE_NATIVES,
  ...TYPE_INFO_NATIVES,
  ...VECTOR_NATIVES,
]);
