/**
 * A channel's settlement on a chain that runs `rooch::state_channel`: the commands of the channel's
 * port, each harmless to repeat, and entering and leaving a channel through its game's contract.
 * Knows no particular chain.
 */

import {
  type ChainProposal,
  type Clock,
  candidacy as candidacyCodec,
  encode,
  equivocation as equivocationCodec,
  fraudEvidence as fraudCodec,
  nodeOwnerMessage,
  type PunishmentEvidence,
  punishmentEvidence as punishmentCodec,
  type SeatId,
  type Settlement,
  settlementEvidence as settlementCodec,
  silenceEvidence as silenceCodec,
} from "#channel";
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { equalBytes } from "#core/bytes.ts";
import type { PublicKey, Signature } from "#core/ed25519.ts";
import { type Hash, sha2_256 } from "#core/hash.ts";
import { parseStructTag, type StructTag } from "#core/type-tag.ts";
import { callOutcome } from "./call-outcome.ts";
import type { ChainAccess, CommittedCall, EntryCall } from "./chain-access.ts";
import * as calls from "./contract/calls.ts";
import { type ChannelReader, createChannelReader } from "./contract/channel-view.ts";
import { createdChannel, createdProposal } from "./contract/events.ts";
import {
  type ChannelRecord,
  decodeRecord,
  KIND_PUNISHMENT,
  KIND_SETTLEMENT,
  type MemberRecord,
  readHash,
  STANDING_ADMITTED,
  STATUS_EXECUTED,
  STATUS_OPEN,
} from "./contract/records.ts";
import type { DappBinding } from "./dapp.ts";
import { demandCommands } from "./demanding.ts";
import { exitCommands } from "./exiting.ts";
import { finalViews } from "./final-views.ts";
import { forcingCommands } from "./forcing.ts";
import { isDrawn } from "./fraud-report.ts";
import { type Outbox, outboxOf } from "./outbox.ts";
import { SettlementError, type SettlementErrorCode } from "./settlement-error.ts";
import { type Staking, stakingCommands } from "./staking.ts";
import { subscribeChannel } from "./subscription.ts";

/** The keys with which a member takes part. */
export interface MemberKeys {
  /** The account's own key. */
  readonly memberKey: PublicKey;
  readonly nodeKey: PublicKey;
  readonly revealTip: Hash;
  /** With the node key: it says whose it is when it is registered. */
  signAsNode(message: Uint8Array): Signature;
}

export interface SettlementAdapter extends Settlement, Staking {
  /** The id of the game's channel; undefined where nobody has created one. */
  find(): Promise<bigint | undefined>;
  /** Creates the game's channel, whose first seat is the account's, and returns its id. */
  create(stake: bigint): Promise<bigint>;
  /** Takes a seat, or finds the one that the account has. */
  join(id: bigint): Promise<SeatId>;
  /** Creates the game's channel or joins it, whichever is possible; two that do so at once meet. */
  enter(stake: bigint): Promise<{ readonly id: bigint; readonly seat: SeatId }>;
}

export interface SettlementAdapterOptions {
  /** Adapters that share it send one after the other. */
  readonly access: ChainAccess;
  readonly clock: Clock;
  readonly dapp: DappBinding;
  readonly keys: MemberKeys;
}

interface Adapter extends SettlementAdapterOptions {
  readonly outbox: Outbox;
  /** Of the newest state: what commands have to do with. */
  readonly reader: ChannelReader;
  /** Of what is final: what members are told. */
  readonly finalReader: ChannelReader;
}

/**
 * The settlement of one account's channels on the chain behind `access`. Its commands reject with
 * a {@link SettlementError}.
 */
export function createSettlementAdapter(options: SettlementAdapterOptions): SettlementAdapter {
  const { access, clock } = options;
  const adapter: Adapter = {
    ...options,
    outbox: outboxOf(access, clock),
    reader: createChannelReader(() => Promise.resolve(access)),
    finalReader: createChannelReader(() => finalViews(access)),
  };
  return {
    finalityDepth: access.finalityDepth,
    get canReexecute() {
      return access.canReexecute;
    },
    find: () => find(adapter),
    create: (stake) => create(adapter, stake),
    join: (id) => join(adapter, id),
    enter: (stake) => enter(adapter, stake),
    channel: (id) => adapter.reader.channel(id),
    subscribe: (id, listener) => subscribeChannel(access, clock, adapter.finalReader, id, listener),
    ...commands(adapter),
    ...stakingCommands({
      access,
      typed: (id) => typed(adapter, id),
      send: (call) => sendCall(adapter, call),
    }),
  };
}

type Commands = Omit<Settlement, "finalityDepth" | "canReexecute" | "channel" | "subscribe">;

