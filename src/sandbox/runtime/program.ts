/**
 * Everything decoded and linked, kept between sessions. Nothing in it is found by name: a module is
 * keyed by the hash of its bytecode, a linked module by the hashes of its whole dependency closure,
 * so after a republish the new code is another key and the old one is never served.
 */
import { deserializeModule } from "../binary-format/deserializer.ts";
import type { CompiledModule } from "../binary-format/file-format.ts";
import { assert } from "../core/assert.ts";
import { toHex } from "../core/bytes.ts";
import { sha2_256 } from "../core/hash.ts";
import { type Identifier, type ModuleId, type ModuleKey, moduleKey } from "../core/identifier.ts";
import type { ModuleSource } from "../storage/module-source.ts";
import { checkBounds } from "../verifier/bounds.ts";
import { entryAt, fail } from "./failure.ts";
import { DEPENDENCY_COUNT_MAX } from "./limits.ts";
import type { LinkedModule, StructDefinitionLink } from "./linked-module.ts";

/** A module that is decoded but not joined to others. */
export interface DecodedModule {
  readonly id: ModuleId;
  readonly key: ModuleKey;
  readonly codeHash: string;
  readonly module: CompiledModule;
  /** By module handle. */
  readonly imports: readonly ModuleId[];
}

export interface Program {
  readonly hashes: WeakMap<Uint8Array, string>;
  readonly decoded: Map<string, DecodedModule>;
  readonly linked: Map<string, LinkedModule>;
  /** Modules decoded and linked, and struct types and functions instantiated. */
  readonly made: { count: number };
}

/**
 * What a program may have made before a new one replaces it, which frees what nobody uses any more.
 */
export const PROGRAM_SIZE_MAX = 20_000;

export function createProgram(): Program {
  return { hashes: new WeakMap(), decoded: new Map(), linked: new Map(), made: { count: 0 } };
}

/** Hex of the SHA-256 of bytecode, remembered for the bytes object. */
export function codeHashOf(program: Program, bytes: Uint8Array): string {
  const known = program.hashes.get(bytes);
  if (known !== undefined) return known;
  const hash = toHex(sha2_256(bytes));
  program.hashes.set(bytes, hash);
  return hash;
}

/** The module that `source` has under `id`, decoded; undefined where there is none. */
export function decodedModule(
  program: Program,
  source: ModuleSource,
  id: ModuleId,
): DecodedModule | undefined {
  const bytes = source.get(id);
  if (bytes === undefined) return undefined;
  const codeHash = codeHashOf(program, bytes);
  const known = program.decoded.get(codeHash);
  const decoded = known ?? keep(program, decodeModuleBytes(bytes, codeHash));
  if (decoded.key !== moduleKey(id)) fail("LINKER_ERROR", `${moduleKey(id)} holds ${decoded.key}`);
  return decoded;
}

/**
 * Decodes bytecode, checks that every index has its entry, and reads its own name. Fails as those
 * two do.
 */
export function decodeModuleBytes(bytes: Uint8Array, codeHash: string): DecodedModule {
  const result = deserializeModule(bytes);
  if (!result.ok) {
    const { status, offset, detail } = result.error;
    return fail(status, `byte ${offset}: ${detail}`);
  }
  const module = result.value;
  const bounds = checkBounds(module);
  if (!bounds.ok) return fail(bounds.error.status, bounds.error.detail);
  return namedModule(module, codeHash);
}

/**
 * Keeps a module that somebody has decoded, under the hash of its bytes, which is returned.
 *
 * @param module whose bounds have been checked.
 */
export function keepDecoded(program: Program, bytes: Uint8Array, module: CompiledModule): string {
  const codeHash = codeHashOf(program, bytes);
  if (!program.decoded.has(codeHash)) keep(program, namedModule(module, codeHash));
  return codeHash;
}

function keep(program: Program, decoded: DecodedModule): DecodedModule {
  program.decoded.set(decoded.codeHash, decoded);
  program.made.count += 1;
  return decoded;
}

function namedModule(module: CompiledModule, codeHash: string): DecodedModule {
  const imports = module.moduleHandles.map(({ address, name }) => ({
    address: entryAt(module.addresses, address, "address"),
    name: entryAt(module.identifiers, name, "identifier"),
  }));
  const id = entryAt(imports, module.selfHandle, "module handle");
  return { id, key: moduleKey(id), codeHash, module, imports };
}

