/** What `rooch::challenge` says is demanded of a channel's settlements, and the calls about it. */
import type { ChainChannel, ChainDemand } from "#channel";
import { present } from "#core/assert.ts";
import type { BcsReader } from "#core/bcs/reader.ts";
import { equalBytes, toHex } from "#core/bytes.ts";
import { type Hash, sha2_256 } from "#core/hash.ts";
import type { StructTag, TypeTag } from "#core/type-tag.ts";
import type { EntryCall, ViewSource } from "../chain-access.ts";
import { trouble } from "../settlement-error.ts";
import { byteVector, callOf, u64 } from "./calls.ts";
import { decodeRecord, readHash } from "./records.ts";

/** Answers that are read for one view: as many as two seats can have demanded. */
const ANSWERS_MAX = 64;

function challengeCall(name: string, stateType: StructTag, args: readonly Uint8Array[]): EntryCall {
  const typeArgs: TypeTag[] = [{ kind: "struct", struct: stateType }];
  return callOf(`0x20::challenge::${name}`, args, typeArgs);
}

export function demandData(
  stateType: StructTag,
  id: bigint,
  ...[proposal, first, last]: readonly [bigint, bigint, bigint]
): EntryCall {
  return challengeCall("demand_entry", stateType, [id, proposal, first, last].map(u64));
}

/** @param answer BCS of DataAnswer. */
export function answerDemand(
  stateType: StructTag,
  id: bigint,
  demand: bigint,
  answer: Uint8Array,
): EntryCall {
  return challengeCall("answer_entry", stateType, [u64(id), u64(demand), byteVector(answer)]);
}

export function voidDemand(stateType: StructTag, id: bigint, demand: bigint): EntryCall {
  return challengeCall("void_entry", stateType, [u64(id), u64(demand)]);
}

/** What is demanded of a channel's settlements, and what was answered since the last one. */
export type Demanded = Pick<ChainChannel, "demands" | "answers">;

/**
 * @param known bytes of answers by the hex of their hash, which are not read again; those that
 * count no more are dropped.
 */
export async function readDemanded(
  access: ViewSource,
  id: bigint,
  known: Map<string, Uint8Array>,
): Promise<Demanded> {
  const [open, given] = await access.view(getDemands(id));
  const demands = decodeRecord(present(open, "a view of two values"), readDemands);
  const named = decodeRecord(present(given, "a view of two values"), readNames);
  const names = new Set(named.map(({ hash }) => toHex(hash)));
  for (const name of known.keys()) if (!names.has(name)) known.delete(name);
  const answers = named.slice(0, ANSWERS_MAX).map(async ({ number, proposal, hash }) => {
    const name = toHex(hash);
    const data = known.get(name) ?? (await readAnswer(access, id, number));
    if (!equalBytes(sha2_256(data), hash)) throw trouble("BAD_ANSWER", "bytes of another answer");
    known.set(name, data);
    return { proposal, data };
  });
  return { demands, answers: await Promise.all(answers) };
}

export async function openDemands(access: ViewSource, id: bigint): Promise<readonly ChainDemand[]> {
  const [open] = await access.view(getDemands(id));
  return decodeRecord(present(open, "a view of two values"), readDemands);
}

function getDemands(id: bigint): EntryCall {
  return callOf("0x20::challenge::get_demands", [u64(id)]);
}

function readDemands(reader: BcsReader): readonly ChainDemand[] {
  return reader.vector((item) => {
    const [demand, proposal, challenger] = [item.u64(), item.u64(), item.address()];
    const [next, last, due] = [item.u64(), item.u64(), item.u64()];
    return { id: demand, proposal, challenger, next, last, due };
  });
}

interface AnswerName {
  readonly number: bigint;
  readonly proposal: bigint;
  /** SHA-256 of its bytes. */
  readonly hash: Hash;
}

function readNames(reader: BcsReader): readonly AnswerName[] {
  return reader.vector((item) => {
    const [number, proposal] = [item.u64(), item.u64()];
    return { number, proposal, hash: readHash(item) };
  });
}

async function readAnswer(access: ViewSource, id: bigint, number: bigint): Promise<Uint8Array> {
  const args = [u64(id), u64(number)];
  const [bytes] = await access.view(callOf("0x20::challenge::get_answer", args));
  return decodeRecord(present(bytes, "a view of one value"), (reader) => reader.bytes().slice());
}
