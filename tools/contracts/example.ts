// The contract of docs/YOUR-OWN-GAME.md: compiled and compared like the contracts, and never one of
// them: it is published like anybody's.
import { join } from "node:path";
import { compileCopy } from "./package-copy.ts";

const EXAMPLE = join("examples", "twenty-one");
const CONTRACTS = join("src", "chains", "contracts");
/** Its bytecode, below the repository's root. */
export const EXAMPLE_TARGET = "examples/twenty-one/bytecode/twenty_one.mv";

export function compileExample(root: string): Uint8Array {
  const dependencies = ["framework", "rooch"].map((name) => join(CONTRACTS, name));
  const bytes = compileCopy(root, EXAMPLE, dependencies).get("twenty_one");
  if (bytes === undefined) throw new Error("the example's package has no module twenty_one");
  return bytes;
}
