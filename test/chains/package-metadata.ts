// What a publisher says of a package, as bytes: the arguments of `0x1::code::publish_package_txn`.
import type { Address } from "#core/address.ts";
import { type BcsWriter, encodeBcs } from "#core/bcs/writer.ts";

export const COMPATIBLE = 1;
export const IMMUTABLE = 2;

export interface TestPackage {
  readonly name: string;
  readonly policy?: number;
  readonly moduleNames: readonly string[];
  readonly manifest?: Uint8Array;
  readonly dependencies?: readonly { readonly account: Address; readonly name: string }[];
}

/** BCS of PackageMetadata. */
export function encodePackage(described: TestPackage): Uint8Array {
  const { name, policy = COMPATIBLE, moduleNames, manifest, dependencies = [] } = described;
  return encodeBcs((writer) => {
    writer
      .string(name)
      .u8(policy)
      .u64(0n)
      .string("")
      .bytes(manifest ?? new Uint8Array());
    writer.vector(moduleNames, (out, module) => {
      none(out.string(module).bytes(new Uint8Array()).bytes(new Uint8Array()));
    });
    writer.vector(dependencies, (out, { account, name: dependency }) => {
      out.address(account).string(dependency);
    });
    none(writer);
  });
}

/** Both arguments of the publishing entry function, as a transaction carries them. */
export function publishArguments(
  described: TestPackage,
  modules: readonly Uint8Array[],
): Uint8Array[] {
  return [
    encodeBcs((writer) => writer.bytes(encodePackage(described))),
    encodeBcs((writer) => writer.vector(modules, (out, bytes) => out.bytes(bytes))),
  ];
}

function none(writer: BcsWriter): void {
  writer.bool(false);
}
