// Evidence with one field changed, for every field: what tests hold to being refused.
import type { Codec } from "../../src/channel/codec/fields.ts";
import { decode, encode } from "../../src/channel/codec.ts";

/** Words that say what an object is, not what is in it. */
const DISCRIMINATORS = ["type", "kind"];

export interface Mutation {
  /** As `header.header.epoch.term`. */
  readonly path: string;
  readonly value: unknown;
}

/** The value with one leaf changed, for every leaf; lists also lose and double their last. */
function mutations(value: unknown, path = ""): readonly Mutation[] {
  if (typeof value === "bigint") return [{ path, value: value + 1n }];
  if (typeof value === "number") return [{ path, value: value + 1 }];
  if (typeof value === "string") return [{ path, value: `${value}x` }];
  if (value instanceof Uint8Array) return bytesMutations(value, path);
  if (Array.isArray(value)) return listMutations(value, path);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value)
    .filter(([name]) => !DISCRIMINATORS.includes(name))
    .flatMap(([name, field]) =>
      mutations(field, path === "" ? name : `${path}.${name}`).map((mutation) => ({
        path: mutation.path,
        value: { ...value, [name]: mutation.value },
      })),
    );
}

function bytesMutations(bytes: Uint8Array, path: string): readonly Mutation[] {
  if (bytes.length === 0) return [];
  const places = [...new Set([0, bytes.length >> 1, bytes.length - 1])];
  return places.map((place) => ({
    path: `${path}[${place}]`,
    value: bytes.with(place, (bytes[place] ?? 0) ^ 1),
  }));
}

function listMutations(list: readonly unknown[], path: string): readonly Mutation[] {
  const last = list.at(-1);
  if (last === undefined) return [];
  const whole = [
    { path: `${path} without the last`, value: list.slice(0, -1) },
    { path: `${path} with the last twice`, value: [...list, last] },
  ];
  const inside = list.flatMap((element, index) =>
    mutations(element, `${path}.${index}`).map((mutation) => ({
      path: mutation.path,
      value: list.with(index, mutation.value),
    })),
  );
  return [...whole, ...inside];
}

/** How many changes there are, and the paths of those that `isTaken` tells are taken anyway. */
export function taken<T>(
  codec: Codec<T>,
  data: Uint8Array,
  isTaken: (data: Uint8Array) => boolean,
): { readonly count: number; readonly passed: readonly string[] } {
  const all = mutations(decode(codec, data));
  const passed = all.filter(({ value }) => {
    const bytes = encoded(codec, value as T);
    return bytes !== undefined && isTaken(bytes);
  });
  return { count: all.length, passed: passed.map(({ path }) => path) };
}

/** Undefined where our own codec cannot write it. */
function encoded<T>(codec: Codec<T>, value: T): Uint8Array | undefined {
  try {
    return encode(codec, value);
  } catch {
    return undefined;
  }
}
