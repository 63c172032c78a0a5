// The trial package's shelf, as if it had been written for somebody's own address.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Address, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { type Identifier, parseIdentifier } from "#core/identifier.ts";
import { deserializeModule } from "../../../src/sandbox/binary-format/deserializer.ts";
import type { CompiledModule } from "../../../src/sandbox/binary-format/file-format.ts";
import { serializeModule } from "../../../src/sandbox/binary-format/serializer.ts";

const TRIAL = makeAddress("0x7e57");
const FOLDER = join(import.meta.dirname, "..", "contracts", "trial", "bytecode");

/** @param change what is different about it, as after an upgrade. */
export function shelfModule(
  owner: Address,
  change: (module: CompiledModule) => CompiledModule = (module) => module,
): Uint8Array {
  const read = deserializeModule(Uint8Array.from(readFileSync(join(FOLDER, "shelf.mv"))));
  if (!read.ok) throw new Error("the trial package deserialises");
  const addresses = read.value.addresses.map((address) => (address === TRIAL ? owner : address));
  return serializeModule(change({ ...read.value, addresses }));
}

/** Without the public function `hidden`, which an upgrade must not take away. */
export function withoutHidden(module: CompiledModule): CompiledModule {
  const unseen = makeIdentifier("unseen");
  const identifiers = module.identifiers.map((name) => (name === "hidden" ? unseen : name));
  return { ...module, identifiers };
}

function makeIdentifier(text: string): Identifier {
  return present(parseIdentifier(text), "an identifier");
}
