/**
 * Pins the code of channels that a transaction creates and lets go of the code of those that it
 * closes, as its events tell, inside the transaction. Only the chain can: Move code cannot read
 * modules. Also answers whether a module is pinned, for whoever wants to replace it.
 */
import { addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import type { Event } from "#core/effects.ts";
import { internalGas } from "#core/gas-units.ts";
import { type FunctionId, type ModuleId, parseFunctionId } from "#core/identifier.ts";
import { isExecuted, type VmStatus } from "#core/status.ts";
import {
  formatTypeTag,
  makeStructTag,
  moduleOf,
  parseStructTag,
  type StructTag,
} from "#core/type-tag.ts";
import type { Outcome, PinnedModule, Session, StateReader } from "#sandbox";
import { executionProfileHash, moduleClosure } from "../module-closure.ts";
import type { PayloadOutcome } from "./payload-outcome.ts";

const PIN = functionId("0x20::pinning::pin");
const RELEASE = functionId("0x20::pinning::release");
const IS_PINNED = functionId("0x20::pinning::is_pinned");
const CREATED = eventName("0x20::events::ChannelCreated");
const CLOSED = eventName("0x20::events::ChannelClosed");
/** What one pin may cost: a few hundred small writes. */
const PIN_GAS = internalGas(20_000_000);

/** @param state before the transaction. */
export function followChannels(
  session: Session,
  state: StateReader,
  payload: PayloadOutcome,
): PayloadOutcome {
  const { events, changes } = payload;
  let { status, gasUsed } = payload;
  for (const event of events) {
    if (!isExecuted(status)) break;
    const followed = follow(session, state, event);
    if (followed === undefined) continue;
    status = followed.status;
    gasUsed = internalGas(gasUsed + followed.gasUsed);
  }
  return { status, gasUsed, events, changes };
}

/** Whether an open channel pins a module. */
export function isPinned(session: Session, { address, name }: ModuleId): boolean {
  const args = [addressToBytes(address), encodeBcs((writer) => writer.string(name))];
  const [answer] = run(session, IS_PINNED, args).returns;
  return decodeBcs(present(answer, "a view returns"), (reader) => reader.bool());
}

function follow(
  session: Session,
  state: StateReader,
  { type, data }: Event,
): Pick<Outcome, "status" | "gasUsed"> | undefined {
  const name = formatTypeTag(type);
  if (name === CLOSED) return run(session, RELEASE, [data]);
  if (name !== CREATED) return undefined;
  const { id, stateType } = readCreated(data);
  const closure = moduleClosure(moduleOf(stateType), (module) =>
    state.get({ kind: "module", module }),
  );
  if (!closure.ok) return { status: unlinked(closure.error.message), gasUsed: internalGas(0) };
  return run(session, PIN, pinArguments(id, closure.value));
}

function unlinked(detail: string): VmStatus {
  return { type: "failed", status: "LINKER_ERROR", detail };
}

function readCreated(data: Uint8Array): { readonly id: bigint; readonly stateType: StructTag } {
  return decodeBcs(data, (reader) => {
    const id = reader.u64();
    reader.bytes(); // hash
    reader.address(); // creator
    return { id, stateType: present(parseStructTag(reader.string()), "Move names a type") };
  });
}

function pinArguments(id: bigint, modules: readonly PinnedModule[]): readonly Uint8Array[] {
  const profile = executionProfileHash(modules);
  return [
    encodeBcs((writer) => writer.u64(id)),
    encodeBcs((writer) => writer.bytes(profile)),
    encodeBcs((writer) => writer.vector(modules, (out, module) => out.address(module.id.address))),
    encodeBcs((writer) => writer.vector(modules, (out, module) => out.string(module.id.name))),
  ];
}

function run(session: Session, target: FunctionId, args: readonly Uint8Array[]): Outcome {
  return session.execute({
    mode: "system",
    function: target,
    typeArgs: [],
    args,
    signers: [],
    gasLimit: PIN_GAS,
  });
}

function eventName(text: string): string {
  return formatTypeTag({ kind: "struct", struct: makeStructTag(text) });
}

function functionId(text: string): FunctionId {
  return present(parseFunctionId(text), `not a function: ${text}`);
}
