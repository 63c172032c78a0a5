/**
 * One channel that a node plays in: enters it on chain, loads what it pins, brings the machine back
 * from its journal, and drives it until it is stopped. Composition only; knows no rule.
 */

import {
  type ChainChannel,
  type ChainMember,
  type Clock,
  createDriver,
  createPeerTransport,
  createVerifyAhead,
  DEFAULT_PARAMETERS,
  type Driver,
  type Entropy,
  type Event,
  type Journal,
  type Machine,
  type NodeIdentity,
  type NodeStore,
  peerIdOf,
  type RememberedSignatures,
  rememberSignatures,
  restoreMachine,
  statusOf,
  step,
  type Transport,
  type VerifyAhead,
  type VerifyLater,
  type Wire,
} from "#channel";
import { formatAddress } from "#core/address.ts";
import { toHex } from "#core/bytes.ts";
import type { JsValue } from "#sandbox";
import {
  type ChainAccess,
  createSettlementAdapter,
  type LoadedChannel,
  type SettlementAdapter,
} from "#settlement";
import type { AppBinding } from "./app.ts";
import { enterChannel, hasSeat, loadForPlay } from "./channel-entry.ts";
import { type ChannelReader, createChannelReader } from "./channel-reader.ts";
import { type ChannelReports, createChannelReports } from "./channel-reports.ts";
import type { ChannelStatus } from "./channel-status.ts";
import { type ChannelViewer, createChannelViewer } from "./channel-viewer.ts";
import { roomDapp } from "./dapp-calls.ts";
import { HoldfastError, plainErrorOf } from "./holdfast-error.ts";
import type { CallRequest, ChannelEvent, ViewRequest } from "./host.ts";
import { createPinnedExecutor, stateKeyOf } from "./pinned-executor.ts";

export interface ChannelNodeOptions {
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** To the chain, by the player's account. */
  readonly access: ChainAccess;
  readonly wires: (room: string) => readonly Wire[];
  readonly openVerifier?: () => Promise<VerifyLater | undefined>;
  readonly binding: AppBinding;
  readonly stake: bigint;
  readonly room: string;
  readonly store: NodeStore;
  readonly emit: (event: ChannelEvent) => void;
}

export interface ChannelNode {
  readonly id: bigint;
  call(request: CallRequest): void;
  wish(request: number, kind: "settle" | "leave" | "exit" | "close"): void;
  /** Throws HoldfastError CALL_INVALID or VIEW_FAILED. */
  view(request: ViewRequest): readonly JsValue[];
  status(): ChannelStatus;
  /** The node has left, was thrown out or failed, or the channel is no more: enter it anew. */
  isOver(): boolean;
  stop(): Promise<void>;
}

interface Running {
  readonly machine: Machine;
  readonly reader: ChannelReader;
  readonly viewer: ChannelViewer;
  readonly transport: Transport;
  readonly reports: ChannelReports;
  readonly driver: Driver;
  /** What the player wants while the leader has yet to admit its seat. */
  readonly held: Event[];
  hasFailed: boolean;
}

/** Calls and wishes that may wait for the admission. */
const HELD_MAX = 256;

/** Rejects with `SettlementError`, `StoreError`, `TransportError` or `HoldfastError`. */
export async function openChannelNode(options: ChannelNodeOptions): Promise<ChannelNode> {
  const { access, clock, store, binding } = options;
  const dapp = roomDapp(binding, options.room);
  const settlementAs = ({ signer, revealTip }: NodeIdentity) => {
    const { memberKey, nodeKey } = signer;
    const signAsNode = (message: Uint8Array) => signer.signAsNode(message);
    const keys = { memberKey, nodeKey, revealTip, signAsNode };
    return createSettlementAdapter({ access, clock, dapp, keys });
  };
  let identity = await store.identity();
  let settlement = settlementAs(identity);
  const isSeated = await hasSeat(settlement, access.account);
  if (!isSeated) {
    identity = await store.identityForJoin();
    settlement = settlementAs(identity);
  }
  const id = await enterChannel(settlement, dapp, options.stake);
  if (!isSeated) await store.takeReveals();
  const loaded = await loadForPlay(access, id);
  const journal = store.journal(journalOf(loaded.channel));
  const running = await run(options, identity, settlement, loaded, journal);
  await running.driver.start();
  const { verified, confirmed, settled } = statusOf(running.machine).heights;
  running.reports.start({ verified, confirmed, settled });
  return channelNode(id, store, running);
}

function journalOf({ channel }: Pick<ChainChannel, "channel">): string {
  return toHex(channel);
}

