/**
 * Lets transactions into a pool, by the state that counts and the time. Pure; knows no block that
 * is being made, and nothing of how what waits comes into one.
 */
import { err, ok, type Result } from "#core/result.ts";
import type { BlockTree } from "../ledger/block-tree.ts";
import { readAccount } from "../ledger/framework.ts";
import { addTransaction, type Mempool, pendingTransaction } from "../ledger/mempool.ts";
import { invalidTransaction, type Refusal } from "../ledger/refusal.ts";
import { decodeSignedTransaction, type SignedTransaction } from "../ledger/transaction.ts";
import { type ExecutionEnvironment, refusedByPrologue } from "../ledger/user-transaction.ts";
import {
  refuseOutOfBounds,
  type VerifiedTransaction,
  verifySignatures,
} from "../ledger/validation.ts";

const MICROSECONDS_PER_MILLISECOND = 1_000n;
const MICROSECONDS_PER_SECOND = 1_000_000n;

/** What it takes to judge a transaction that is handed in. */
export interface Admitting {
  readonly environment: ExecutionEnvironment;
  readonly tree: BlockTree;
  readonly pool: Mempool;
  readonly nowMs: bigint;
}

/** The time by which transactions are judged before they are in a block. */
export function nowSecs(machine: Pick<Admitting, "tree" | "nowMs">): bigint {
  const headUs = machine.tree.head.block.header.timestampUs;
  const nowUs = machine.nowMs * MICROSECONDS_PER_MILLISECOND;
  return (headUs > nowUs ? headUs : nowUs) / MICROSECONDS_PER_SECOND;
}

export interface Admitted {
  readonly transaction: VerifiedTransaction;
  readonly isNew: boolean;
}

/**
 * Checks a transaction that somebody hands in and puts it into the pool. The order of the checks is
 * the profile's (section 6.1).
 */
export function admitTransaction(machine: Admitting, bytes: Uint8Array): Result<Admitted, Refusal> {
  const decoded = decodeSignedTransaction(bytes);
  if (!decoded.ok) return decoded;
  const known = pendingTransaction(machine.pool, decoded.value.hash);
  if (known !== undefined) return ok({ transaction: known, isNew: false });
  const old = refuseIfOld(machine, decoded.value);
  if (old !== undefined) return err(old);
  const verified = verifySignatures(decoded.value);
  if (!verified.ok) return verified;
  const transaction = verified.value;
  const { environment, tree, pool } = machine;
  const refused =
    refuseOutOfBounds(transaction, environment.parameters, nowSecs(machine)) ??
    refusedByPrologue(environment, tree.head.state, transaction);
  if (refused !== undefined) return err(refused);
  const { sequenceNumber } = readAccount(tree.head.state, transaction.raw.sender);
  const added = addTransaction(pool, transaction, sequenceNumber);
  return added.ok ? ok({ transaction, isNew: true }) : added;
}

function refuseIfOld(machine: Admitting, { raw }: SignedTransaction): Refusal | undefined {
  const { sequenceNumber } = readAccount(machine.tree.head.state, raw.sender);
  if (raw.sequenceNumber >= sequenceNumber) return undefined;
  const why = `the account is at sequence number ${sequenceNumber}`;
  return invalidTransaction("SEQUENCE_NUMBER_TOO_OLD", why);
}
