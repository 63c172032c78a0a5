// Builds modules for tests from names instead of table indices. It checks nothing: whatever is
// written down is what the executor gets to see.

import { makeAddress } from "#core/address.ts";
import { assert } from "#core/assert.ts";
import { type Identifier, parseIdentifier } from "#core/identifier.ts";
import {
  ABILITY_COPY,
  ABILITY_DROP,
  ABILITY_KEY,
  ABILITY_STORE,
  type CompiledModule,
  type FunctionDefinition,
  type Instruction,
  type SignatureToken,
  type StructDefinition,
  type Visibility,
} from "../../src/sandbox/binary-format/file-format.ts";
import { OPCODES, type Opcode } from "../../src/sandbox/binary-format/opcodes.ts";
import { serializeModule } from "../../src/sandbox/binary-format/serializer.ts";

/** A type as Move writes it; struct types by name, own or `0x1::m::S`; `#0` is a type parameter. */
export type TypeText = string;

export interface StructText {
  readonly name: string;
  readonly abilities?: readonly ("copy" | "drop" | "store" | "key")[];
  readonly typeParameters?: number;
  readonly fields?: Readonly<Record<string, TypeText>>;
  readonly variants?: Readonly<Record<string, Readonly<Record<string, TypeText>>>>;
}

/**
 * An instruction: opcode and operand. A called function is named, own or `0x1::m::f`; a struct by
 * name; a field as `S.x`; a variant as `S::V`; a constant as type and hex; literals and counts are
 * bigint.
 */
export type CodeText = readonly [Opcode, ...(string | number | bigint | readonly TypeText[])[]];

export interface FunctionText {
  readonly name: string;
  readonly visibility?: Visibility;
  readonly isEntry?: boolean;
  readonly typeParameters?: readonly number[];
  readonly params?: readonly TypeText[];
  readonly returns?: readonly TypeText[];
  readonly locals?: readonly TypeText[];
  readonly acquires?: readonly string[];
  /** Absent for a native. */
  readonly code?: readonly CodeText[];
}

/** A function or struct of another module, as this one believes it to be. */
export interface ImportText {
  readonly functions?: readonly FunctionText[];
  readonly structs?: readonly StructText[];
}

export interface ModuleText {
  readonly address?: string;
  readonly name: string;
  readonly version?: 5 | 6 | 7;
  readonly imports?: Readonly<Record<string, ImportText>>;
  readonly friends?: readonly string[];
  readonly structs?: readonly StructText[];
  readonly functions?: readonly FunctionText[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };
type Tables = Mutable<Omit<CompiledModule, "version" | "selfHandle">>;

const ABILITIES = {
  copy: ABILITY_COPY,
  drop: ABILITY_DROP,
  store: ABILITY_STORE,
  key: ABILITY_KEY,
};

export function buildModule(text: ModuleText): CompiledModule {
  return new ModuleBuilder(text).build();
}

export function buildBytes(text: ModuleText): Uint8Array {
  return serializeModule(buildModule(text));
}

class ModuleBuilder {
  readonly #text: ModuleText;
  readonly #structs = new Map<string, number>();
  readonly #functions = new Map<string, number>();
  readonly #tables: Tables = {
    moduleHandles: [],
    structHandles: [],
    functionHandles: [],
    fieldHandles: [],
    friends: [],
    structInstantiations: [],
    functionInstantiations: [],
    fieldInstantiations: [],
    signatures: [],
    identifiers: [],
    addresses: [],
    constants: [],
    metadata: [],
    structDefinitions: [],
    functionDefinitions: [],
    variantFieldHandles: [],
    variantFieldInstantiations: [],
    structVariantHandles: [],
    structVariantInstantiations: [],
  };

  constructor(text: ModuleText) {
    this.#text = text;
  }

