// Contracts with one instruction altered, as genesis of one kind of chain would publish them.
import { assert, present } from "#core/assert.ts";
import { fromHex, toHex } from "#core/bytes.ts";
import { formatModuleId, parseModuleId } from "#core/identifier.ts";
import type { createGenesis, GenesisModule } from "../../../../src/chains/genesis.ts";

export interface Alteration {
  readonly module: string;
  /** Bytecode, as hex: what stands there, at least once, and what is to. */
  readonly from: string;
  readonly to: string;
}

/**
 * A genesis that publishes contracts so altered.
 *
 * @param alteration asked for when a genesis is made: what mocks a module runs before its test's
 *   constants are there.
 */
export function alteredGenesis(
  original: typeof createGenesis,
  chain: "shard" | "others",
  alteration: () => Alteration,
): typeof createGenesis {
  return (environment, config, modules, place, closing) => {
    const isMeant = (place?.type === "shard") === (chain === "shard");
    const own = isMeant ? altered(modules, alteration()) : modules;
    return original(environment, config, own, place, closing);
  };
}

function altered(
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
