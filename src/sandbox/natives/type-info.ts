/**
 * `0x1::type_name` and `0x1::type_info`: types as text. Addresses are written as in
 * `formatTypeTag`, arguments are joined by `, `.
 */
import { assert } from "../core/assert.ts";
import { utf8 } from "../core/bytes.ts";
import { formatTypeTag, type TypeTag } from "../core/type-tag.ts";
import { NATIVE_PRICES, nativeGas } from "../gas/schedule.ts";
import { aborted, type NativeFunction, type PlainValue, returned } from "./native.ts";

/** Abort code of `type_of` for a type that is no struct. */
const NOT_A_STRUCT = 1n;

const HEAD = { kind: "plain", typeParameters: 1, parameters: [] } as const;

function gas(_args: readonly PlainValue[], typeArgs: readonly TypeTag[]): number {
  return nativeGas(NATIVE_PRICES.typeName, nameOf(typeArgs).length);
}

export const TYPE_INFO_NATIVES: readonly NativeFunction[] = [
  {
    ...HEAD,
    module: "0x1::type_name",
    name: "get",
    returns: ["0x1::type_name::TypeName"],
    gas,
    // TypeName { name: String { bytes } }
    run: (_args, typeArgs) => returned([[nameOf(typeArgs)]]),
  },
  {
    ...HEAD,
    module: "0x1::type_info",
    name: "type_name",
    returns: ["0x1::string::String"],
    gas,
    run: (_args, typeArgs) => returned([nameOf(typeArgs)]),
  },
  {
    ...HEAD,
    module: "0x1::type_info",
    name: "type_of",
    returns: ["0x1::type_info::TypeInfo"],
    gas,
    run(_args, typeArgs) {
      const tag = onlyType(typeArgs);
      if (tag.kind !== "struct") return aborted(NOT_A_STRUCT);
      const { address, module, name, typeArgs: inner } = tag.struct;
      const args = inner.length === 0 ? "" : `<${inner.map(formatTypeTag).join(", ")}>`;
      // TypeInfo { account_address, module_name, struct_name }
      return returned([address, utf8(module), utf8(`${name}${args}`)]);
    },
  },
];

function onlyType(typeArgs: readonly TypeTag[]): TypeTag {
  const [tag] = typeArgs;
  assert(tag !== undefined, "the signature has one type parameter");
  return tag;
}

function nameOf(typeArgs: readonly TypeTag[]): Uint8Array {
  return utf8(formatTypeTag(onlyType(typeArgs)));
}
