/**
 * The algebra of abilities: what a type may do, given what its parts may do. Having copy, drop or
 * store asks the same of every part; having key asks store of every part. A phantom parameter is no
 * part.
 */
import {
  ABILITIES_NONE,
  ABILITY_COPY,
  ABILITY_DROP,
  ABILITY_KEY,
  ABILITY_STORE,
  type AbilitySet,
} from "./file-format.ts";

export const PRIMITIVE_ABILITIES: AbilitySet = ABILITY_COPY | ABILITY_DROP | ABILITY_STORE;
export const VECTOR_ABILITIES: AbilitySet = ABILITY_COPY | ABILITY_DROP | ABILITY_STORE;
export const REFERENCE_ABILITIES: AbilitySet = ABILITY_COPY | ABILITY_DROP;
export const SIGNER_ABILITIES: AbilitySet = ABILITY_DROP;

const ABILITIES = [ABILITY_COPY, ABILITY_DROP, ABILITY_STORE, ABILITY_KEY];

/** Whether `given` has every ability of `required`. */
export function hasAbilities(given: AbilitySet, required: AbilitySet): boolean {
  return (given & required) === required;
}

/** What having `abilities` asks of every part. */
export function requiredOfParts(abilities: AbilitySet): AbilitySet {
  const isStored = (abilities & (ABILITY_STORE | ABILITY_KEY)) !== 0;
  return (abilities & (ABILITY_COPY | ABILITY_DROP)) | (isStored ? ABILITY_STORE : ABILITIES_NONE);
}

/** The declared abilities that parts of these abilities allow. */
export function abilitiesWithParts(declared: AbilitySet, parts: Iterable<AbilitySet>): AbilitySet {
  let shared: AbilitySet = declared;
  for (const part of parts) {
    for (const ability of ABILITIES) {
      if (!hasAbilities(part, requiredOfParts(ability))) shared &= ~ability;
    }
  }
  return shared;
}

/** For people: `copy, drop`. */
export function formatAbilities(abilities: AbilitySet): string {
  const names = ["copy", "drop", "store", "key"].filter(
    (_, position) => (abilities & (1 << position)) !== 0,
  );
  return names.length === 0 ? "no ability" : names.join(", ");
}
