// The trial package: Move code that only tests publish, to reach what no entry function of the
// contracts does.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeAddress } from "#core/address.ts";
import { toHex } from "#core/bytes.ts";
import { sha2_256 } from "#core/hash.ts";
import { type ContractChain, startContractChain } from "./contract-chain.ts";

export const TRIAL = makeAddress("0x7e57");
const NAMES = ["coins", "collections", "game", "reading"];

/** A contract chain on which the trial package is published. */
export function startTrialChain(): ContractChain {
  const modules = NAMES.map((name) =>
    Uint8Array.from(readFileSync(join(import.meta.dirname, "trial", "bytecode", `${name}.mv`))),
  );
  const chain = startContractChain(modules.map((bytes) => toHex(sha2_256(bytes))));
  chain.publish(TRIAL, modules);
  return chain;
}
