/**
 * What a publisher says of a package (REST profile section 6, "Publish"), and what the account
 * keeps of it in `0x1::code::PackageRegistry`: both are the same BCS. Reads what the chain needs of
 * it: names, modules and dependencies.
 */
import type { Address } from "#core/address.ts";
import { type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { makeStructTag } from "#core/type-tag.ts";
import type { StateReader } from "#sandbox";

export interface PackageDependency {
  readonly account: Address;
  readonly packageName: string;
}

export interface PackageMetadata {
  readonly name: string;
  /** 1 compatible, 2 immutable. */
  readonly upgradePolicy: number;
  readonly upgradeNumber: bigint;
  readonly moduleNames: readonly string[];
  readonly dependencies: readonly PackageDependency[];
}

const REGISTRY_TYPE = makeStructTag("0x1::code::PackageRegistry");

/** Throws `BcsError`. */
export function decodePackageMetadata(bytes: Uint8Array): PackageMetadata {
  return decodeBcs(bytes, readPackageMetadata);
}

/** The packages an account has published, none for an account that never did. */
export function readPackages(state: StateReader, address: Address): readonly PackageMetadata[] {
  const bytes = state.get({ kind: "resource", address, type: REGISTRY_TYPE });
  if (bytes === undefined) return [];
  return decodeBcs(bytes, (reader) => reader.vector(readPackageMetadata));
}

function readPackageMetadata(reader: BcsReader): PackageMetadata {
  const name = reader.string();
  const upgradePolicy = reader.u8();
  const upgradeNumber = reader.u64();
  // Digest of the sources and the manifest.
  reader.string();
  reader.bytes();
  const moduleNames = reader.vector(readModuleName);
  const dependencies = reader.vector((item): PackageDependency => {
    return { account: item.address(), packageName: item.string() };
  });
  skipExtension(reader);
  return { name, upgradePolicy, upgradeNumber, moduleNames, dependencies };
}

function readModuleName(reader: BcsReader): string {
  const name = reader.string();
  // Source and source map.
  reader.bytes();
  reader.bytes();
  skipExtension(reader);
  return name;
}

function skipExtension(reader: BcsReader): void {
  reader.option((inner) => {
    inner.string();
    return inner.bytes();
  });
}