/**
 * The module under `id` joined to its closure.
 *
 * @param inForce what this session has linked already, by name; gains every module of the closure.
 */
export function linkModule(
  program: Program,
  source: ModuleSource,
  inForce: Map<ModuleKey, LinkedModule>,
  id: ModuleId,
): LinkedModule {
  const known = inForce.get(moduleKey(id));
  if (known !== undefined) return known;
  const closure = collectClosure(program, source, id);
  for (const decoded of closure.values()) {
    if (inForce.has(decoded.key)) continue;
    inForce.set(decoded.key, linkedModule(program, closure, decoded));
  }
  const linked = inForce.get(moduleKey(id));
  assert(linked !== undefined, "a closure contains its root");
  return linked;
}

type Closure = ReadonlyMap<ModuleKey, DecodedModule>;

/** The module and everything it names, directly or not. */
function collectClosure(program: Program, source: ModuleSource, root: ModuleId): Closure {
  const closure = new Map<ModuleKey, DecodedModule>();
  const pending: ModuleId[] = [root];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const key = moduleKey(id);
    if (closure.has(key)) continue;
    const decoded = decodedModule(program, source, id);
    if (decoded === undefined) return fail("LINKER_ERROR", `there is no module ${key}`);
    if (closure.size === DEPENDENCY_COUNT_MAX) {
      return fail("DEPENDENCY_LIMIT_REACHED", `over ${DEPENDENCY_COUNT_MAX} modules`);
    }
    closure.set(key, decoded);
    pending.push(...decoded.imports);
  }
  return closure;
}

/** The one object for a module in this closure; its imports come from the same closure. */
function linkedModule(program: Program, closure: Closure, decoded: DecodedModule): LinkedModule {
  const reachable = reachableFrom(closure, decoded);
  const closureKey = [...reachable]
    .map(({ key, codeHash }) => `${key}=${codeHash}`)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join();
  const text = `${decoded.key}|${closureKey}`;
  const known = program.linked.get(text);
  if (known !== undefined) return known;
  const linked = makeLinkedModule(decoded, program.made);
  program.made.count += 1;
  // Before its imports: modules that name each other meet again here.
  program.linked.set(text, linked);
  for (const id of decoded.imports) {
    const imported = closure.get(moduleKey(id));
    assert(imported !== undefined, "a closure is closed");
    linked.imports.push(
      imported.key === decoded.key ? linked : linkedModule(program, closure, imported),
    );
  }
  return linked;
}

function reachableFrom(closure: Closure, start: DecodedModule): ReadonlySet<DecodedModule> {
  const reachable = new Set<DecodedModule>();
  const pending = [start];
  for (let decoded = pending.pop(); decoded !== undefined; decoded = pending.pop()) {
    if (reachable.has(decoded)) continue;
    reachable.add(decoded);
    for (const id of decoded.imports) {
      const imported = closure.get(moduleKey(id));
      assert(imported !== undefined, "a closure is closed");
      pending.push(imported);
    }
  }
  return reachable;
}

function makeLinkedModule(
  { id, key, codeHash, module }: DecodedModule,
  made: Program["made"],
): LinkedModule {
  const functionByName = new Map<Identifier, number>();
  module.functionDefinitions.forEach(({ handle }, index) => {
    const { name } = entryAt(module.functionHandles, handle, "function handle");
    functionByName.set(entryAt(module.identifiers, name, "identifier"), index);
  });
  const structByName = new Map<Identifier, StructDefinitionLink>();
  const structs: StructDefinitionLink[] = [];
  const linked: LinkedModule = {
    id,
    key,
    codeHash,
    module,
    functionByName,
    structByName,
    structs,
    imports: [],
    structHandles: [],
    made,
  };
  module.structDefinitions.forEach((definition, index) => {
    const handle = entryAt(module.structHandles, definition.handle, "struct handle");
    const name = entryAt(module.identifiers, handle.name, "identifier");
    const { abilities, typeParameters } = handle;
    const link = { module: linked, index, name, abilities, typeParameters, definition };
    structs.push(link);
    structByName.set(name, link);
  });
  return linked;
}
