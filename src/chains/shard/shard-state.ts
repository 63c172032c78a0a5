/** What a node reads in its shard's state: who decides, and how far the root was followed. */
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import type { StateKey } from "#core/effects.ts";
import { makeStructTag } from "#core/type-tag.ts";
import type { StateReader } from "#sandbox";
import { type Committee, makeCommittee } from "./consensus/committee.ts";
import { readPeerKeys, SHARD_ADDRESS } from "./contract.ts";

const COMMITTEE: StateKey = resource("0x30::committee::Committee");
const HOME: StateKey = resource("0x30::home::Home");
const CURSOR: StateKey = resource("0x30::shard_sys_msg::ShardSysMsg");

const MEMBERS_PER_FAULT = 3;

/** A place in the root: every message before it is dealt with. */
export interface RootCursor {
  readonly height: bigint;
  readonly index: bigint;
}

/** Who decides on the block after the one with this state. */
export function readCommittee(state: StateReader): Committee {
  const bytes = present(state.get(COMMITTEE), "genesis made the committee");
  return decodeBcs(bytes, (reader) => {
    const epoch = reader.u64();
    reader.u32();
    const faults = reader.u32();
    const keys = readPeerKeys(reader);
    // While seats are empty fewer may fail.
    const most = Math.floor((keys.length - 1) / MEMBERS_PER_FAULT);
    return makeCommittee(epoch, keys, Math.min(faults, most));
  });
}

export function readRootCursor(state: StateReader): RootCursor {
  const bytes = present(state.get(CURSOR), "genesis made the cursor");
  return decodeBcs(bytes, (reader) => ({ height: reader.u64(), index: reader.u64() }));
}

/** The shard's number on the root. */
export function readShardId(state: StateReader): bigint {
  const bytes = present(state.get(HOME), "genesis names the shard");
  return decodeBcs(bytes, (reader) => reader.u64());
}

function resource(type: string): StateKey {
  return { kind: "resource", address: SHARD_ADDRESS, type: makeStructTag(type) };
}
