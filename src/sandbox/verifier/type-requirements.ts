/**
 * What a type needs to be well formed and to have given abilities: nothing that can be refused
 * outright, and so much of each type parameter in it. Works from the outside in, so a type is
 * walked once whatever is asked of it.
 */
import {
  formatAbilities,
  hasAbilities,
  PRIMITIVE_ABILITIES,
  REFERENCE_ABILITIES,
  requiredOfParts,
  SIGNER_ABILITIES,
  VECTOR_ABILITIES,
} from "../binary-format/abilities.ts";
import {
  ABILITIES_NONE,
  type AbilitySet,
  type CompiledModule,
  type SignatureToken,
  type StructTypeParameter,
} from "../binary-format/file-format.ts";
import { entryAt, structHandleAt } from "../binary-format/module-view.ts";
import { refuse, type VerificationLocation } from "./error.ts";
import { charge, type Meter } from "./meter.ts";
import type { VerificationStatus } from "./statuses.ts";

/** Abilities asked of each type parameter, by its index; a hole where nothing is asked. */
export type Requirements = (AbilitySet | undefined)[];

export interface RequirementSink {
  readonly module: CompiledModule;
  readonly meter: Meter;
  readonly location: VerificationLocation;
  /** Where requirements are added up. */
  readonly into: Requirements;
  /** Status of a missing ability. */
  readonly onMissing?: VerificationStatus;
}

export type ReferenceRule = "referenceAllowed" | "noReference";

/**
 * Adds up what `token` needs in order to have `required`.
 *
 * @throws VerificationFailure INVALID_SIGNATURE_TOKEN for a misplaced reference,
 * CONSTRAINT_NOT_SATISFIED (or what the sink says) for an ability that no type argument can bring.
 */
export function requirementsOf(
  sink: RequirementSink,
  token: SignatureToken,
  required: AbilitySet,
  references: ReferenceRule,
): void {
  charge(sink.meter, 1);
  switch (token.kind) {
    case "typeParameter":
      if (required !== ABILITIES_NONE) {
        sink.into[token.index] = (sink.into[token.index] ?? ABILITIES_NONE) | required;
      }
      break;
    case "reference":
    case "mutableReference":
      if (references === "noReference") {
        refuse("INVALID_SIGNATURE_TOKEN", "a reference inside a type", sink.location);
      }
      checkAbilities(sink, REFERENCE_ABILITIES, required);
      requirementsOf(sink, token.to, ABILITIES_NONE, "noReference");
      break;
    case "vector":
      checkAbilities(sink, VECTOR_ABILITIES, required);
      requirementsOf(sink, token.element, requiredOfParts(required), "noReference");
      break;
    case "struct":
      checkAbilities(sink, structHandleAt(sink.module, token.handle).abilities, required);
      break;
    case "structInstantiation": {
      const handle = structHandleAt(sink.module, token.handle);
      checkAbilities(sink, handle.abilities, required);
      for (const [position, argument] of token.typeArgs.entries()) {
        const { constraints, isPhantom } = entryAt(handle.typeParameters, position);
        const asked = isPhantom ? constraints : constraints | requiredOfParts(required);
        requirementsOf(sink, argument, asked, "noReference");
      }
      break;
    }
    case "signer":
      checkAbilities(sink, SIGNER_ABILITIES, required);
      break;
    default:
      checkAbilities(sink, PRIMITIVE_ABILITIES, required);
  }
}

/**
 * Refuses a phantom parameter where its values would exist. A phantom promises that no value of it
 * is inside, which is why an instance may have abilities that the argument lacks.
 */
export function checkPhantomPositions(
  module: CompiledModule,
  parameters: readonly StructTypeParameter[],
  token: SignatureToken,
  location: VerificationLocation,
  isPhantomPosition = false,
): void {
  const recurse = (inner: SignatureToken, isPhantom: boolean): void =>
    checkPhantomPositions(module, parameters, inner, location, isPhantom);
  switch (token.kind) {
    case "vector":
      recurse(token.element, false);
      break;
    case "structInstantiation":
      for (const [position, argument] of token.typeArgs.entries()) {
        const { typeParameters } = structHandleAt(module, token.handle);
        recurse(argument, entryAt(typeParameters, position).isPhantom);
      }
      break;
    case "typeParameter":
      if (!isPhantomPosition && entryAt(parameters, token.index).isPhantom) {
        refuse(
          "INVALID_PHANTOM_TYPE_PARAM_POSITION",
          `phantom type parameter ${token.index} is used as a value`,
          location,
        );
      }
      break;
    default:
  }
}

function checkAbilities(sink: RequirementSink, given: AbilitySet, required: AbilitySet): void {
  if (hasAbilities(given, required)) return;
  refuse(
    sink.onMissing ?? "CONSTRAINT_NOT_SATISFIED",
    `a type with ${formatAbilities(given)} where ${formatAbilities(required)} is needed`,
    sink.location,
  );
}
