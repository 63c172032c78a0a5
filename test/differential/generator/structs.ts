/** Struct declarations of generated modules: which there are, and their text. */
import { below, between, type Choices, pick, pickWeighted, rarely } from "./choices.ts";
import {
  ADDRESS,
  BOOL,
  type DataType,
  depthOf,
  type FieldModel,
  type IntegerName,
  type StructModel,
  scalar,
  typeText,
  U64,
  type VariantModel,
  vectorOf,
} from "./type-model.ts";

/** What types may be built from. */
export interface TypeSource {
  readonly structs: readonly StructModel[];
  readonly typeParameterCount: number;
  /** Those that the version of the format has. */
  readonly integers: readonly IntegerName[];
}

const DATA_ABILITIES = ["copy", "drop", "store"];
const RESOURCE_ABILITIES = [
  ["key"],
  ["key", "store"],
  ["key", "drop"],
  ["key", "copy", "drop", "store"],
];
const TYPE_DEPTH_MAX = 6;

/** A type of values that can be copied, dropped and stored. `u64` when nothing is left to read. */
export function chooseType(choices: Choices, source: TypeSource, depth = 2): DataType {
  const kind = pickWeighted(choices, [
    [5, "integer"],
    [1, "bool"],
    [1, "address"],
    [depth > 0 ? 3 : 0, "vector"],
    [depth > 0 && source.structs.length > 0 ? 5 : 0, "struct"],
    [source.typeParameterCount > 0 ? 4 : 0, "parameter"],
  ] as const);
  switch (kind) {
    case "integer":
      return scalar(pick(choices, source.integers));
    case "bool":
      return BOOL;
    case "address":
      return ADDRESS;
    case "vector":
      return vectorOf(chooseType(choices, source, depth - 1));
    case "struct": {
      const struct = pick(choices, source.structs);
      const type: DataType = {
        kind: "struct",
        struct,
        typeArgs: struct.phantoms.map(() => chooseType(choices, source, depth - 1)),
      };
      return depthOf(type) > TYPE_DEPTH_MAX ? U64 : type;
    }
    case "parameter":
      return { kind: "parameter", index: below(choices, source.typeParameterCount) };
  }
}

/** A struct or enum of plain data. */
export function chooseStruct(
  choices: Choices,
  module: string,
  name: string,
  source: TypeSource,
  mayBeEnum: boolean,
): StructModel {
  const phantoms = choosePhantoms(choices);
  const head = { module, name, abilities: DATA_ABILITIES, phantoms };
  if (!mayBeEnum || below(choices, 2) === 0) {
    return { ...head, fields: chooseFields(choices, source, phantoms, 1, 4) };
  }
  const common = rarely(choices, 3) ? [] : chooseFields(choices, source, phantoms, 1, 1);
  const variants = Array.from({ length: between(choices, 1, 4) }, (_, index): VariantModel => {
    const fields = below(choices, 3) === 2 ? [] : [...common, ...own(choices, source, phantoms)];
    return { name: `V${index}`, fields };
  });
  return { ...head, fields: [], variants };
}

function own(choices: Choices, source: TypeSource, phantoms: readonly boolean[]): FieldModel[] {
  return chooseFields(choices, source, phantoms, 0, 2).map(({ name, type }) => ({
    name: `own_${name}`,
    type,
  }));
}

/** A struct with `key`. */
export function chooseResource(
  choices: Choices,
  module: string,
  name: string,
  source: TypeSource,
): StructModel {
  const phantoms = choosePhantoms(choices);
  const abilities = pick(choices, RESOURCE_ABILITIES);
  return {
    module,
    name,
    abilities,
    phantoms,
    fields: chooseFields(choices, source, phantoms, 1, 3),
  };
}

function choosePhantoms(choices: Choices): readonly boolean[] {
  const count = pickWeighted(choices, [
    [4, 0],
    [3, 1],
    [1, 2],
  ] as const);
  return Array.from({ length: count }, () => rarely(choices, 3));
}

/** Fields of types that use the struct's parameters wherever they are not phantom. */
function chooseFields(
  choices: Choices,
  source: TypeSource,
  phantoms: readonly boolean[],
  least: number,
  most: number,
): FieldModel[] {
  return Array.from({ length: between(choices, least, most) }, (_, index) => {
    const parameter = below(choices, phantoms.length + 1) - 1;
    const isUsable = parameter >= 0 && phantoms[parameter] === false;
    const plain = chooseType(choices, { ...source, typeParameterCount: 0 }, 2);
    const type: DataType = isUsable ? { kind: "parameter", index: parameter } : plain;
    return { name: `f${index}`, type: isUsable && rarely(choices, 3) ? vectorOf(type) : type };
  });
}

/** The declaration as the assembler reads it. */
export function structLines({
  name,
  abilities,
  phantoms,
  fields,
  variants,
}: StructModel): string[] {
  const parameters = parametersText(phantoms);
  const has = abilities.length === 0 ? "" : ` has ${abilities.join(", ")}`;
  const head = `${variants === undefined ? "struct" : "enum"} ${name}${parameters}${has}`;
  const fieldText = (field: FieldModel) => `${field.name}: ${typeText(field.type)}`;
  const body =
    variants === undefined
      ? fields.map(fieldText)
      : variants.map((variant) =>
          variant.fields.length === 0
            ? variant.name
            : `${variant.name} { ${variant.fields.map(fieldText).join(", ")} }`,
        );
  return [head, ...body.map((line) => `  ${line}`)];
}

/** A struct of another module. */
export function structImportLine({ module, name, abilities, phantoms }: StructModel): string {
  const has = abilities.length === 0 ? "" : ` has ${abilities.join(", ")}`;
  return `import struct ${module}::${name}${parametersText(phantoms)}${has}`;
}

function parametersText(phantoms: readonly boolean[]): string {
  if (phantoms.length === 0) return "";
  const names = phantoms.map((phantom, index) => `${phantom ? "phantom " : ""}T${index}`);
  return `<${names.join(", ")}>`;
}