  build(): CompiledModule {
    const { name, address = "0x1", imports = {}, friends = [], version = 6 } = this.#text;
    const { structs = [], functions = [] } = this.#text;
    const tables = this.#tables;
    this.#module(address, name);
    for (const struct of structs) this.#structHandle(0, "", struct);
    for (const [id, entry] of Object.entries(imports)) {
      const module = this.#moduleByText(id);
      for (const struct of entry.structs ?? []) this.#structHandle(module, `${id}::`, struct);
    }
    for (const entry of functions) this.#functionHandle(0, "", entry);
    for (const [id, entry] of Object.entries(imports)) {
      const module = this.#moduleByText(id);
      for (const imported of entry.functions ?? []) {
        this.#functionHandle(module, `${id}::`, imported);
      }
    }
    tables.structDefinitions = structs.map((struct) => this.#structDefinition(struct));
    tables.functionDefinitions = functions.map((entry) => this.#functionDefinition(entry));
    tables.friends = friends.map((id) => this.#moduleHandle(id));
    return { version, selfHandle: 0, ...tables };
  }

  #moduleHandle(id: string) {
    const [address = "", name = ""] = id.split("::");
    return { address: this.#address(address), name: this.#identifier(name) };
  }

  #moduleByText(id: string): number {
    return add(this.#tables.moduleHandles, this.#moduleHandle(id));
  }

  #module(address: string, name: string): number {
    return this.#moduleByText(`${address}::${name}`);
  }

  #structHandle(module: number, prefix: string, struct: StructText): void {
    const handle = {
      module,
      name: this.#identifier(struct.name),
      abilities: abilitiesOf(struct),
      typeParameters: Array.from({ length: struct.typeParameters ?? 0 }, () => ({
        constraints: 0,
        isPhantom: false,
      })),
    };
    this.#structs.set(`${prefix}${struct.name}`, this.#tables.structHandles.push(handle) - 1);
  }

  #functionHandle(module: number, prefix: string, entry: FunctionText): void {
    const handle = {
      module,
      name: this.#identifier(entry.name),
      parameters: this.#signature(entry.params ?? []),
      returns: this.#signature(entry.returns ?? []),
      typeParameters: [...(entry.typeParameters ?? [])],
    };
    this.#functions.set(`${prefix}${entry.name}`, this.#tables.functionHandles.push(handle) - 1);
  }

  #structDefinition(struct: StructText): StructDefinition {
    const fields = (record: Readonly<Record<string, TypeText>>) =>
      Object.entries(record).map(([name, type]) => ({
        name: this.#identifier(name),
        type: this.#type(type),
      }));
    const handle = found(this.#structs, struct.name);
    if (struct.variants === undefined) {
      return { handle, layout: { kind: "fields", fields: fields(struct.fields ?? {}) } };
    }
    const variants = Object.entries(struct.variants).map(([name, record]) => ({
      name: this.#identifier(name),
      fields: fields(record),
    }));
    return { handle, layout: { kind: "variants", variants } };
  }

