/** Turns an app's table of chain functions into the calls that settlement sends. Knows no chain. */
import { addressToBytes, parseAddress } from "#core/address.ts";
import { assertNever } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { utf8 } from "#core/bytes.ts";
import { domainHash } from "#core/hash.ts";
import { parseFunctionId } from "#core/identifier.ts";
import type { DappBinding, EntryCall } from "#settlement";
import type { AppBinding, ChainArgument, ChainCall } from "./app.ts";
import { HoldfastError } from "./holdfast-error.ts";

const ROOM_DOMAIN = "Room";
/** Bytes of a room's name: as much as a name on chain holds. */
const ROOM_SIZE_MAX = 64;

type Values = { readonly stake?: bigint; readonly channel?: bigint; readonly proposal?: bigint };

/** The dapp of one room, and whether its `create` still has to prepare. */
export interface RoomDapp extends DappBinding {
  isPrepared: boolean;
}

/** Throws HoldfastError ROOM_INVALID or APP_INVALID. */
export function roomDapp(binding: AppBinding, room: string): RoomDapp {
  const size = utf8(room).length;
  if (size === 0 || size > ROOM_SIZE_MAX) {
    const message = `A room's name has 1 to ${ROOM_SIZE_MAX} bytes; this one has ${size}.`;
    throw new HoldfastError({ code: "ROOM_INVALID", message });
  }
  const { chain } = binding;
  const call = (which: ChainCall, values: Values = {}): EntryCall => ({
    function: functionOf(binding, which.function),
    typeArgs: [],
    args: which.args.map((arg) => encodeArgument(arg, room, values)),
  });
  return {
    isPrepared: false,
    create(stake) {
      const prepare = this.isPrepared ? [] : chain.prepare;
      return [...prepare, chain.create].map((which) => call(which, { stake }));
    },
    find: () => call(chain.find),
    join: (channel) => call(chain.join, { channel }),
    leave: (channel) => call(chain.leave, { channel }),
    close: (channel) => call(chain.close, { channel }),
    settle: (channel, proposal) => call(chain.settle, { channel, proposal }),
  };
}

function functionOf(binding: AppBinding, name: string) {
  const id = parseFunctionId(`${binding.module}::${name}`);
  if (id === undefined) throw invalidApp(`"${binding.module}::${name}" names no function`);
  return id;
}

function encodeArgument(argument: ChainArgument, room: string, values: Values): Uint8Array {
  if ("address" in argument) {
    const address = parseAddress(argument.address);
    if (address === undefined) throw invalidApp(`"${argument.address}" is no address`);
    return addressToBytes(address);
  }
  if ("u64" in argument) return u64(argument.u64);
  if ("string" in argument) return encodeBcs((writer) => writer.string(argument.string));
  switch (argument.from) {
    case "room":
      return u64(roomNumber(room));
    case "roomName":
      return encodeBcs((writer) => writer.string(room));
    case "stake":
    case "channel":
    case "proposal": {
      const value = values[argument.from];
      if (value === undefined) throw invalidApp(`there is no ${argument.from} here`);
      return u64(value);
    }
    default:
      return assertNever(argument);
  }
}

/** A room's number: different names practically never share one. */
export function roomNumber(room: string): bigint {
  return new BcsReader(domainHash(ROOM_DOMAIN, utf8(room))).u64();
}

function u64(value: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u64(value));
}

function invalidApp(why: string): HoldfastError {
  return new HoldfastError({ code: "APP_INVALID", message: `The app's chain table: ${why}.` });
}
