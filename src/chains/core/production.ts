/**
 * When this node makes a block, and the block it makes. A sole producer makes one when somebody
 * needs it; among several each makes one in every turn of its own, for the others' finality needs
 * it. Pure; knows no store and no network.
 */
import { produceBlock } from "../ledger/block-execution.ts";
import { hasReady, readyTransactions } from "../ledger/mempool.ts";
import { hasTurns, nextSlotOf, slotAt, slotStartMs } from "../ledger/turns.ts";
import type { NodeMachine, SignedMark } from "./node-machine.ts";

const MICROSECONDS_PER_MILLISECOND = 1_000n;

/** When the next block of ours is due; undefined when nobody needs one or it is never our turn. */
export function nextBlockDueMs(machine: NodeMachine): bigint | undefined {
  if (hasTurns(machine.environment.parameters)) return nextTurnMs(machine);
  const { settings, tree, pool } = machine;
  if (!isProducer(machine)) return undefined;
  const lastMs = tree.head.block.header.timestampUs / MICROSECONDS_PER_MILLISECOND;
  if (hasReady(pool)) return lastMs + settings.blockIntervalMs;
  if (machine.watchers > 0) return lastMs + settings.idleBlockIntervalMs;
  return undefined;
}

function isProducer({ environment, signer }: NodeMachine): boolean {
  return nextSlotOf(environment.parameters, signer.publicKey, 0n) !== undefined;
}

/** Makes the block that is due now, out of what waits. A sole producer signs for no turn. */
export function produceNext(
  machine: NodeMachine,
): ReturnType<typeof produceBlock> & { readonly mark: SignedMark | undefined } {
  const { environment, signer, tree, pool } = machine;
  const timestampUs = timestampOfNext(machine);
  const transactions = readyTransactions(pool);
  const made = produceBlock(environment, tree.head, timestampUs, signer, transactions);
  if (!hasTurns(environment.parameters)) return { ...made, mark: undefined };
  const { finality } = made.block.block.header;
  const slot = slotAt(environment.parameters, timestampUs);
  return { ...made, mark: { slot, sourceEpoch: finality.source.epoch } };
}

/** A block that could follow the head, signed as its maker's; others decide what becomes of it. */
export function draftNext(
  machine: NodeMachine,
  messages: readonly Uint8Array[],
): ReturnType<typeof produceBlock> {
  const { environment, signer, tree, pool } = machine;
  const timestampUs = timestampOfNext(machine);
  const candidates = readyTransactions(pool);
  return produceBlock(environment, tree.head, timestampUs, signer, candidates, messages);
}

/** Our clock's, or a microsecond after the head's where that is later. */
function timestampOfNext({ nowMs, tree }: NodeMachine): bigint {
  const nowUs = nowMs * MICROSECONDS_PER_MILLISECOND;
  const afterHeadUs = tree.head.block.header.timestampUs + 1n;
  return nowUs > afterHeadUs ? nowUs : afterHeadUs;
}

function nextTurnMs(machine: NodeMachine): bigint | undefined {
  const { environment, signer, tree, nowMs, signed } = machine;
  const { parameters } = environment;
  const nowSlot = slotAt(parameters, nowMs * MICROSECONDS_PER_MILLISECOND);
  const takenSlots = [
    slotAt(parameters, tree.head.block.header.timestampUs),
    ...(signed === undefined ? [] : [signed.slot]),
  ];
  const free = takenSlots.reduce((slot, taken) => (taken >= slot ? taken + 1n : slot), nowSlot);
  const slot = nextSlotOf(parameters, signer.publicKey, free);
  if (slot === undefined) return undefined;
  if (slot > nowSlot || maySignNow(machine)) return slotStartMs(parameters, slot);
  const later = nextSlotOf(parameters, signer.publicKey, slot + 1n);
  return later === undefined ? undefined : slotStartMs(parameters, later);
}

/** Whether a block on the head would vote from a source as new as all that were voted from. */
function maySignNow(machine: NodeMachine): boolean {
  const { environment, tree, signed } = machine;
  if (signed === undefined) return true;
  const timestampUs = timestampOfNext(machine);
  const after = environment.rules.finalityAfter(tree.head.block.header, timestampUs);
  return after.source.epoch >= signed.sourceEpoch;
}
