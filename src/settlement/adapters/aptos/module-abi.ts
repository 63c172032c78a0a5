/**
 * What modules declare, as their chain tells it: fields of structs and returns of functions (REST
 * profile section 5). Asked for once; a published module keeps its layouts.
 */
import { formatAddress } from "#core/address.ts";
import type { FunctionId, ModuleId } from "#core/identifier.ts";
import {
  formatStructTag,
  formatTypeTag,
  moduleOf,
  parseTypeTag,
  type StructTag,
  type TypeTag,
} from "#core/type-tag.ts";
import { trouble } from "../../settlement-error.ts";
import { isList, isRecord, type JsonRecord, type JsonValue } from "./json.ts";
import type { Rest } from "./rest.ts";

export interface Field {
  readonly name: string;
  readonly type: TypeTag;
}

/** Rejects with `SettlementError` where the chain has no such module or declares it otherwise. */
export interface ModuleAbis {
  fields(struct: StructTag): Promise<readonly Field[]>;
  returns(callee: FunctionId, typeArgs: readonly TypeTag[]): Promise<readonly TypeTag[]>;
}

/** The part of an address that names a module, below `/accounts`. */
export function modulePath({ address, name }: ModuleId): string {
  return `/accounts/${formatAddress(address)}/module/${name}`;
}

export function createModuleAbis(rest: Rest): ModuleAbis {
  const abis = new Map<string, Promise<JsonRecord>>();

  function abiOf(module: ModuleId): Promise<JsonRecord> {
    const path = modulePath(module);
    const asked = abis.get(path) ?? fetchAbi(rest, path);
    abis.set(path, asked);
    // What could not be asked for is asked again.
    asked.catch(() => abis.delete(path));
    return asked;
  }

  return {
    async fields(struct) {
      const name = formatStructTag(struct);
      const declared = named((await abiOf(moduleOf(struct)))["structs"], struct.name);
      if (declared === undefined || declared["is_enum"] === true) {
        throw trouble("BAD_ANSWER", `the chain does not say what fields ${name} has`);
      }
      const fields = isList(declared["fields"]) ? declared["fields"] : [];
      return fields.map((field) => readField(field, struct));
    },
    async returns(callee, typeArgs) {
      const functions = (await abiOf(callee.module))["exposed_functions"];
      const types = named(functions, callee.name)?.["return"];
      if (!isList(types)) {
        throw trouble("BAD_ANSWER", `the chain does not say what ${callee.name} returns`);
      }
      return types.map((type) => closedType(type, typeArgs));
    },
  };
}

async function fetchAbi(rest: Rest, path: string): Promise<JsonRecord> {
  const answer = await rest({ path });
  const abi = answer.ok && isRecord(answer.json) ? answer.json["abi"] : undefined;
  if (!isRecord(abi)) throw trouble("BAD_ANSWER", `the chain has no module at ${path}`);
  return abi;
}

function named(list: JsonValue | undefined, name: string): JsonRecord | undefined {
  if (!isList(list)) return undefined;
  return list.filter(isRecord).find((item) => item["name"] === name);
}

function readField(json: JsonValue, struct: StructTag): Field {
  const { name, type } = isRecord(json) ? json : {};
  if (typeof name !== "string" || type === undefined) {
    throw trouble("BAD_ANSWER", `a field of ${formatStructTag(struct)} has no name`);
  }
  return { name, type: closedType(type, struct.typeArgs) };
}

/** The type that a text of an ABI means where `T0` and its like stand for `typeArgs`. */
function closedType(text: JsonValue, typeArgs: readonly TypeTag[]): TypeTag {
  const closed =
    typeof text === "string"
      ? text.replace(/(?<![\w:])T(\d+)(?![\w:])/g, (name, index: string) => {
          const arg = typeArgs[Number(index)];
          return arg === undefined ? name : formatTypeTag(arg);
        })
      : "";
  const tag = parseTypeTag(closed);
  if (tag === undefined) throw trouble("BAD_ANSWER", `"${closed}" in an ABI is no type`);
  return tag;
}
