// Contracts with one instruction altered, as genesis of one kind of chain would publish them.
import { assert, present } from "#core/assert.ts";
import { fromHex, toHex } from "#core/bytes.ts";
import { formatModuleId, parseModuleId } from "#core/identifier.ts";
import type { GenesisModule } from "../../../../src/chains/genesis.ts";

export interface Alteration {
  readonly module: string;
  /** Bytecode, as hex: what stands there, at least once, and what is to. */
  readonly from: string;
  readonly to: string;
}

export function altered(
  modules: readonly GenesisModule[],
  { module, from, to }: Alteration,
): readonly GenesisModule[] {
  assert(from.length === to.length, "instructions are replaced by as many");
  const named = formatModuleId(present(parseModuleId(module), "a module"));
  const at = modules.findIndex(({ id }) => formatModuleId(id) === named);
  const found = modules[at];
  assert(found !== undefined, `there is a module ${module}`);
  const before = toHex(found.bytes);
  const after = before.replaceAll(from, to);
  assert(after !== before, `${module} has these instructions`);
  const bytes = fromHex(after);
  assert(bytes !== undefined, "hex stays hex");
  return modules.with(at, { ...found, bytes });
}
