/** Text to module. The language is described in the README beside this file. */
import type {
  CompiledModule,
  FieldDefinition,
  FunctionDefinition,
  Instruction,
  SignatureToken,
  StructLayout,
  Visibility,
} from "../../src/sandbox/binary-format/file-format.ts";
import { serializeModule } from "../../src/sandbox/binary-format/serializer.ts";
import type { Version } from "../../src/sandbox/binary-format/version.ts";
import { readInstruction } from "./operands.ts";
import {
  type Builder,
  createBuilder,
  enterIdentifier,
  enterModule,
  enterSignature,
  moduleHandle,
} from "./tables.ts";
import { accept, expectToken, fail, type Line, list, next, peek, readLines } from "./tokens.ts";
import { readAbilities, readPath, readType, readTypeParameters, type TypeNames } from "./types.ts";

/** @throws AssemblyError with the line that can not be read. */
export function assemble(source: string): CompiledModule {
  const [head, ...lines] = readLines(source);
  if (head === undefined) throw new Error("an empty source");
  expectToken(head, "module");
  const id = readPath(head);
  const builder = createBuilder(accept(head, "version") ? readVersion(head) : 6);
  const selfHandle = enterModule(builder, id);
  const declarations = groupLines(lines);
  // Names first, then what stands behind them: declarations may use one another in any order.
  const layouts = declarations.flatMap((declaration) => declareTypes(builder, id, declaration));
  for (const define of layouts) define();
  const bodies = declarations.flatMap((declaration) => declareFunction(builder, id, declaration));
  for (const define of bodies) define();
  return { version: builder.version, selfHandle, ...builder.tables };
}

export function assembleBytes(source: string): Uint8Array {
  return serializeModule(assemble(source));
}

/** A declaration and the lines that belong to it. */
interface Declaration {
  readonly head: Line;
  readonly words: ReadonlySet<string>;
  readonly body: readonly Line[];
}

type Definition = () => void;

const DECLARATIONS = new Set(["friend", "import", "struct", "enum", "fun"]);
const MODIFIERS = new Set(["native", "public", "entry"]);

function groupLines(lines: readonly Line[]): Declaration[] {
  const declarations: { head: Line; words: Set<string>; body: Line[] }[] = [];
  for (const line of lines) {
    const words = leadingWords(line);
    if (words !== undefined) declarations.push({ head: line, words, body: [] });
    else if (declarations.length === 0) fail(line, "nothing to belong to");
    else declarations.at(-1)?.body.push(line);
  }
  return declarations;
}

/** `public entry fun`: the words up to what is declared; undefined for a line of a body. */
function leadingWords(line: Line): Set<string> | undefined {
  const words = new Set<string>();
  for (let ahead = 0; ; ahead++) {
    const word = peek(line, ahead);
    if (word === undefined) return undefined;
    if (DECLARATIONS.has(word)) {
      line.position = ahead + 1;
      return words.add(word);
    }
    if (word === "public" && peek(line, ahead + 1) === "(") {
      words.add("friend-visible");
      ahead += 3;
    } else if (MODIFIERS.has(word)) words.add(word);
    else return undefined;
  }
}

/** Friends and everything with a type name. Returns what is to be done once all names are known. */
function declareTypes(builder: Builder, self: string, declaration: Declaration): Definition[] {
  const { head, words, body } = declaration;
  const { tables } = builder;
  if (words.has("friend")) {
    tables.friends.push(moduleHandle(builder, readPath(head)));
    return [];
  }
  if (words.has("import") && peek(head) === "struct") {
    next(head, "struct");
    declareStruct(builder, head, readPath(head));
    return [];
  }
  if (!words.has("struct") && !words.has("enum")) return [];
  const name = next(head, "a name");
  const { handle, names } = declareStruct(builder, head, `${self}::${name}`);
  builder.structs.set(name, handle);
  builder.structDefinitions.set(name, tables.structDefinitions.length);
  const place = tables.structDefinitions.push({ handle, layout: { kind: "native" } }) - 1;
  if (words.has("native")) return [];
  return [
    () => {
      const layout = words.has("enum")
        ? readVariants(builder, body, names)
        : ({ kind: "fields", fields: readFields(builder, body, names) } as const);
      tables.structDefinitions[place] = { handle, layout };
    },
  ];
}

function declareStruct(
  builder: Builder,
  head: Line,
  path: string,
): { readonly handle: number; readonly names: TypeNames } {
  const { owner, name } = splitPath(head, path);
  const { names, parameters } = readTypeParameters(head);
  const handle =
    builder.tables.structHandles.push({
      module: enterModule(builder, owner),
      name: enterIdentifier(builder, name),
      abilities: readAbilities(head),
      typeParameters: parameters,
    }) - 1;
  builder.structs.set(path, handle);
  return { handle, names };
}

