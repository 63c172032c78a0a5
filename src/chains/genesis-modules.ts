/** Committed bytecode as genesis publishes it, whichever packages a chain begins with. */
import { present } from "#core/assert.ts";
import { fromHex, toHex } from "#core/bytes.ts";
import { domainHash, sha2_256 } from "#core/hash.ts";
import { parseModuleId } from "#core/identifier.ts";
import type { GenesisModule } from "./genesis.ts";

const NAME_DIGITS = 16;

/** A module as the build of the contracts writes it down. */
export interface CommittedModule {
  readonly id: string;
  readonly hex: string;
}

/** Decodes once. Every module object and its bytes are shared: nobody may write into them. */
export function modulesIn(
  packages: readonly (readonly CommittedModule[])[],
): () => readonly GenesisModule[] {
  let decoded: readonly GenesisModule[] | undefined;
  return () => {
    decoded ??= packages.flat().map(({ id, hex }) => ({
      id: present(parseModuleId(id), `not a module: ${id}`),
      bytes: present(fromHex(hex), `not hex: ${id}`),
    }));
    return decoded;
  };
}

/** A short name of exactly these contracts, the same wherever they are the same. */
export function modulesName(modules: readonly GenesisModule[]): string {
  const hashes = modules.map(({ bytes }) => sha2_256(bytes));
  return toHex(domainHash("Contracts", ...hashes)).slice(0, NAME_DIGITS);
}
