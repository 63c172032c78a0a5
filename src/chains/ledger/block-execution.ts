/**
 * Executes blocks: makes one out of candidates, or checks one that somebody else made. Both run the
 * same code, so a block that its maker could seal is a block that everybody accepts. State is never
 * changed in place: a block owns a fork of its parent's.
 */
import type { Address } from "#core/address.ts";
import { assert, present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import { type PublicKey, parseSignature, SIGNATURE_SIZE, type Signature } from "#core/ed25519.ts";
import type { Event } from "#core/effects.ts";
import { type GasUnits, gasUnits } from "#core/gas-units.ts";
import { merkleRoot } from "#core/merkle/accumulator.ts";
import { err, ok, type Result } from "#core/result.ts";
import { EXECUTED, isExecuted } from "#core/status.ts";
import type { Session, StateTree } from "#sandbox";
import {
  type Block,
  type BlockHeader,
  type BlockOpening,
  blockHash,
  blockSigningMessage,
  prologueHash,
} from "./block.ts";
import type { BlockError, OpeningCall } from "./block-rules.ts";
import type { ExecutedBlock } from "./executed-block.ts";
import { type Finality, isSameFinality } from "./finality.ts";
import { type Receipt, receiptHash } from "./receipt.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { decodeSignedTransaction, type SignedTransaction } from "./transaction.ts";
import { addressOfKey } from "./transaction-hash.ts";
import { type ExecutionEnvironment, gasCapOf, runUserTransaction } from "./user-transaction.ts";
import { refuseOutOfBounds, type VerifiedTransaction, verifySignatures } from "./validation.ts";

const MICROSECONDS_PER_SECOND = 1_000_000n;
/** What stands where genesis would be signed. */
const UNSIGNED = present(parseSignature(new Uint8Array(SIGNATURE_SIZE)), "a signature's size");

const UNCERTIFIED = new Uint8Array();

/** A candidate that did not make it into a block, and why. */
export interface Discarded {
  readonly transaction: VerifiedTransaction;
  readonly refusal: Refusal;
}

/** Signs blocks. */
export interface BlockSigner {
  readonly publicKey: PublicKey;
  readonly sign: (message: Uint8Array) => Signature;
}

/** What a block may still hold. */
interface Room {
  gas: GasUnits;
  bytes: number;
  transactions: number;
}

interface Draft {
  readonly opening: BlockOpening;
  readonly messages: readonly Uint8Array[];
  readonly transactions: VerifiedTransaction[];
  readonly receipts: Receipt[];
  readonly state: StateTree;
  readonly room: Room;
}

/**
 * Makes and seals the block after `parent` out of what fits of `candidates`, in their order. A
 * candidate that cannot stand in it is returned with its refusal; one that finds no room is simply
 * left out.
 *
 * @param timestampUs above the parent's and, where producers take turns, in a turn of the signer's.
 * @param messages of another chain, which the chain's rules can read.
 */
export function produceBlock(
  environment: ExecutionEnvironment,
  parent: ExecutedBlock,
  timestampUs: bigint,
  signer: BlockSigner,
  candidates: Iterable<VerifiedTransaction>,
  messages: readonly Uint8Array[] = [],
): { readonly block: ExecutedBlock; readonly discarded: readonly Discarded[] } {
  assert(timestampUs > parent.block.header.timestampUs, "time moves on with every block");
  const proposer = addressOfKey(signer.publicKey);
  const opening = openingOf(environment, parent, timestampUs, proposer);
  const draft = openDraft(environment, parent, opening, messages);
  assert(draft !== undefined, "a producer takes in messages that are some");
  const discarded = addCandidates(environment, draft, candidates);
  const header = sealedHeader(draft);
  const signature = signer.sign(blockSigningMessage(header));
  return { block: executedBlock(draft, header, signature), discarded };
}

/** What a block that nobody chooses is to be. */
export interface DerivedOpening {
  /** Above the parent's. */
  readonly timestampUs: bigint;
  readonly proposer: Address;
  readonly finality: Finality;
  /** Runs in the block's first transaction, behind what opens every block; returns its events. */
  readonly open: (session: Session) => readonly Event[];
}

/**
 * Builds the block after `parent` that everybody builds alike who has the same `candidates`: who
 * checks it builds it too, so nobody signs it. Candidates are treated as {@link produceBlock} does.
 */
export function deriveBlock(
  environment: ExecutionEnvironment,
  parent: ExecutedBlock,
  { timestampUs, proposer, finality, open }: DerivedOpening,
  candidates: Iterable<VerifiedTransaction>,
): { readonly block: ExecutedBlock; readonly discarded: readonly Discarded[] } {
  assert(timestampUs > parent.block.header.timestampUs, "time moves on with every block");
  const opening = openingAfter(environment, parent, timestampUs, proposer, finality);
  const draft = openDraft(environment, parent, opening, [], open);
  assert(draft !== undefined, "no messages are messages that every chain reads");
  const discarded = addCandidates(environment, draft, candidates);
  return { block: executedBlock(draft, sealedHeader(draft), UNSIGNED), discarded };
}

/** Checks a block by executing it. */
export function executeBlock(
  environment: ExecutionEnvironment,
  parent: ExecutedBlock,
  block: Block,
): Result<ExecutedBlock, BlockError> {
  const { rules } = environment;
  const objection =
    objectionToPlace(environment, parent, block) ?? rules.objectionTo(parent, block);
  if (objection !== undefined) return err(objection);
  const known = rules.recall?.(block);
  return known === undefined ? runBlock(environment, parent, block) : ok({ ...known, block });
}

/** Executes a block whoever made it: whether it may stand where it stands is not asked. */
export function runBlock(
  environment: ExecutionEnvironment,
  parent: ExecutedBlock,
  block: Block,
): Result<ExecutedBlock, BlockError> {
  const objection = objectionToPlace(environment, parent, block);
  if (objection !== undefined) return err(objection);
  const { timestampUs, proposer } = block.header;
  const opening = openingOf(environment, parent, timestampUs, proposer);
  const draft = openDraft(environment, parent, opening, block.messages);
  if (draft === undefined) {
    return err({ code: "WRONG_MESSAGE", message: "The block brings messages that are none." });
  }
  for (const bytes of block.transactions) {
    const refused = addBytesToDraft(environment, draft, bytes);
    if (refused !== undefined) return err({ code: "WRONG_TRANSACTION", message: refused.message });
  }
  const header = sealedHeader(draft);
  if (!equalBytes(blockHash(header), blockHash(block.header))) {
    const message = `Block ${header.height} does not execute to what its header says.`;
    return err({ code: "WRONG_HEADER", message });
  }
  return ok({ ...executedBlock(draft, header, block.signature), block });
}

/** Puts genesis together, whose one transaction was executed by `genesis.ts`. Nobody signs it. */
export function sealGenesis(
  opening: BlockOpening,
  receipt: Receipt,
  state: StateTree,
): ExecutedBlock {
  const room = { gas: gasUnits(0n), bytes: 0, transactions: 0 };
  const body = { messages: [], transactions: [], receipts: [receipt] };
  const draft: Draft = { opening, ...body, state, room };
  return executedBlock(draft, sealedHeader(draft), UNSIGNED);
}

/** What every kind of chain demands of a block's place behind its parent. */
function objectionToPlace(
  { rules }: ExecutionEnvironment,
  parent: ExecutedBlock,
  { header }: Block,
): BlockError | undefined {
  const { height, timestampUs } = header;
  if (!equalBytes(header.parent, parent.hash)) {
    return { code: "WRONG_PARENT", message: `Block ${height} does not follow its parent.` };
  }
  if (timestampUs <= parent.block.header.timestampUs) {
    return { code: "WRONG_TIME", message: `Block ${height} is not later than its parent.` };
  }
  if (!isSameFinality(rules.finalityAfter(parent.block.header, timestampUs), header.finality)) {
    return { code: "WRONG_FINALITY", message: `Block ${height} miscounts what is final.` };
  }
  return undefined;
}

/** The opening of a block whose finality its ancestors tell. */
function openingOf(
  environment: ExecutionEnvironment,
  parent: ExecutedBlock,
  timestampUs: bigint,
  proposer: Address,
): BlockOpening {
  const finality = environment.rules.finalityAfter(parent.block.header, timestampUs);
  return openingAfter(environment, parent, timestampUs, proposer, finality);
}

function openingAfter(
  { parameters }: ExecutionEnvironment,
  parent: ExecutedBlock,
  timestampUs: bigint,
  proposer: Address,
  finality: Finality,
): BlockOpening {
  const { height, firstVersion, transactionCount } = parent.block.header;
  return {
    chainId: parameters.chainId,
    height: height + 1n,
    parent: parent.hash,
    timestampUs,
    proposer,
    firstVersion: firstVersion + BigInt(transactionCount),
    finality,
  };
}

function addCandidates(
  environment: ExecutionEnvironment,
  draft: Draft,
  candidates: Iterable<VerifiedTransaction>,
): readonly Discarded[] {
  const discarded: Discarded[] = [];
  for (const transaction of candidates) {
    if (draft.room.transactions === 0) break;
    if (!fits(environment, draft.room, transaction)) continue;
    const refused = addToDraft(environment, draft, transaction);
    if (refused !== undefined) discarded.push({ transaction, refusal: refused });
  }
  return discarded;
}

/** Undefined where the messages are none that this chain reads. */
function openDraft(
  { executor, parameters, rules }: ExecutionEnvironment,
  parent: ExecutedBlock,
  opening: BlockOpening,
  messages: readonly Uint8Array[],
  open?: (session: Session) => readonly Event[],
): Draft | undefined {
  const calls = rules.openingCalls(opening, messages);
  if (calls === undefined) return undefined;
  const state = parent.state.fork();
  const hash = prologueHash(opening, messages);
  const session = executor.begin(state, { uniqueSeed: hash, chainId: parameters.chainId });
  const events = calls.flatMap((call) => runOpeningCall(session, call));
  if (open !== undefined) events.push(...open(session));
  const changes = session.changes();
  state.apply(changes);
  const receipt: Receipt = {
    version: opening.firstVersion,
    transactionHash: hash,
    status: EXECUTED,
    gasUsed: gasUnits(0n),
    actions: [],
    events,
    changes,
  };
  const room = {
    gas: parameters.maxBlockGas,
    bytes: parameters.maxBlockBytes,
    transactions: parameters.maxBlockTransactions,
  };
  return { opening, messages, transactions: [], receipts: [receipt], state, room };
}

/** What fails leaves nothing behind: neither in the state nor of the calls before it. */
function runOpeningCall(session: Session, { call, otherwise }: OpeningCall): readonly Event[] {
  const mark = session.mark();
  const done = session.execute(call);
  if (isExecuted(done.status)) return done.events;
  assert(otherwise !== undefined, "what opens a block that follows its parent runs");
  session.rollback(mark);
  const instead = session.execute(otherwise);
  assert(isExecuted(instead.status), "what stands in for a call that failed runs");
  return instead.events;
}

function fits(
  { parameters }: ExecutionEnvironment,
  room: Room,
  { raw, bytes }: SignedTransaction,
): boolean {
  return (
    gasCapOf(parameters, raw) <= room.gas && bytes.length <= room.bytes && room.transactions > 0
  );
}

function addBytesToDraft(
  environment: ExecutionEnvironment,
  draft: Draft,
  bytes: Uint8Array,
): Refusal | undefined {
  const decoded = decodeSignedTransaction(bytes);
  if (!decoded.ok) return decoded.error;
  const verified = verifySignatures(decoded.value);
  if (!verified.ok) return verified.error;
  if (!fits(environment, draft.room, verified.value)) {
    return refusal("invalid_input", "The block holds more than a block may.");
  }
  return addToDraft(environment, draft, verified.value);
}

/** Runs a transaction at the end of the draft; what is refused leaves the draft as it was. */
function addToDraft(
  environment: ExecutionEnvironment,
  draft: Draft,
  transaction: VerifiedTransaction,
): Refusal | undefined {
  const { opening, state, room } = draft;
  const nowSecs = opening.timestampUs / MICROSECONDS_PER_SECOND;
  const refused = refuseOutOfBounds(transaction, environment.parameters, nowSecs);
  if (refused !== undefined) return refused;
  const ran = runUserTransaction(environment, state, transaction, opening.proposer);
  if (!ran.ok) return ran.error;
  const { status, gasUsed, gasTaken, actions, events, changes } = ran.value;
  state.apply(changes);
  const version = opening.firstVersion + BigInt(draft.receipts.length);
  draft.receipts.push({
    version,
    transactionHash: transaction.hash,
    status,
    gasUsed,
    actions,
    events,
    changes,
  });
  draft.transactions.push(transaction);
  room.gas = gasUnits(room.gas - gasTaken);
  room.bytes -= transaction.bytes.length;
  room.transactions -= 1;
  return undefined;
}

function sealedHeader({ opening, receipts, state }: Draft): BlockHeader {
  return {
    ...opening,
    transactionCount: receipts.length,
    transactionsRoot: merkleRoot(
      "BlockTransactions",
      receipts.map((receipt) => receipt.transactionHash),
    ),
    receiptsRoot: merkleRoot("BlockReceipts", receipts.map(receiptHash)),
    stateRoot: state.root(),
  };
}

function executedBlock(draft: Draft, header: BlockHeader, signature: Signature): ExecutedBlock {
  const { messages, transactions, receipts, state } = draft;
  const block = {
    header,
    signature,
    messages,
    transactions: transactions.map(({ bytes }) => bytes),
    certificate: UNCERTIFIED,
  };
  return { block, hash: blockHash(header), transactions, receipts, state };
}
