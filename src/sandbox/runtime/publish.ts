/**
 * Publishing modules of one address together. What may be published is the profile's policy: which
 * code is admitted at all, and whether the verifier judges it. Chains and channels always verify.
 */
import type { CompiledModule } from "../binary-format/file-format.ts";
import { selfId } from "../binary-format/module-view.ts";
import type { Address } from "../core/address.ts";
import { present } from "../core/assert.ts";
import { toHex } from "../core/bytes.ts";
import { type Change, opBetween } from "../core/effects.ts";
import { sha2_256 } from "../core/hash.ts";
import { formatModuleId } from "../core/identifier.ts";
import type { StateReader } from "../execution.ts";
import type { NativeRegistry } from "../natives/registry.ts";
import { type ModuleSource, moduleStateKey } from "../storage/module-source.ts";
import { formatVerificationError } from "../verifier/error.ts";
import { verifyPublish } from "../verifier/publish.ts";
import { fail } from "./failure.ts";
import {
  codeHashOf,
  decodedModule,
  decodeModuleBytes,
  keepDecoded,
  type Program,
} from "./program.ts";
import { isKnownVerified, rememberVerified } from "./verified-code.ts";

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
  program: Program,
  state: StateReader,
  policy: PublishPolicy,
  natives: NativeRegistry,
  sender: Address,
  bundle: readonly Uint8Array[],
): readonly Change[] {
  checkAdmitted(policy, bundle);
  // What comes into force is nobody else's to change.
  const owned = bundle.map((bytes) => bytes.slice());
  const modules = policy.verifies
    ? verifiedModules(program, state, natives, sender, owned)
    : owned.map((bytes) => decodeModuleBytes(bytes, "").module);
  return modules.flatMap((module, index): Change[] => {
    const key = moduleStateKey(selfId(module));
    const op = opBetween(state.get(key), owned[index]);
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
  program: Program,
  state: StateReader,
  natives: NativeRegistry,
  sender: Address,
  bundle: readonly Uint8Array[],
): readonly CompiledModule[] {
  const source: ModuleSource = { get: (id) => state.get(moduleStateKey(id)) };
  const verified = verifyPublish({
    sender,
    modules: bundle,
    resolve: (id) => decodedModule(program, source, id)?.module,
    natives: { has: (module, name) => natives.has(`${formatModuleId(module)}::${name}`) },
    isKnown: (bytes) => isKnownVerified(codeHashOf(program, bytes)),
  });
  if (!verified.ok) {
    const { error } = verified;
    const detail = `module ${error.moduleIndex} of the bundle: ${formatVerificationError(error)}`;
    return fail(error.status, detail);
  }
  for (const [index, module] of verified.value.entries()) {
    const bytes = present(bundle[index], "a module is of its bytes");
    rememberVerified(keepDecoded(program, bytes, module));
  }
  return verified.value;
}
