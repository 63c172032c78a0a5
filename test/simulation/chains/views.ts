// Views of a node's newest state, as bytes.
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { concatBytes } from "#core/bytes.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { isExecuted } from "#core/status.ts";
import { runView } from "../../../src/chains/queries.ts";
import type { QuerySource } from "../../../src/chains/query-source.ts";

export function viewOn(
  { environment, tree }: QuerySource,
  name: string,
  ...args: readonly Uint8Array[]
): Uint8Array {
  const id = present(parseFunctionId(name), `a function: ${name}`);
  const ran = runView(environment, tree.head.state, { function: id, typeArgs: [], args });
  if (!isExecuted(ran.status)) throw new Error(`${name} fails`);
  return concatBytes(...ran.returns);
}

export function u64(value: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u64(value));
}

/** The number that bytes begin with. */
export function readU64(bytes: Uint8Array): bigint {
  return new BcsReader(bytes.subarray(0, 8)).u64();
}