function commands(adapter: Adapter): Commands {
  const { dapp } = adapter;
  const send = (call: EntryCall) => sendCall(adapter, call);
  return {
    keepAlive: async (id) => {
      await send(calls.keepAlive((await typed(adapter, id)).stateType, id));
    },
    applyLeader: async (id, candidacy) => {
      const { record, stateType } = await typed(adapter, id);
      if (seatOf(adapter, record)?.seat.seat === record.leader) return;
      await send(calls.applyLeader(stateType, id, encode(candidacyCodec, candidacy)));
    },
    postCertificate: async (id, candidacy) => {
      const { stateType } = await typed(adapter, id);
      await send(calls.postCertificate(stateType, id, encode(candidacyCodec, candidacy)));
    },
    removeSilent: async (id, evidence) => {
      const { record, stateType } = await typed(adapter, id);
      const accused = present(evidence.removals[0], "somebody wishes it").removal.accused;
      const member = record.members.find(({ seat }) => seat.seat === accused);
      if (member === undefined || member.standing > STANDING_ADMITTED) return;
      await send(calls.removeSilent(stateType, id, accused, encode(silenceCodec, evidence)));
    },
    propose: (id, evidence) =>
      propose(adapter, id, KIND_SETTLEMENT, encode(settlementCodec, evidence)),
    punish: (id, evidence) => punish(adapter, id, evidence),
    proveEquivocation: async (id, evidence) => {
      const { record, stateType } = await typed(adapter, id);
      const accused = record.members.find(({ seat }) => seat.seat === evidence.accused);
      // Who is out answers with what it has left here.
      const hasLeft = accused === undefined || accused.standing > STANDING_ADMITTED;
      if (hasLeft && (accused?.stake ?? 0n) === 0n) return;
      await send(calls.reportEquivocation(stateType, id, encode(equivocationCodec, evidence)));
    },
    proveFraud: async (id, evidence) => {
      const { stateType } = await typed(adapter, id);
      const channel = await adapter.reader.channel(id);
      if (channel === undefined || isDrawn(channel, evidence)) return;
      await send(calls.reportFraud(stateType, id, encode(fraudCodec, evidence)));
    },
    vote: (id, proposal, option) => vote(adapter, id, proposal, option),
    execute: (id, proposal) => execute(adapter, id, proposal),
    leave: async (id) => {
      const { record } = await typed(adapter, id);
      if (hasRecord(adapter, record)) await send(dapp.leave(id));
      adapter.access.seated?.(id, false);
      await adapter.access.parted?.();
    },
    close: async (id) => {
      const { record } = await typed(adapter, id);
      if (record.closed) return;
      await send(dapp.close(id));
    },
    ...forcingCommands({
      access: adapter.access,
      typed: (id) => typed(adapter, id),
      send,
    }),
    ...demandCommands({
      access: adapter.access,
      typed: (id) => typed(adapter, id),
      send,
    }),
    ...exitCommands({
      access: adapter.access,
      dapp,
      typed: (id) => typed(adapter, id),
      send,
    }),
  };
}

/** Sends a call and turns what the contract says against it into a `SettlementError`. */
async function sendCall({ outbox }: Adapter, call: EntryCall): Promise<CommittedCall> {
  return callOutcome(await outbox.send(call));
}

interface TypedChannel {
  readonly record: ChannelRecord;
  readonly stateType: StructTag;
}

/** The channel with the type its entry functions want. Rejects with NO_CHANNEL. */
async function typed(adapter: Adapter, id: bigint): Promise<TypedChannel> {
  const { access, reader } = adapter;
  const record = await reader.record(id);
  if (record === undefined) {
    throw new SettlementError("NO_CHANNEL", `there is no channel ${id}; check the id.`, 1n);
  }
  access.seated?.(id, seatOf(adapter, record) !== undefined);
  const stateType = parseStructTag(record.stateType);
  return { record, stateType: present(stateType, "the contract names a type") };
}

function hasRecord({ access }: Adapter, { members }: ChannelRecord): boolean {
  return members.some(({ seat }) => seat.address === access.account);
}

/** The seat that the account holds now. */
function seatOf({ access }: Adapter, { members }: ChannelRecord): MemberRecord | undefined {
  return members.find(
    ({ seat, standing }) => seat.address === access.account && standing <= STANDING_ADMITTED,
  );
}

async function propose(
  adapter: Adapter,
  id: bigint,
  kind: number,
  data: Uint8Array,
): Promise<bigint> {
  const { record, stateType } = await typed(adapter, id);
  const hash = sha2_256(data);
  for (const number of record.openProposals) {
    const standing = await adapter.reader.proposal(id, number);
    if (equalBytes(standing.hash, hash)) return number;
  }
  if (kind === KIND_SETTLEMENT) {
    const waiting = await settlementInWaiting(adapter, record);
    if (waiting !== undefined) return waiting;
  }
  const { events } = await sendCall(adapter, calls.createProposal(stateType, id, kind, data));
  return present(createdProposal(events, id), "a proposal that was created says its number");
}

/**
 * The pending settlement, while it is too new for members to be told of it: one that took its place
 * now would never be voted on either.
 */
async function settlementInWaiting(
  { finalReader }: Adapter,
  { id, pendingSettlement }: ChannelRecord,
): Promise<bigint | undefined> {
  if (pendingSettlement === 0n) return undefined;
  const told = await finalReader.record(id);
  const isTold = told !== undefined && told.proposalCount >= pendingSettlement;
  return isTold ? undefined : pendingSettlement;
}

