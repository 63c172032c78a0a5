/**
 * The calls of `rooch::state_channel`, by name and argument. The only file that knows its function
 * names.
 */
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import type { PublicKey, Signature } from "#core/ed25519.ts";
import type { Hash } from "#core/hash.ts";
import { type ModuleId, parseFunctionId, parseModuleId } from "#core/identifier.ts";
import { makeStructTag, type StructTag, type TypeTag } from "#core/type-tag.ts";
import type { EntryCall } from "../chain-access.ts";

export const ROOCH = makeAddress("0x20");
/** Declares every event of a channel. */
export const EVENTS_MODULE: ModuleId = present(parseModuleId("0x20::events"), "a module");
export const NODE_TYPE = makeStructTag("0x20::node::Node");

export function u64(value: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u64(value));
}

export function u8(value: number): Uint8Array {
  return encodeBcs((writer) => writer.u8(value));
}

/** A `vector<u8>`. */
export function byteVector(bytes: Uint8Array): Uint8Array {
  return encodeBcs((writer) => writer.bytes(bytes));
}

/** A call of `module::function` in text form. */
export function callOf(
  target: string,
  args: readonly Uint8Array[],
  typeArgs: readonly TypeTag[] = [],
): EntryCall {
  const id = present(parseFunctionId(target), `not a function: ${target}`);
  return { function: id, typeArgs, args };
}

function channelCall(
  name: string,
  args: readonly Uint8Array[],
  ...types: readonly StructTag[]
): EntryCall {
  const typeArgs = types.map((struct): TypeTag => ({ kind: "struct", struct }));
  return callOf(`0x20::state_channel::${name}`, args, typeArgs);
}

// Entry functions.

/** @param signature the node key's, of the chain and the account (channel SPEC.md, "Bytes"). */
export function registerNode(
  memberKey: PublicKey,
  nodeKey: PublicKey,
  revealTip: Hash,
  signature: Signature,
): EntryCall {
  const args = [memberKey, nodeKey, revealTip, signature].map(byteVector);
  return channelCall("register_node_entry", args);
}

export function keepAlive(stateType: StructTag, id: bigint): EntryCall {
  const noDelays = encodeBcs((writer) => writer.uleb128(0));
  return channelCall("keep_alive_entry", [u64(id), noDelays], stateType);
}

/** Whether our chains take no fee for the call, so that a member without a coin may make it. */
export function isFree({ function: { module, name } }: EntryCall): boolean {
  return module.address === ROOCH && name === "keep_alive_entry";
}

export function applyLeader(stateType: StructTag, id: bigint, candidacy: Uint8Array): EntryCall {
  return channelCall("apply_leader_entry", [u64(id), byteVector(candidacy)], stateType);
}

/** Lends the vote in elections of leaders to a seat; zero takes it back. */
export function delegate(stateType: StructTag, id: bigint, candidate: bigint): EntryCall {
  return channelCall("delegate_entry", [u64(id), u64(candidate)], stateType);
}

/** Pays what is owed to whoever proved an offence of the seat. */
export function payReward(coinType: StructTag, id: bigint, seat: bigint): EntryCall {
  return channelCall("pay_reward_entry", [u64(id), u64(seat)], coinType);
}

export function postCertificate(
  stateType: StructTag,
  id: bigint,
  candidacy: Uint8Array,
): EntryCall {
  const noHeader = byteVector(new Uint8Array());
  const args = [u64(id), byteVector(candidacy), noHeader];
  return channelCall("post_certificate_entry", args, stateType);
}

export function removeSilent(
  stateType: StructTag,
  id: bigint,
  accused: bigint,
  evidence: Uint8Array,
): EntryCall {
  const args = [u64(id), u64(accused), byteVector(evidence)];
  return channelCall("remove_silent_entry", args, stateType);
}

export function createProposal(
  stateType: StructTag,
  id: bigint,
  kind: number,
  data: Uint8Array,
): EntryCall {
  const args = [u64(id), u8(kind), byteVector(data)];
  return channelCall("create_proposal_entry", args, stateType);
}

/** @param hash SHA-256 of the proposal's data: what was judged. */
export function voteProposal(
  stateType: StructTag,
  id: bigint,
  proposal: bigint,
  hash: Hash,
  option: number,
): EntryCall {
  const args = [u64(id), u64(proposal), byteVector(hash), u8(option)];
  return channelCall("vote_proposal_hash_entry", args, stateType);
}

export function executePunishment(stateType: StructTag, id: bigint, proposal: bigint): EntryCall {
  return channelCall("execute_punishment_entry", [u64(id), u64(proposal)], stateType);
}

export function reportEquivocation(
  stateType: StructTag,
  id: bigint,
  evidence: Uint8Array,
): EntryCall {
  return channelCall("report_equivocation_entry", [u64(id), byteVector(evidence)], stateType);
}

/** @param evidence BCS of FraudEvidence; the chain judges it in the same transaction. */
export function reportFraud(stateType: StructTag, id: bigint, evidence: Uint8Array): EntryCall {
  const typeArgs: TypeTag[] = [{ kind: "struct", struct: stateType }];
  return callOf("0x20::fraud::report_entry", [u64(id), byteVector(evidence)], typeArgs);
}

// Views.

export function hasChannel(id: bigint): EntryCall {
  return channelCall("has_channel", [u64(id)]);
}

export function getChannel(id: bigint): EntryCall {
  return channelCall("get_channel", [u64(id)]);
}

export function getConfiguration(id: bigint, number: bigint): EntryCall {
  return channelCall("get_configuration", [u64(id), u64(number)]);
}

/** Where the chain itself ended a configuration; empty for one that it did not end. */
export function getCeiling(id: bigint, number: bigint): EntryCall {
  return channelCall("get_ceiling", [u64(id), u64(number)]);
}

/** Returns the seats that may lead where more than five are in. */
export function getCandidates(id: bigint): EntryCall {
  return channelCall("get_candidates", [u64(id)]);
}

export function getProposal(id: bigint, proposal: bigint): EntryCall {
  return channelCall("get_proposal", [u64(id), u64(proposal)]);
}

/** Returns the execution profile that the chain pinned. */
export function getProfile(id: bigint): EntryCall {
  return callOf("0x20::pinning::get_profile", [u64(id)]);
}

export function getState(stateType: StructTag, id: bigint): EntryCall {
  return channelCall("get_state", [u64(id)], stateType);
}

export function getAsset(assetType: StructTag, id: bigint, seat: bigint): EntryCall {
  return channelCall("get_asset", [u64(id), u64(seat)], assetType);
}

/** Returns the 32 bytes that name the chain. */
export function getGenesis(): EntryCall {
  return channelCall("get_genesis", []);
}

/** Returns active and wall time, in milliseconds. */
export function getTime(): EntryCall {
  return channelCall("get_time", []);
}
