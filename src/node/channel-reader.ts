/**
 * Reads a channel's log and state for players: names instead of ids, JavaScript values instead of
 * bytes, by the code that the channel pins. Knows no node; what it cannot read it leaves out,
 * because peers decide what it is given.
 */

import type { Entry, Receipt, SeatId } from "#channel";
import { type Address, formatAddress } from "#core/address.ts";
import { assertNever, present } from "#core/assert.ts";
import {
  createTypeReader,
  type Event,
  type FunctionId,
  formatTypeTag,
  isExecuted,
  type JsValue,
  type ModuleId,
  type PinnedModule,
  parseIdentifier,
  parseModuleId,
  parseTypeTag,
  pinnedModules,
  type StructTag,
  statusName,
  type TypeTag,
} from "#sandbox";
import type { AppBinding } from "./app.ts";
import { HoldfastError } from "./holdfast-error.ts";
import type { CallRequest, ChannelEntry, EntryOutcome } from "./host.ts";

/** A call as the channel takes it. */
export interface EncodedCall {
  readonly function: FunctionId;
  readonly typeArgs: readonly TypeTag[];
  readonly args: readonly Uint8Array[];
}

export interface AppliedEntries {
  readonly firstHeight: bigint;
  readonly entries: readonly Entry[];
  readonly receipts: readonly Receipt[];
  readonly time: bigint;
}

export interface ChannelReader {
  /** Throws HoldfastError CALL_INVALID that says what is wrong with which argument. */
  encodeCall(request: Pick<CallRequest, "function" | "typeArgs" | "args">): EncodedCall;
  /** Undefined when the bytes are none of the app's state. */
  readState(bytes: Uint8Array): JsValue | undefined;
  readEntries(
    applied: AppliedEntries,
    addressOf: (seat: SeatId) => Address | undefined,
  ): readonly ChannelEntry[];
}

export function createChannelReader(
  binding: AppBinding,
  stateType: StructTag,
  modules: readonly PinnedModule[],
): ChannelReader {
  const types = createTypeReader(pinnedModules(modules));
  const module = present(parseModuleId(binding.module), "an app names its module");

  function readArgs(entry: Entry & { type: "call" | "bundled" }): readonly JsValue[] | undefined {
    const { function: callee, typeArgs, args } = entry.call.call;
    const values = types.decodeArguments(callee, typeArgs, args);
    return values.ok ? values.value : undefined;
  }

  function readEvent({ type, data }: Event): ChannelEntry["events"] {
    const value = types.decode(type, data);
    return value.ok ? [{ type: shortName(type), data: value.value }] : [];
  }

  function readCall(entry: Entry): Pick<ChannelEntry, "function" | "args"> {
    if (entry.type !== "call" && entry.type !== "bundled") return {};
    const { function: callee } = entry.call.call;
    const args = readArgs(entry);
    return { function: callee.name, ...(args === undefined ? {} : { args }) };
  }

  return {
    encodeCall: (request) => encodeCall(types, module, request),
    readState(bytes) {
      const value = types.decode({ kind: "struct", struct: stateType }, bytes);
      return value.ok ? value.value : undefined;
    },
    readEntries: ({ firstHeight, entries, receipts, time }, addressOf) =>
      entries.map((entry, index): ChannelEntry => {
        const receipt = present(receipts[index], "every entry has a receipt");
        const seat = seatOf(entry);
        const address = addressOf(seat);
        return {
          height: firstHeight + BigInt(index),
          type: entry.type === "bundled" ? "call" : entry.type,
          seat,
          address: address === undefined ? undefined : formatAddress(address),
          ...readCall(entry),
          outcome: outcomeOf(receipt),
          events: receipt.events.flatMap(readEvent),
          time: Number(time),
        };
      }),
  };
}

/** A type's name with its addresses as people write them: `0x21::chat::Posted`. */
function shortName(type: TypeTag): string {
  return formatTypeTag(type).replaceAll(/0x0+(?=[0-9a-f])/g, "0x");
}

function encodeCall(
  types: ReturnType<typeof createTypeReader>,
  module: ModuleId,
  request: Pick<CallRequest, "function" | "typeArgs" | "args">,
): EncodedCall {
  const name = parseIdentifier(request.function);
  if (name === undefined) throw invalid(`"${request.function}" names no function`);
  const typeArgs = request.typeArgs.map((text) => {
    const tag = parseTypeTag(text);
    if (tag === undefined) throw invalid(`"${text}" is no Move type`);
    return tag;
  });
  const callee: FunctionId = { module, name };
  const args = types.encodeArguments(callee, typeArgs, request.args);
  if (!args.ok) throw invalid(`${request.function}: ${args.error.detail}`);
  return { function: callee, typeArgs, args: args.value };
}

function invalid(message: string): HoldfastError {
  return new HoldfastError({ code: "CALL_INVALID", message });
}

/** How an entry went, for players. */
export function outcomeOf({ status }: Receipt): EntryOutcome {
  if (isExecuted(status)) return { ok: true };
  return status.type === "aborted"
    ? { ok: false, status: "ABORTED", abortCode: status.code }
    : { ok: false, status: statusName(status) };
}

/** Whom an entry is from or about. */
function seatOf(entry: Entry): SeatId {
  switch (entry.type) {
    case "call":
    case "bundled":
      return entry.call.call.seat;
    case "tick":
      return 0n;
    case "admit":
      return entry.seat.seat;
    case "leave":
    case "close":
      return entry.departure.departure.seat;
    case "suspend":
    case "exit":
      return entry.seat;
    default:
      return assertNever(entry);
  }
}
