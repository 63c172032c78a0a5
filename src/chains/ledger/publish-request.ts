/**
 * Recognises the payload that publishes a package (REST profile section 6),
 * `0x1::code::publish_package_txn`, and says what of it the package's own metadata does not cover.
 * Upgrade rules are `0x1::code`'s; whether the code is sound is the executor's.
 */
import type { Address } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { BcsError, decodeBcs } from "#core/bcs/reader.ts";
import {
  formatFunctionId,
  formatModuleId,
  type ModuleId,
  parseFunctionId,
} from "#core/identifier.ts";
import { dependenciesOf, deserializeModule, type StateReader } from "#sandbox";
import {
  decodePackageMetadata,
  type PackageDependency,
  type PackageMetadata,
  readPackages,
} from "./package-metadata.ts";
import type { EntryFunctionCall } from "./transaction.ts";

const PUBLISH = formatFunctionId(
  present(parseFunctionId("0x1::code::publish_package_txn"), "a function"),
);

/** Only genesis publishes below this address, and what it published nobody has to declare. */
const GENESIS_ADDRESSES_END = 256n;

export interface PublishRequest {
  readonly metadata: PackageMetadata;
  readonly modules: readonly Uint8Array[];
}

export function isPublishing(call: EntryFunctionCall): boolean {
  return formatFunctionId(call.function) === PUBLISH;
}

/** What a publishing call asks for; undefined where its arguments cannot be read. */
export function publishRequest(call: EntryFunctionCall): PublishRequest | undefined {
  const [metadata, code] = call.args;
  if (metadata === undefined || code === undefined) return undefined;
  try {
    return {
      metadata: decodePackageMetadata(decodeBcs(metadata, (reader) => reader.bytes().slice())),
      modules: decodeBcs(code, (reader) => reader.vector((item) => item.bytes().slice())),
    };
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}

/**
 * Why the modules are not those that the metadata declares, or link with what it does not declare;
 * undefined when all is in order.
 *
 * @param state before the transaction.
 * @param request whose modules the verifier has accepted for `sender`.
 */
export function undeclared(
  state: StateReader,
  sender: Address,
  { metadata, modules }: PublishRequest,
): string | undefined {
  const compiled = modules.map(readModule);
  const own = new Set(metadata.moduleNames);
  const stranger = compiled.find(({ name }) => !own.has(name));
  if (stranger !== undefined) {
    return `module ${stranger.name} is not among those of the metadata`;
  }
  const covered = (id: ModuleId): boolean => {
    if (BigInt(id.address) < GENESIS_ADDRESSES_END) return true;
    if (id.address === sender && own.has(id.name)) return true;
    return metadata.dependencies.some((dependency) => covers(state, dependency, id));
  };
  const missing = compiled.flatMap(({ links }) => links).find((id) => !covered(id));
  return missing && `${formatModuleId(missing)} belongs to no package that is declared`;
}

function covers(state: StateReader, { account, packageName }: PackageDependency, id: ModuleId) {
  if (account !== id.address) return false;
  const found = readPackages(state, account).find(({ name }) => name === packageName);
  return found?.moduleNames.includes(id.name) === true;
}

function readModule(bytes: Uint8Array): { name: string; links: readonly ModuleId[] } {
  const read = deserializeModule(bytes);
  const module = present(read.ok ? read.value : undefined, "the verifier has read this module");
  const self = present(module.moduleHandles[module.selfHandle], "a module names itself");
  const name = present(module.identifiers[self.name], "a name is an identifier");
  return { name, links: dependenciesOf(module) };
}
