/** Verdicts as JSON and as text for people. */
import type { Refusal, Verdict } from "./verdict.ts";

export type VerdictJson = ReturnType<typeof verdictJson>;

/** `status` is `OK` for a module that may be published. */
export function verdictJson({ path, module, size, version, dependencies, refusal }: Verdict) {
  return {
    file: path,
    module: module ?? null,
    ok: refusal === undefined,
    status: refusal?.status ?? "OK",
    size,
    version: version ?? null,
    dependencies,
    ...(refusal === undefined ? {} : { detail: refusal.detail, ...placeJson(refusal.place) }),
  };
}

function placeJson(place: Refusal["place"]) {
  switch (place?.kind) {
    case "byte":
      return { byteOffset: place.offset };
    case "table":
      return { table: place.table, index: place.index };
    case "code":
      return {
        function: place.functionIndex,
        functionName: place.functionName ?? null,
        offset: place.offset,
        instruction: place.instruction ?? null,
      };
    case undefined:
      return {};
  }
}

export function verdictText({
  path,
  module,
  size,
  version,
  dependencies,
  refusal,
}: Verdict): string {
  const kind = version === undefined ? "" : `, version ${version}`;
  const needs = dependencies.length === 0 ? "" : `, needs ${dependencies.join(", ")}`;
  const head = `${path}: ${module ?? "no module"} (${size} bytes${kind}${needs})`;
  if (refusal === undefined) return `${head}: ok`;
  const lines = [`${head}: ${refusal.status}`, `  ${refusal.detail}`, ...placeLines(refusal.place)];
  return lines.join("\n");
}

function placeLines(place: Refusal["place"]): readonly string[] {
  switch (place?.kind) {
    case "byte":
      return [`  at byte ${place.offset}`];
    case "table":
      return [`  entry ${place.index} of ${place.table}`];
    case "code": {
      const name = place.functionName === undefined ? "" : ` (${place.functionName})`;
      const instruction = place.instruction === undefined ? "" : `: ${place.instruction}`;
      return [`  function ${place.functionIndex}${name}, offset ${place.offset}${instruction}`];
    }
    case undefined:
      return [];
  }
}
