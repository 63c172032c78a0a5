/**
 * Evidence that a member signed twice, as the call by which the root is told. The root checks it by
 * itself: whoever tells is trusted in nothing.
 */
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { concatBytes } from "#core/bytes.ts";
import type { PublicKey } from "#core/ed25519.ts";
import { type FunctionId, parseFunctionId } from "#core/identifier.ts";
import type { AccountCall } from "../cross-chain/account-call.ts";
import type { ViewCall } from "../rpc/client.ts";
import type { Evidence } from "./consensus/evidence.ts";
import type { Choice, Proposal, Vote } from "./consensus/messages.ts";

const REPORT_VOTES = functionId("0x30::double_sign::report_votes");
const REPORT_PROPOSALS = functionId("0x30::double_sign::report_proposals");
const IS_PUNISHED = functionId("0x30::shard_stake::is_punished");

/** Tells the root's `0x30::double_sign`. */
export function accusationCall(shardId: bigint, evidence: Evidence): AccountCall {
  const { epoch, key, height, round, first, second } = evidence;
  const place = [u64(shardId), u64(epoch), bytes(key), u64(height), u32(round)];
  if (first.type === "vote" && second.type === "vote") {
    const phase = encodeBcs((writer) => writer.u8(first.vote.phase));
    const both = [...voteArgs(first.vote), ...voteArgs(second.vote)];
    return { function: REPORT_VOTES, args: [...place, phase, ...both] };
  }
  const proposals = [first, second].flatMap((message) => {
    return message.type === "proposal" ? proposalArgs(message.proposal) : [];
  });
  return { function: REPORT_PROPOSALS, args: [...place, ...proposals] };
}

/** Asks the root whether the member with this key has paid for the like already. */
export function punishedView(shardId: bigint, key: PublicKey): ViewCall {
  return { function: IS_PUNISHED, args: [u64(shardId), bytes(key)] };
}

function voteArgs({ choice, signature }: Vote): readonly Uint8Array[] {
  return [bytes(choice === undefined ? new Uint8Array() : choiceBytes(choice)), bytes(signature)];
}

function proposalArgs({ value, validRound, signature }: Proposal): readonly Uint8Array[] {
  const rounds = validRound === undefined ? [] : [validRound];
  const valid = encodeBcs((writer) => writer.vector(rounds, (out, round) => out.u32(round)));
  return [bytes(choiceBytes(value.choice)), valid, bytes(signature)];
}

function choiceBytes({ hash, stateRoot }: Choice): Uint8Array {
  return concatBytes(hash, stateRoot);
}

function bytes(value: Uint8Array): Uint8Array {
  return encodeBcs((writer) => writer.bytes(value));
}

function u32(value: number): Uint8Array {
  return encodeBcs((writer) => writer.u32(value));
}

function u64(value: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u64(value));
}

function functionId(text: string): FunctionId {
  return present(parseFunctionId(text), `not a function: ${text}`);
}
