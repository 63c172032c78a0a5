/** The committed contracts as genesis publishes them: decoded once, in publish order. */
import { present } from "#core/assert.ts";
import { fromHex, toHex } from "#core/bytes.ts";
import { domainHash, sha2_256 } from "#core/hash.ts";
import { parseModuleId } from "#core/identifier.ts";
import { BYTECODE } from "./contracts/bytecode.ts";
import type { GenesisModule } from "./genesis.ts";

const NAME_DIGITS = 16;

let decoded: readonly GenesisModule[] | undefined;

/** Every module object and its bytes are shared: nobody may write into them. */
export function contractModules(): readonly GenesisModule[] {
  decoded ??= BYTECODE.map(({ id, hex }) => ({
    id: present(parseModuleId(id), `not a module: ${id}`),
    bytes: present(fromHex(hex), `not hex: ${id}`),
  }));
  return decoded;
}

/** A short name of exactly these contracts, the same wherever they are the same. */
export function contractsName(): string {
  const hashes = contractModules().map(({ bytes }) => sha2_256(bytes));
  return toHex(domainHash("Contracts", ...hashes)).slice(0, NAME_DIGITS);
}