async function run(
  options: ChannelNodeOptions,
  identity: NodeIdentity,
  settlement: SettlementAdapter,
  loaded: LoadedChannel,
  journal: Journal,
): Promise<Running> {
  const { clock, entropy, emit, binding } = options;
  const memory = rememberSignatures(identity.signer);
  const { signer, verify } = memory;
  const engine = await options.openVerifier?.();
  const { channel, modules } = loaded;
  const executor = createPinnedExecutor(loaded);
  const records = await journal.load();
  const machine = restoreMachine(
    {
      executor,
      signer,
      verify,
      parameters: DEFAULT_PARAMETERS,
      chain: channel,
      now: clock.now(),
    },
    records,
  );
  const transport = createPeerTransport({
    wires: options.wires(toHex(channel.channel)),
    nodeKey: signer.nodeKey,
    sign: (message) => signer.signAsNode(message),
    verify,
    entropy,
    clock,
  });
  const reader = createChannelReader(binding, channel.stateType, modules);
  const reports = createChannelReports({
    clock,
    reader,
    emit,
    stateBytes: () => (machine.isLoaded ? executor.read(stateKeyOf(channel)) : undefined),
    addressOf: (seat) => machine.chain.members.find((member) => member.seat === seat)?.address,
    status: () => statusFor(machine, transport, clock),
  });
  const held: Event[] = [];
  const driver = createDriver({
    step: (input) => step(machine, input),
    channelId: channel.id,
    journal,
    durable: records.at(-1)?.sequence ?? 0,
    transport,
    ...(engine === undefined ? {} : { verifyAhead: aheadBy(engine, memory, machine) }),
    settlement,
    clock,
    onNotice(notice) {
      reports.receive(notice);
      if (notice.type === "phase") release(held, machine, driver);
    },
    onFailure(failure) {
      running.hasFailed = true;
      reports.stop();
      emit({ type: "failed", error: plainErrorOf(failure) });
    },
  });
  const running: Running = {
    machine,
    reader,
    viewer: createChannelViewer(modules, (key) => executor.read(key)),
    transport,
    reports,
    driver,
    held,
    hasFailed: false,
  };
  return running;
}

function aheadBy(engine: VerifyLater, memory: RememberedSignatures, machine: Machine): VerifyAhead {
  const { nodeKey } = memory.signer;
  const reader = () => ({ nodeKey, seats: machine.chain.members });
  return createVerifyAhead({ engine, memory, reader });
}

/** Feeds what was held, once the node has a seat or can never have one again. */
function release(held: Event[], machine: Machine, driver: Driver): void {
  if (machine.phase === "observing") return;
  for (const event of held.splice(0)) driver.feed(event);
}

function channelNode(id: bigint, store: NodeStore, running: Running): ChannelNode {
  const { machine, reader, reports, driver, held } = running;

  function want(event: Event): void {
    if (held.length >= HELD_MAX) {
      const message = "Too many wishes wait for this node's admission; wait for some of them.";
      throw new HoldfastError({ code: "TOO_MANY_PENDING", message });
    }
    held.push(event);
    release(held, machine, driver);
  }

  return {
    id,
    call(request) {
      const call = reader.encodeCall(request);
      const { maxGas } = request;
      const gas = maxGas === undefined ? {} : { maxGas };
      want({ type: "propose", request: request.request, ...call, ...gas });
    },
    wish: (request, kind) => want({ type: kind, request }),
    view(request) {
      if (machine.isLoaded) return running.viewer(reader.encodeCall(request));
      const message = "The channel's state is not here yet; ask when there is one.";
      throw new HoldfastError({ code: "VIEW_FAILED", message });
    },
    status: () => statusFor(machine, running.transport, driver),
    isOver: () => running.hasFailed || machine.phase === "departed" || machine.phase === "closed",
    async stop() {
      reports.stop();
      await driver.stop();
      // Nothing that was signed in it can matter any more.
      if (machine.phase === "closed") await store.removeJournal(journalOf(machine.chain));
    },
  };
}

function statusFor(
  machine: Machine,
  transport: Transport,
  clock: Pick<Clock, "now">,
): ChannelStatus {
  const { phase, seat, epoch, leader, configuration, heights, members, route, ...rest } =
    statusOf(machine);
  const now = clock.now();
  const connected = new Set<string>(transport.peers());
  const onChain = new Map(machine.chain.members.map((member) => [member.seat, member]));
  const isConnected = (member: ChainMember | undefined) =>
    member !== undefined && connected.has(peerIdOf(member.nodeKey));
  return {
    phase,
    seat,
    leader,
    term: epoch.term,
    view: epoch.view,
    configuration: configuration.number,
    members: members.map((member) => ({
      seat: member.seat,
      address: formatAddress(onChain.get(member.seat)?.address ?? machine.facts.creator),
      isSelf: member.isSelf,
      isLeader: member.isLeader,
      isAdmitted: member.hasSeat,
      isConnected: member.isSelf || isConnected(onChain.get(member.seat)),
      silentMs: member.heardAt === undefined ? undefined : Number(now - member.heardAt),
      delayMs: member.rttMs,
      stake: onChain.get(member.seat)?.stake ?? 0n,
    })),
    via: route.via,
    hops: route.hops,
    delayMs: route.delayMs,
    ...heights,
    pendingCount: rest.pendingCalls,
    awaited: rest.awaited.map(({ what, seats, since }) => ({
      what,
      from: seats,
      since: Number(since),
    })),
  };
}