  #functionDefinition(entry: FunctionText): FunctionDefinition {
    const { visibility = "public", isEntry = false, acquires = [], locals = [], code } = entry;
    const head = {
      handle: found(this.#functions, entry.name),
      visibility,
      isEntry,
      acquires: acquires.map((name) => this.#definition(name)),
    };
    if (code === undefined) return head;
    const unit = {
      locals: this.#signature(locals),
      code: code.map((line) => this.#instruction(line)),
    };
    return { ...head, code: unit };
  }

  #definition(name: string): number {
    const index = (this.#text.structs ?? []).findIndex((struct) => struct.name === name);
    assert(index >= 0, `struct ${name} is defined`);
    return index;
  }

  #members(struct: string, variant?: string): readonly string[] {
    const text = (this.#text.structs ?? [])[this.#definition(struct)];
    const record = variant === undefined ? text?.fields : text?.variants?.[variant];
    return Object.keys(record ?? {});
  }

  #instruction([opcode, ...operands]: CodeText): Instruction {
    const { operand } = OPCODES[opcode];
    const [first, second] = operands;
    const value = typeof first === "bigint" ? first : 0n;
    const index = typeof first === "number" ? first : 0;
    const text = typeof first === "string" ? first : "";
    const args = Array.isArray(second) ? this.#signature(second) : 0;
    switch (operand) {
      case "constant":
        return { opcode, index: this.#constant(text, String(second)), value };
      case "functionHandle":
        return { opcode, index: found(this.#functions, text), value };
      case "functionInstantiation": {
        const handle = found(this.#functions, text);
        const entry = { handle, typeArgs: args };
        return { opcode, index: add(this.#tables.functionInstantiations, entry), value };
      }
      case "structDefinition":
        return { opcode, index: this.#definition(text), value };
      case "structInstantiation": {
        const entry = { definition: this.#definition(text), typeArgs: args };
        return { opcode, index: add(this.#tables.structInstantiations, entry), value };
      }
      case "fieldHandle":
        return { opcode, index: this.#field(text), value };
      case "fieldInstantiation": {
        const entry = { handle: this.#field(text), typeArgs: args };
        return { opcode, index: add(this.#tables.fieldInstantiations, entry), value };
      }
      case "variantFieldHandle":
        return { opcode, index: this.#variantField(text), value };
      case "structVariantHandle":
        return { opcode, index: this.#variant(text), value };
      case "signature":
      case "signatureAndCount": {
        const count = typeof second === "bigint" ? second : 0n;
        return { opcode, index: this.#signature([text]), value: count };
      }
      default:
        return { opcode, index, value };
    }
  }

  #field(text: string): number {
    const [struct = "", name = ""] = text.split(".");
    const field = this.#members(struct).indexOf(name);
    return add(this.#tables.fieldHandles, { owner: this.#definition(struct), field });
  }

  /** `S::A|B.x`: the field of both variants. */
  #variantField(text: string): number {
    const [struct = "", rest = ""] = text.split("::");
    const [names = "", name = ""] = rest.split(".");
    const all = Object.keys((this.#text.structs ?? [])[this.#definition(struct)]?.variants ?? {});
    const variants = names.split("|").map((variant) => all.indexOf(variant));
    const field = this.#members(struct, names.split("|")[0]).indexOf(name);
    const handle = { owner: this.#definition(struct), field, variants };
    return add(this.#tables.variantFieldHandles, handle);
  }

  #variant(text: string): number {
    const [struct = "", name = ""] = text.split("::");
    const owner = this.#definition(struct);
    const variant = Object.keys((this.#text.structs ?? [])[owner]?.variants ?? {}).indexOf(name);
    return add(this.#tables.structVariantHandles, { owner, variant });
  }

  #constant(type: TypeText, hex: string): number {
    const data = Uint8Array.from(Buffer.from(hex, "hex"));
    return this.#tables.constants.push({ type: this.#type(type), data }) - 1;
  }

  #signature(types: readonly TypeText[]): number {
    return add(
      this.#tables.signatures,
      types.map((type) => this.#type(type)),
    );
  }

  #type(text: TypeText): SignatureToken {
    if (text.startsWith("&mut "))
      return { kind: "mutableReference", to: this.#type(text.slice(5)) };
    if (text.startsWith("&")) return { kind: "reference", to: this.#type(text.slice(1)) };
    if (text.startsWith("#")) return { kind: "typeParameter", index: Number(text.slice(1)) };
    if (text.startsWith("vector<")) {
      return { kind: "vector", element: this.#type(text.slice(7, -1)) };
    }
    const open = text.indexOf("<");
    if (open > 0) {
      const handle = found(this.#structs, text.slice(0, open));
      const typeArgs = splitTypes(text.slice(open + 1, -1)).map((arg) => this.#type(arg));
      return { kind: "structInstantiation", handle, typeArgs };
    }
    const handle = this.#structs.get(text);
    if (handle !== undefined) return { kind: "struct", handle };
    return { kind: text } as SignatureToken;
  }

  #identifier(name: string): number {
    const identifier: Identifier | undefined = parseIdentifier(name);
    assert(identifier !== undefined, `${name} is an identifier`);
    return add(this.#tables.identifiers, identifier);
  }

  #address(text: string): number {
    return add(this.#tables.addresses, makeAddress(text));
  }
}

/** Position of an entry, added unless an equal one is there. */
function add<T>(table: T[], entry: T): number {
  const text = JSON.stringify(entry);
  const known = table.findIndex((other) => JSON.stringify(other) === text);
  return known >= 0 ? known : table.push(entry) - 1;
}

function found(map: ReadonlyMap<string, number>, name: string): number {
  const index = map.get(name);
  assert(index !== undefined, `${name} is known`);
  return index;
}

function abilitiesOf({ abilities = [] }: StructText): number {
  return abilities.reduce((bits, ability) => bits | ABILITIES[ability], 0);
}

/** `A, B<C, D>` at its outer commas. */
function splitTypes(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const character of text) {
    if (character === "<") depth++;
    if (character === ">") depth--;
    if (character === "," && depth === 0) {
      parts.push(part.trim());
      part = "";
    } else part += character;
  }
  return [...parts, part.trim()];
}
