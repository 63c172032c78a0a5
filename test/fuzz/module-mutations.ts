/**
 * Modules as a hostile publisher would send them: noise, sound modules with bytes changed, and
 * sound modules with entries, types and instructions changed, so that the bytes still read.
 */
import fc from "fast-check";
import { InvariantError, present } from "#core/assert.ts";
import { deserializeModule } from "../../src/sandbox/binary-format/deserializer.ts";
import { OPCODES, type Opcode } from "../../src/sandbox/binary-format/opcodes.ts";
import { serializeModule } from "../../src/sandbox/binary-format/serializer.ts";

const NOISE_SIZE_MAX = 300;
const EDITS_MAX = 4;
const HEADERS = ["a11ceb0b05000000", "a11ceb0b06000000", "a11ceb0b0700000a"];

/** @param modules bytes of sound modules to start from. */
export function hostileBytes(modules: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: NOISE_SIZE_MAX }) },
    { weight: 1, arbitrary: noiseBehindHeader() },
    { weight: 3, arbitrary: editedBytes(modules) },
    { weight: 7, arbitrary: editedModules(modules) },
  );
}

function noiseBehindHeader(): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...HEADERS), fc.uint8Array({ maxLength: NOISE_SIZE_MAX }))
    .map(([header, noise]) => Uint8Array.from([...Buffer.from(header, "hex"), ...noise]));
}

const BYTE_EDIT = fc.record({
  kind: fc.constantFrom("set", "insert", "delete", "repeat"),
  at: fc.nat(),
  value: fc.nat(0xff),
  length: fc.integer({ min: 1, max: 8 }),
});

function editedBytes(modules: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...modules), fc.array(BYTE_EDIT, { minLength: 1, maxLength: EDITS_MAX }))
    .map(([module, edits]) => {
      const bytes = [...module];
      for (const { kind, at, value, length } of edits) {
        const place = at % Math.max(1, bytes.length);
        if (kind === "set") bytes[place] = value;
        else if (kind === "insert") bytes.splice(place, 0, value);
        else if (kind === "delete") bytes.splice(place, length);
        else bytes.splice(place, 0, ...bytes.slice(place, place + length));
      }
      return Uint8Array.from(bytes);
    });
}

const MODULE_EDIT = fc.record({
  /** Which of the places that can be changed. */
  place: fc.nat(),
  value: fc.oneof(fc.nat(12), fc.nat(255), fc.nat(65_535)),
  kind: fc.constantFrom("delete", "repeat", "exchange"),
});

type ModuleEdit = typeof MODULE_EDIT extends fc.Arbitrary<infer Edit> ? Edit : never;

function editedModules(modules: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(
      fc.constantFrom(...modules),
      fc.array(MODULE_EDIT, { minLength: 1, maxLength: EDITS_MAX }),
    )
    .map(([bytes, edits]) => {
      const read = deserializeModule(bytes);
      if (!read.ok) return bytes;
      const module = structuredClone(read.value);
      for (const edit of edits) changeOne(module, edit);
      try {
        return serializeModule(module);
      } catch (error) {
        // The edit left the ranges of the format; the bytes as they were do no harm.
        if (error instanceof InvariantError || error instanceof TypeError) return bytes;
        throw error;
      }
    });
}

type Place =
  | { readonly type: "list"; readonly list: unknown[]; readonly index: number }
  | { readonly type: "property"; readonly owner: Record<string, unknown>; readonly key: string };

function changeOne(module: object, { place, value, kind }: ModuleEdit): void {
  const places: Place[] = [];
  collectPlaces(module, places);
  const chosen = places[place % Math.max(1, places.length)];
  if (chosen?.type === "list") changeList(chosen.list, chosen.index, kind, value);
  else if (chosen?.type === "property") changeProperty(chosen.owner, chosen.key, value);
}

function collectPlaces(node: unknown, places: Place[]): void {
  if (node instanceof Uint8Array || typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const index of node.keys()) places.push({ type: "list", list: node, index });
    for (const entry of node) collectPlaces(entry, places);
    return;
  }
  const owner = node as Record<string, unknown>;
  for (const [key, entry] of Object.entries(owner)) {
    if (typeof entry !== "object") places.push({ type: "property", owner, key });
    collectPlaces(entry, places);
  }
}

function changeList(list: unknown[], index: number, kind: ModuleEdit["kind"], value: number): void {
  const other = value % list.length;
  if (kind === "delete") list.splice(index, 1);
  else if (kind === "repeat") list.splice(other, 0, structuredClone(list[index]));
  else [list[index], list[other]] = [list[other], list[index]];
}

const OPCODE_NAMES = Object.keys(OPCODES) as Opcode[];
const KINDS = ["bool", "u8", "u64", "u256", "address", "signer", "typeParameter", "struct"];

function changeProperty(owner: Record<string, unknown>, key: string, value: number): void {
  const old = owner[key];
  if (typeof old === "number") owner[key] = value;
  else if (typeof old === "bigint") owner[key] = BigInt(value);
  else if (typeof old === "boolean") owner[key] = !old;
  else if (key === "opcode") owner[key] = OPCODE_NAMES[value % OPCODE_NAMES.length];
  else if (key === "visibility") owner[key] = ["private", "public", "friend"][value % 3];
  else if (key === "kind" && old !== "native" && old !== "fields" && old !== "variants") {
    owner[key] = present(KINDS[value % KINDS.length], "a kind");
    owner["handle"] ??= value % 4;
    owner["index"] ??= value % 4;
  }
}
