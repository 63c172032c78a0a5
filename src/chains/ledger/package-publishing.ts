/**
 * Publishes a package inside the transaction that asks for it: `0x1::code` agrees first, then the
 * verifier, then the code is in force and what is new of it initialises itself. One part that
 * fails undoes all, which is the caller's to do.
 */
import type { Address } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import { type InternalGas, internalGas } from "#core/gas-units.ts";
import { formatModuleId, type ModuleId, parseIdentifier } from "#core/identifier.ts";
import { isExecuted, type StatusName } from "#core/status.ts";
import { abiOf, type Session, type StateReader } from "#sandbox";
import { isPinned } from "./channel-pins.ts";
import type { PayloadOutcome } from "./payload-outcome.ts";
import { publishRequest, undeclared } from "./publish-request.ts";
import type { EntryFunctionCall } from "./transaction.ts";

const INITIALIZER = present(parseIdentifier("init_module"), "an identifier");

/** What publishing came to; `gasUsed` includes what the initializers used. */
export interface PublishingOutcome extends PayloadOutcome {
  /** Used by the publisher's own code, not by the chain's. */
  readonly initializerGas: InternalGas;
}

/**
 * @param state before the transaction.
 * @param signers of the call; the first is the publisher.
 * @param initializerGasMax most that the initializers may use, within `gasLimit`.
 */
export function publishPackage(
  session: Session,
  state: StateReader,
  call: EntryFunctionCall,
  signers: readonly [Address, ...Address[]],
  gasLimit: InternalGas,
  initializerGasMax: InternalGas,
): PublishingOutcome {
  const [publisher] = signers;
  let initializerGas = internalGas(0);
  let done = taken(session.execute({ mode: "entry", ...call, signers, gasLimit }));
  const proceed = (next: (gasLeft: InternalGas) => PayloadOutcome): void => {
    if (!isExecuted(done.status)) return;
    const after = next(internalGas(gasLimit - done.gasUsed));
    done = {
      status: after.status,
      gasUsed: internalGas(done.gasUsed + after.gasUsed),
      events: [...done.events, ...after.events],
      // One after the other, not composed: what counts them adds them up.
      changes: [...done.changes, ...after.changes],
    };
  };
  const request = publishRequest(call);
  // What `0x1::code` can read can be read here; nothing is registered that is not published.
  if (request === undefined) {
    proceed(() => judged("FAILED_TO_DESERIALIZE_ARGUMENT", "the package cannot be read"));
    return { ...done, initializerGas };
  }
  const { modules } = request;
  proceed(() => judged("CONSTRAINT_NOT_SATISFIED", pinnedAmong(session, state, modules)));
  proceed((gasLeft) => session.publish(publisher, modules, gasLeft));
  proceed(() => {
    return judged("CONSTRAINT_NOT_SATISFIED", undeclared(state, publisher, request));
  });
  for (const module of modules) {
    if (!isExecuted(done.status)) break;
    const id = newInitializer(state, module);
    if (id === undefined) continue;
    proceed((gasLeft) => {
      const own = internalGas(Math.min(gasLeft, initializerGasMax - initializerGas));
      const initialized = initialize(session, publisher, id, own);
      initializerGas = internalGas(initializerGas + initialized.gasUsed);
      return initialized;
    });
  }
  return { ...done, initializerGas };
}

/** Why a module may not be replaced now. */
function pinnedAmong(
  session: Session,
  state: StateReader,
  modules: readonly Uint8Array[],
): string | undefined {
  for (const bytes of modules) {
    const abi = abiOf(bytes);
    if (!abi.ok) continue;
    const module = abi.value.id;
    const standing = state.get({ kind: "module", module });
    const isReplaced = standing !== undefined && !equalBytes(standing, bytes);
    if (isReplaced && isPinned(session, module)) {
      return `an open channel pins ${formatModuleId(module)}`;
    }
  }
  return undefined;
}

/** What is used of an outcome, its changes included, which it may only make while they last. */
function taken({ status, gasUsed, events, changes }: PayloadOutcome): PayloadOutcome {
  return { status, gasUsed, events, changes };
}

/** A judgement that costs nothing: `status` if there is anything to object. */
function judged(status: StatusName, objection: string | undefined): PayloadOutcome {
  const nothing = { gasUsed: internalGas(0), events: [], changes: [] };
  return objection === undefined
    ? { ...nothing, status: { type: "executed" } }
    : { ...nothing, status: { type: "failed", status, detail: objection } };
}

/** The module if it was not there before and has an `init_module`. */
function newInitializer(state: StateReader, bytes: Uint8Array): ModuleId | undefined {
  const abi = abiOf(bytes);
  if (!abi.ok) return undefined;
  const { id, functions } = abi.value;
  if (state.get({ kind: "module", module: id }) !== undefined) return undefined;
  return functions.some(({ name }) => name === INITIALIZER) ? id : undefined;
}

function initialize(
  session: Session,
  publisher: Address,
  module: ModuleId,
  gasLimit: InternalGas,
): PayloadOutcome {
  return session.execute({
    mode: "system",
    function: { module, name: INITIALIZER },
    typeArgs: [],
    args: [],
    signers: [publisher],
    gasLimit,
  });
}
