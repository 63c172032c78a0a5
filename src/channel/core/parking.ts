/** Assets of members who are out: kept under a name that no call reaches (SPEC.md EX4, EX10). */
import type { Address } from "#core/address.ts";
import { present } from "#core/assert.ts";
import type { Change, StateKey } from "#core/effects.ts";
import { makeStructTag, type StructTag } from "#core/type-tag.ts";
import { changeTo, type Reader } from "./control.ts";

/** Moves a member's asset out of reach of calls, or back; nothing where there is none. */
export function moveAsset(
  state: Reader,
  owner: Address,
  asset: StructTag,
  to: "parked" | "held",
): readonly Change[] {
  const held = heldKey(owner, asset);
  const parked = parkedKey(owner, asset);
  const [from, into] = to === "parked" ? [held, parked] : [parked, held];
  const value = state.read(from);
  if (value === undefined) return [];
  return [changeTo(state, from, undefined), changeTo(state, into, value)].map((change) =>
    present(change, "moving a value changes both places"),
  );
}

/** Where a member's asset lies while calls may reach it. */
export function heldKey(owner: Address, asset: StructTag): StateKey {
  return { kind: "resource", address: owner, type: asset };
}

/** Where it lies when its seat is out. */
export function parkedKey(owner: Address, asset: StructTag): StateKey {
  return { kind: "resource", address: owner, type: parkedType(asset) };
}

function parkedType(asset: StructTag): StructTag {
  const parked = makeStructTag("0x0::channel::Parked");
  return { ...parked, typeArgs: [{ kind: "struct", struct: asset }] };
}