/** The contract reads no configuration steps out of an accusation: they go before it. */
async function punish(adapter: Adapter, id: bigint, evidence: PunishmentEvidence): Promise<bigint> {
  const { record, stateType } = await typed(adapter, id);
  const { steps } = evidence;
  const last = steps.at(-1);
  if (last !== undefined && last.configuration.number > record.configuration) {
    const candidacy = encode(candidacyCodec, { steps });
    await sendCall(adapter, calls.postCertificate(stateType, id, candidacy));
  }
  return propose(adapter, id, KIND_PUNISHMENT, encode(punishmentCodec, evidence));
}

async function vote(
  adapter: Adapter,
  id: bigint,
  number: bigint,
  option: 0 | 1 | 2,
): Promise<void> {
  const { record, stateType } = await typed(adapter, id);
  const proposal = await adapter.reader.proposal(id, number);
  const own = new Set(
    record.members
      .filter(({ seat }) => seat.address === adapter.access.account)
      .map(({ seat }) => seat.seat),
  );
  if (proposal.votes.some((cast) => own.has(cast.seat) && cast.option === option)) return;
  await sendCall(adapter, calls.voteProposal(stateType, id, number, proposal.hash, option));
}

async function execute(
  adapter: Adapter,
  id: bigint,
  { id: number, type }: ChainProposal,
): Promise<void> {
  const { stateType } = await typed(adapter, id);
  const standing = await adapter.reader.proposal(id, number);
  if (standing.status === STATUS_EXECUTED) return;
  const call =
    type === KIND_SETTLEMENT
      ? adapter.dapp.settle(id, number)
      : calls.executePunishment(stateType, id, number);
  await unless(sendCall(adapter, call), ["PROPOSAL_OVER"], async () => {
    // Somebody else was faster: what counts is that it was executed.
    const { status } = await adapter.reader.proposal(id, number);
    return status !== STATUS_OPEN && status === STATUS_EXECUTED;
  });
}

/** Lets an expected refusal pass where the command's effect stands all the same. */
async function unless(
  sending: Promise<unknown>,
  codes: readonly SettlementErrorCode[],
  stands: () => Promise<boolean>,
): Promise<void> {
  try {
    await sending;
  } catch (error) {
    const isExpected = error instanceof SettlementError && codes.includes(error.code);
    if (!isExpected || !(await stands())) throw error;
  }
}

async function find({ access, dapp }: Adapter): Promise<bigint | undefined> {
  try {
    const [bytes] = await access.view(dapp.find());
    return decodeRecord(present(bytes, "a view of one value"), (reader) => reader.u64());
  } catch (error) {
    if (error instanceof SettlementError && error.code === "VIEW_ABORTED") return undefined;
    throw error;
  }
}

async function create(adapter: Adapter, stake: bigint): Promise<bigint> {
  await register(adapter);
  const all = adapter.dapp.create(stake);
  for (const call of all.slice(0, -1)) {
    // What an earlier attempt prepared is there already.
    await unless(sendCall(adapter, call), ["GAME_REFUSED"], () => Promise.resolve(true));
  }
  const last = present(all.at(-1), "some call creates the channel");
  const { events } = await sendCall(adapter, last);
  return present(createdChannel(events), "a channel that was created says its id");
}

async function join(adapter: Adapter, id: bigint): Promise<SeatId> {
  const standing = seatOf(adapter, (await typed(adapter, id)).record);
  if (standing !== undefined) return standing.seat.seat;
  await register(adapter);
  await sendCall(adapter, adapter.dapp.join(id));
  const joined = seatOf(adapter, (await typed(adapter, id)).record);
  return present(joined, "who joined has a seat").seat.seat;
}

async function enter(
  adapter: Adapter,
  stake: bigint,
): Promise<{ readonly id: bigint; readonly seat: SeatId }> {
  const standing = await find(adapter);
  if (standing !== undefined) return { id: standing, seat: await join(adapter, standing) };
  try {
    const id = await create(adapter, stake);
    return { id, seat: await join(adapter, id) };
  } catch (error) {
    // Somebody may have created it at the same moment: then there is one to join.
    const found = await find(adapter);
    if (found === undefined) throw error;
    return { id: found, seat: await join(adapter, found) };
  }
}

/** Makes sure that the account is registered with exactly these keys. */
async function register(adapter: Adapter): Promise<void> {
  const { access, keys } = adapter;
  const { memberKey, nodeKey, revealTip } = keys;
  const bytes = await access.resource(access.account, calls.NODE_TYPE);
  if (bytes !== undefined) {
    const reader = new BcsReader(bytes);
    const registered = [reader.bytes(), reader.bytes(), reader.bytes()];
    const wanted = [memberKey, nodeKey, revealTip];
    if (wanted.every((key, at) => equalBytes(key, registered[at] ?? new Uint8Array()))) return;
  }
  const [named] = await access.view(calls.getGenesis());
  const genesis = decodeRecord(present(named, "a view of one value"), readHash);
  const signature = keys.signAsNode(nodeOwnerMessage(genesis, access.account));
  await sendCall(adapter, calls.registerNode(memberKey, nodeKey, revealTip, signature));
}
