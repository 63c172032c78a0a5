/** What a module offers about its structs to others: constructors, and accessors to every field. */

import type { FunctionModel, Passed } from "./function-model.ts";
import { functionHeadLine, type WrittenFunction } from "./function-writer.ts";
import { memberLine } from "./places.ts";
import type { DataType, FieldModel, StructModel } from "./type-model.ts";

type StructType = Extract<DataType, { readonly kind: "struct" }>;

export function writeConstructors(struct: StructModel): readonly WrittenFunction[] {
  const typeArgs = struct.phantoms.map((_, index): DataType => ({ kind: "parameter", index }));
  const type: StructType = { kind: "struct", struct, typeArgs };
  if (struct.variants === undefined) {
    return [
      writeConstructor(type, `new_${struct.name}`, struct.fields, memberLine("pack", type)),
      ...struct.fields.flatMap((field) => writeAccessors(type, field, "", "field")),
    ];
  }
  const pack = memberLine("pack_variant", type);
  return struct.variants.flatMap((variant) => [
    writeConstructor(
      type,
      `new_${struct.name}_${variant.name}`,
      variant.fields,
      `${pack}::${variant.name}`,
    ),
    ...variant.fields.flatMap((field) =>
      writeAccessors(type, field, `::${variant.name}`, "variant_field"),
    ),
  ]);
}

function writeConstructor(
  type: StructType,
  name: string,
  fields: readonly FieldModel[],
  pack: string,
): WrittenFunction {
  const parameters = fields.map((field): Passed => ({ passing: "value", type: field.type }));
  const model = helper(type.struct, name, parameters, { passing: "value", type });
  const moves = fields.map((_, index) => `  move_loc p${index}`);
  return { model, lines: [functionHeadLine(model), ...moves, `  ${pack}`, "  ret"] };
}

/** A shared and a mutable one. */
function writeAccessors(
  type: StructType,
  field: FieldModel,
  suffix: string,
  what: "field" | "variant_field",
): readonly WrittenFunction[] {
  return (["reference", "mutable"] as const).map((passing) => {
    const mode = passing === "mutable" ? "mut" : "imm";
    const name = `${mode}_${type.struct.name}${suffix.replace("::", "_")}_${field.name}`;
    const parameters: readonly Passed[] = [{ passing, type }];
    const model = helper(type.struct, name, parameters, { passing, type: field.type });
    const borrow = `${memberLine(`${mode}_borrow_${what}`, type)}${suffix}.${field.name}`;
    const lines = [functionHeadLine(model), "  move_loc p0", `  ${borrow}`, "  ret"];
    return { model, lines };
  });
}

function helper(
  { module, phantoms }: StructModel,
  name: string,
  parameters: readonly Passed[],
  returned: Passed,
): FunctionModel {
  return {
    module,
    name,
    visibility: "public",
    isEntry: false,
    typeParameterCount: phantoms.length,
    takesSigner: false,
    isRecursive: false,
    parameters,
    returns: [returned],
    acquires: new Set(),
  };
}
