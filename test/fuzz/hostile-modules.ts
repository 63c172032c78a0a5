/** What may become of a hostile module: it is read and verified, or refused as the lists say. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { type ModuleId, moduleKey } from "#core/identifier.ts";
import { BINARY_STATUSES } from "../../src/sandbox/binary-format/binary-error.ts";
import { deserializeModule } from "../../src/sandbox/binary-format/deserializer.ts";
import type { CompiledModule } from "../../src/sandbox/binary-format/file-format.ts";
import { selfId } from "../../src/sandbox/binary-format/module-view.ts";
import { serializeModule } from "../../src/sandbox/binary-format/serializer.ts";
import { verifyPublish } from "../../src/sandbox/verifier/publish.ts";
import { VERIFICATION_STATUSES } from "../../src/sandbox/verifier/statuses.ts";

export interface Examination {
  /** `OK` or the status of the refusal. */
  readonly status: string;
  /** What should not have happened; undefined when all is well. */
  readonly problem?: string;
}

const MODULES = join(import.meta.dirname, "../vectors/vm-conformance/modules");
const STATUSES: ReadonlySet<string> = new Set([...BINARY_STATUSES, ...VERIFICATION_STATUSES]);

/** Bytes of the corpus' sound modules. */
export const SOUND_MODULES: readonly Uint8Array[] = readdirSync(MODULES).map(
  (name) => new Uint8Array(readFileSync(join(MODULES, name))),
);

const IN_FORCE: ReadonlyMap<string, CompiledModule> = new Map(
  SOUND_MODULES.map((bytes) => {
    const read = deserializeModule(bytes);
    const module = present(read.ok ? read.value : undefined, "the corpus can be read");
    return [moduleKey(selfId(module)), module];
  }),
);

/**
 * Publishes the bytes over the corpus' modules and looks at what comes of it. The verifier's meter
 * bounds the work, so nothing here looks at a clock.
 */
export function examine(bytes: Uint8Array): Examination {
  const result = verifyPublish({
    sender: makeAddress("0x1"),
    modules: [bytes],
    resolve: (id: ModuleId) => IN_FORCE.get(moduleKey(id)),
    natives: { has: () => true },
  });
  const status = result.ok ? "OK" : result.error.status;
  if (!result.ok) return { status, ...refusalProblem(status, bytes, result.error) };
  return result.value.every(isStable)
    ? { status }
    : { status, problem: "does not read as written" };
}

function refusalProblem(
  status: string,
  bytes: Uint8Array,
  { detail, byteOffset }: { readonly detail: string; readonly byteOffset?: number },
): Pick<Examination, "problem"> {
  if (!STATUSES.has(status)) return { problem: `${status} is not listed` };
  if (status === "VERIFIER_INVARIANT_VIOLATION") return { problem: detail };
  const isInside = byteOffset === undefined || (byteOffset >= 0 && byteOffset <= bytes.length);
  return isInside ? {} : { problem: `byte ${byteOffset} of ${bytes.length}` };
}

/** Written and read again, a module is the same bytes. */
function isStable(module: CompiledModule): boolean {
  const written = serializeModule(module);
  const read = deserializeModule(written);
  return read.ok && Buffer.compare(serializeModule(read.value), written) === 0;
}
