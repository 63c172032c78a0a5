/**
 * Publishing modules of one address together. What may be published is the profile's policy: which
 * code is admitted at all, and whether the verifier judges it. Chains and channels always verify.
 */
import type { CompiledModule } from "../binary-format/file-format.ts";
import { selfId } from "../binary-format/module-view.ts";
import type { Address } from "../core/address.ts";
import { toHex } from "../core/bytes.ts";
import { type Change, opBetween } from "../core/effects.ts";
import { sha2_256 } from "../core/hash.ts";
import { formatModuleId, type ModuleId } from "../core/identifier.ts";
import type { StateReader } from "../execution.ts";
import type { NativeRegistry } from "../natives/registry.ts";
import { formatVerificationError } from "../verifier/error.ts";
import { verifyPublish } from "../verifier/publish.ts";
import { fail } from "./failure.ts";
import { decodeModuleBytes } from "./program.ts";
import { rememberVerified } from "./verified-code.ts";

/** Which modules may be published. Part of the execution profile. */
export interface PublishPolicy {
  /** Hex SHA-256 of the bytecode that is admitted; undefined admits any. */
  readonly admitted: ReadonlySet<string> | undefined;
  /** Whether every pass of the verifier, linking and upgrade compatibility are demanded. */
  readonly verifies: boolean;
}

/** Any code that the verifier accepts. */
export const VERIFIED_PUBLISHING: PublishPolicy = { admitted: undefined, verifies: true };

/**
 * Anything that can be read. For judging the interpreter itself; never for a chain or a channel.
 */
export const UNCHECKED_PUBLISHING: PublishPolicy = { admitted: undefined, verifies: false };

/**
 * Verified code out of a list: what a host admits that runs no code but its own.
 *
 * @param codeHashes hex SHA-256 of bytecode, as a contracts manifest lists them.
 */
export function listedModules(codeHashes: Iterable<string>): PublishPolicy {
  return { admitted: new Set(codeHashes), verifies: true };
}

/**
 * Checks a bundle against a policy and what is in force.
 *
 * @returns its changes, one for each module that is new or differs, in the order given.
 */
export function publishModules(
  state: StateReader,
  policy: PublishPolicy,
  natives: NativeRegistry,
  sender: Address,
  bundle: readonly Uint8Array[],
): readonly Change[] {
  checkAdmitted(policy, bundle);
  const modules = policy.verifies
    ? verifiedModules(state, natives, sender, bundle)
    : bundle.map((bytes) => decodeModuleBytes(bytes, "").module);
  return modules.flatMap((module, index): Change[] => {
    const key = { kind: "module", module: selfId(module) } as const;
    const op = opBetween(state.get(key), bundle[index]?.slice());
    return op === undefined ? [] : [{ key, op }];
  });
}

function checkAdmitted({ admitted }: PublishPolicy, bundle: readonly Uint8Array[]): void {
  if (admitted === undefined) return;
  for (const bytes of bundle) {
    const codeHash = toHex(sha2_256(bytes));
    if (!admitted.has(codeHash)) {
      fail("FEATURE_NOT_ENABLED", `code ${codeHash} is not in the list of admitted modules`);
    }
  }
}

function verifiedModules(
  state: StateReader,
  natives: NativeRegistry,
  sender: Address,
  bundle: readonly Uint8Array[],
): readonly CompiledModule[] {
  const verified = verifyPublish({
    sender,
    modules: bundle,
    resolve: (id) => moduleInForce(state, id),
    natives: { has: (module, name) => natives.has(`${formatModuleId(module)}::${name}`) },
  });
  if (verified.ok) {
    for (const bytes of bundle) rememberVerified(toHex(sha2_256(bytes)));
    return verified.value;
  }
  const { error } = verified;
  const detail = `module ${error.moduleIndex} of the bundle: ${formatVerificationError(error)}`;
  return fail(error.status, detail);
}

function moduleInForce(state: StateReader, id: ModuleId): CompiledModule | undefined {
  const bytes = state.get({ kind: "module", module: id });
  return bytes === undefined ? undefined : decodeModuleBytes(bytes, "").module;
}
