/**
 * What a closed type is made of, one level at a time: names and tags of fields. Whoever decodes
 * stored bytes asks again for the fields' types, so that no type can make an answer large.
 */

import type { CompiledModule, FieldDefinition } from "../binary-format/file-format.ts";
import { entryAt as entryOf, identifierAt } from "../binary-format/module-view.ts";
import type { Identifier } from "../core/identifier.ts";
import type { PrimitiveName, StructTag, TypeTag } from "../core/type-tag.ts";
import { membersOf } from "./closed-types.ts";
import { failInvariant } from "./failure.ts";
import { isReference, type RuntimeType, type StructType, structTagOf, tagOf } from "./types.ts";

export interface FieldLayout {
  readonly name: Identifier;
  readonly type: TypeTag;
}

export type TypeLayout =
  | { readonly kind: PrimitiveName }
  | { readonly kind: "vector"; readonly element: TypeTag }
  | { readonly kind: "struct"; readonly tag: StructTag; readonly fields: readonly FieldLayout[] }
  | {
      readonly kind: "enum";
      readonly tag: StructTag;
      readonly variants: readonly {
        readonly name: Identifier;
        readonly fields: readonly FieldLayout[];
      }[];
    };

/** Fails, with a status, for references and for tags that nest too deep. */
export function layoutOfType(type: RuntimeType): TypeLayout {
  if (isReference(type)) return failInvariant("a reference has no layout");
  if (type.kind === "vector") return { kind: "vector", element: tagOf(type.element) };
  if (type.kind === "struct") return structLayout(type);
  return { kind: type.kind };
}

function structLayout(type: StructType): TypeLayout {
  const tag = structTagOf(type);
  const members = membersOf(type);
  const { module, definition } = type.definition;
  const { layout } = definition;
  if (members.kind === "fields") {
    const fields = layout.kind === "fields" ? layout.fields : [];
    return { kind: "struct", tag, fields: fieldLayouts(module.module, fields, members.fields) };
  }
  const variants = layout.kind === "variants" ? layout.variants : [];
  return {
    kind: "enum",
    tag,
    variants: variants.map(({ name, fields }, index) => ({
      name: identifierAt(module.module, name),
      fields: fieldLayouts(module.module, fields, entryOf(members.variants, index)),
    })),
  };
}

function fieldLayouts(
  module: CompiledModule,
  fields: readonly FieldDefinition[],
  types: readonly RuntimeType[],
): readonly FieldLayout[] {
  return fields.map(({ name }, index) => ({
    name: identifierAt(module, name),
    type: tagOf(entryOf(types, index)),
  }));
}
