/**
 * Everything that is checked before modules come into force: their bytes, whose they are, every
 * pass over each, how they link with each other and with what is in force, the host's natives, and
 * that they may replace what they replace. Nothing is stored here.
 */
import type { BinaryStatus } from "../binary-format/binary-error.ts";
import { incompatibilities } from "../binary-format/compatibility.ts";
import { deserializeModule } from "../binary-format/deserializer.ts";
import type { CompiledModule } from "../binary-format/file-format.ts";
import { moduleIdOfHandle, selfId } from "../binary-format/module-view.ts";
import { type Address, formatAddress } from "../core/address.ts";
import { formatModuleId, type ModuleKey, moduleKey } from "../core/identifier.ts";
import { err, ok, type Result } from "../core/result.ts";
import { checkBounds } from "./bounds.ts";
import { PRODUCTION_CONFIG, type VerifierConfig } from "./config.ts";
import type { ModuleResolver } from "./dependencies.ts";
import { collectFailure, refuse, refuseEntry, type VerificationError } from "./error.ts";
import { verifyLinking } from "./linking.ts";
import { createMeter, type Meter } from "./meter.ts";
import { type NativeLookup, verifyNatives } from "./natives.ts";
import type { VerificationStatus } from "./statuses.ts";
import { verifyBehindBounds } from "./verifier.ts";

export interface PublishRequest {
  readonly sender: Address;
  /** Bytecode of modules that come into force together. */
  readonly modules: readonly Uint8Array[];
  /** Finds modules in force; they have been verified when they were published. */
  readonly resolve: ModuleResolver;
  readonly natives: NativeLookup;
  /** Whether the passes over one module by itself have accepted these bytes before. Default: no. */
  readonly isKnown?: (bytes: Uint8Array) => boolean;
  readonly config?: VerifierConfig;
}

export interface PublishError extends Omit<VerificationError, "status"> {
  readonly status: VerificationStatus | BinaryStatus;
  /** Position of the module at fault in the bundle. */
  readonly moduleIndex: number;
  /** Byte of that module, for an error in its bytes. */
  readonly byteOffset?: number;
}

/** A module of the bundle, and what its bounds pass was charged to. */
interface ReadModule {
  readonly bytes: Uint8Array;
  readonly module: CompiledModule;
  readonly meter: Meter;
}

/** @returns the modules, in the order of the request, or the first reason to refuse them all. */
export function verifyPublish(request: PublishRequest): Result<CompiledModule[], PublishError> {
  const { sender, natives, isKnown, config = PRODUCTION_CONFIG } = request;
  const bundle: ReadModule[] = [];
  for (const [moduleIndex, bytes] of request.modules.entries()) {
    const read = readModule(bytes, config);
    if (!read.ok) return err({ ...read.error, moduleIndex });
    bundle.push(read.value);
  }
  const modules = bundle.map(({ module }) => module);
  const inForce = remembering(request.resolve);
  const resolve = resolverOver(modules, inForce);
  const checks: ((read: ReadModule) => Result<void, VerificationError>)[] = [
    ({ module }) => checkPresence(module, resolve),
    ({ module }) => checkOwnership(module, modules, sender),
    ({ bytes, module, meter }) =>
      isKnown?.(bytes) ? ok(undefined) : verifyBehindBounds(module, config, meter),
    ({ module }) => verifyLinking(module, resolve, config),
    ({ module }) => checkPlace(module, natives, inForce),
  ];
  for (const check of checks) {
    const checked = checkEach(bundle, check);
    if (!checked.ok) return checked;
  }
  return ok(modules);
}

function checkEach(
  bundle: readonly ReadModule[],
  check: (read: ReadModule) => Result<void, VerificationError>,
): Result<void, PublishError> {
  for (const [moduleIndex, read] of bundle.entries()) {
    const result = check(read);
    if (!result.ok) return err({ ...result.error, moduleIndex });
  }
  return ok(undefined);
}

/** Reads the bytes and checks bounds: from here on the module can be asked who it is. */
function readModule(
  bytes: Uint8Array,
  config: VerifierConfig,
): Result<ReadModule, Omit<PublishError, "moduleIndex">> {
  if (bytes.length > config.moduleSizeMax) {
    const detail = `${bytes.length} bytes are over the limit of ${config.moduleSizeMax}`;
    return err({ status: "PROGRAM_TOO_COMPLEX", detail });
  }
  const read = deserializeModule(bytes);
  if (!read.ok) {
    const { status, offset, detail } = read.error;
    return err({ status, byteOffset: offset, detail });
  }
  const meter = createMeter(config);
  const bounds = checkBounds(read.value, config, meter);
  return bounds.ok ? ok({ bytes, module: read.value, meter }) : bounds;
}

/** Before anything is said about a module, the modules it names are there. */
function checkPresence(
  module: CompiledModule,
  resolve: ModuleResolver,
): Result<void, VerificationError> {
  return collectFailure(() => {
    for (const [index, handle] of module.moduleHandles.entries()) {
      const id = moduleIdOfHandle(module, handle);
      if (index === module.selfHandle || resolve(id) !== undefined) continue;
      refuseEntry("moduleHandles", index, "LINKER_ERROR", `no module ${formatModuleId(id)}`);
    }
  });
}

function checkOwnership(
  module: CompiledModule,
  modules: readonly CompiledModule[],
  sender: Address,
): Result<void, VerificationError> {
  const id = selfId(module);
  const owner = formatModuleId(id);
  return collectFailure(() => {
    if (id.address !== sender) {
      const detail = `${formatAddress(sender)} publishes ${owner}`;
      refuse("MODULE_ADDRESS_DOES_NOT_MATCH_SENDER", detail);
    }
    const namesakes = modules.filter((other) => selfId(other).name === id.name);
    if (namesakes.length > 1) refuse("DUPLICATE_MODULE_NAME", `${owner} is published twice`);
  });
}

/** The host has the module's natives, and the module may take the place of the one in force. */
function checkPlace(
  module: CompiledModule,
  natives: NativeLookup,
  inForce: ModuleResolver,
): Result<void, VerificationError> {
  return collectFailure(() => {
    verifyNatives(module, natives);
    const replaced = inForce(selfId(module));
    if (replaced === undefined) return;
    const problems = incompatibilities(replaced, module);
    if (problems.length > 0) refuse("BACKWARD_INCOMPATIBLE_MODULE_UPDATE", problems.join("; "));
  });
}

/** Asks for each module once: finding one may mean to read it anew. */
function remembering(resolve: ModuleResolver): ModuleResolver {
  const known = new Map<ModuleKey, CompiledModule | undefined>();
  return (id) => {
    const key = moduleKey(id);
    if (!known.has(key)) known.set(key, resolve(id));
    return known.get(key);
  };
}

/** What is published together is in force for one another. */
function resolverOver(modules: readonly CompiledModule[], inForce: ModuleResolver): ModuleResolver {
  const together = new Map<ModuleKey, CompiledModule>(
    modules.map((module) => [moduleKey(selfId(module)), module]),
  );
  return (id) => together.get(moduleKey(id)) ?? inForce(id);
}