function readFields(builder: Builder, lines: readonly Line[], names: TypeNames): FieldDefinition[] {
  return lines.map((line) => readField(builder, line, names));
}

function readField(builder: Builder, line: Line, names: TypeNames): FieldDefinition {
  const name = enterIdentifier(builder, next(line, "a field"));
  expectToken(line, ":");
  return { name, type: readType(builder, line, names) };
}

/** `A` or `B { x: u64, y: bool }`. */
function readVariants(builder: Builder, lines: readonly Line[], names: TypeNames): StructLayout {
  const variants = lines.map((line) => {
    const name = enterIdentifier(builder, next(line, "a variant"));
    const fields = accept(line, "{") ? list(line, "}", () => readField(builder, line, names)) : [];
    return { name, fields };
  });
  return { kind: "variants", variants };
}

function declareFunction(builder: Builder, self: string, declaration: Declaration): Definition[] {
  const { head, words, body } = declaration;
  if (words.has("import") && accept(head, "fun")) {
    declareHandle(builder, head, readPath(head));
    return [];
  }
  if (!words.has("fun")) return [];
  const name = next(head, "a name");
  const { handle, names, parameters } = declareHandle(builder, head, `${self}::${name}`);
  builder.functions.set(name, handle);
  const acquires = accept(head, "acquires") ? readAcquires(builder, head) : [];
  const visibility = visibilityOf(words);
  const isEntry = words.has("entry");
  const definition: FunctionDefinition = { handle, visibility, isEntry, acquires };
  const place = builder.tables.functionDefinitions.push(definition) - 1;
  if (words.has("native")) return [];
  return [
    () => {
      const code = readBody(builder, body, names, parameters);
      builder.tables.functionDefinitions[place] = { ...definition, code };
    },
  ];
}

/** `f<T>(a: u64, &signer): u64, bool`. */
function declareHandle(
  builder: Builder,
  head: Line,
  path: string,
): { readonly handle: number; readonly names: TypeNames; readonly parameters: string[] } {
  const { owner, name } = splitPath(head, path);
  const { names, parameters: typeParameters } = readTypeParameters(head);
  expectToken(head, "(");
  const parameters: string[] = [];
  const types = list(head, ")", () => {
    parameters.push(peek(head, 1) === ":" ? next(head, "a parameter") : "");
    accept(head, ":");
    return readType(builder, head, names);
  });
  const returns: SignatureToken[] = [];
  if (accept(head, ":")) {
    do returns.push(readType(builder, head, names));
    while (accept(head, ","));
  }
  const handle =
    builder.tables.functionHandles.push({
      module: enterModule(builder, owner),
      name: enterIdentifier(builder, name),
      parameters: enterSignature(builder, types),
      returns: enterSignature(builder, returns),
      typeParameters: typeParameters.map(({ constraints }) => constraints),
    }) - 1;
  builder.functions.set(path, handle);
  return { handle, names, parameters };
}

function readBody(
  builder: Builder,
  lines: readonly Line[],
  typeNames: TypeNames,
  parameters: readonly string[],
): { readonly locals: number; readonly code: Instruction[] } {
  const names = [...parameters];
  const types: SignatureToken[] = [];
  const labels = new Map<string, number>();
  const instructions: Line[] = [];
  for (const line of lines) {
    if (accept(line, "local")) {
      names.push(next(line, "a local"));
      expectToken(line, ":");
      types.push(readType(builder, line, typeNames));
    } else if (peek(line, 1) === ":" && peek(line, 2) === undefined) {
      labels.set(next(line, "a label"), instructions.length);
    } else instructions.push(line);
  }
  const scope = { builder, typeNames, locals: names, labels };
  const code = instructions.map((line) => readInstruction(scope, line));
  return { locals: enterSignature(builder, types), code };
}

function readAcquires(builder: Builder, head: Line): number[] {
  const acquires: number[] = [];
  do {
    const name = next(head, "a struct");
    acquires.push(builder.structDefinitions.get(name) ?? fail(head, `no struct ${name}`));
  } while (accept(head, ","));
  return acquires;
}

function visibilityOf(words: ReadonlySet<string>): Visibility {
  if (words.has("friend-visible")) return "friend";
  return words.has("public") ? "public" : "private";
}

function splitPath(line: Line, path: string): { readonly owner: string; readonly name: string } {
  const cut = path.lastIndexOf("::");
  if (cut < 0) return fail(line, "a path like 0x1::m::name is needed");
  return { owner: path.slice(0, cut), name: path.slice(cut + 2) };
}

function readVersion(head: Line): Version {
  const version = Number(next(head, "a version"));
  if (version === 5 || version === 6 || version === 7) return version;
  return fail(head, "no such version");
}
