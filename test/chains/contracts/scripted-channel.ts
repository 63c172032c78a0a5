// A channel on a contract chain with its off-chain side scripted: a log of headers over a real
// state tree, certificates and evidence in the channel's own codec. The script signs whatever a
// test asks for.
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { utf8 } from "#core/bytes.ts";
import {
  type ChangeSet,
  composeChangeSets,
  EMPTY_CHANGE_SET,
  makeChangeSet,
  opBetween,
  type StateKey,
} from "#core/effects.ts";
import { sha2_256, ZERO_HASH } from "#core/hash.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { createStateTree, proveKeys, type StateTree } from "#sandbox";
import {
  ackMessage,
  candidacy,
  encode,
  headerMessage,
  NO_HEADER,
  refOfConfiguration,
  refOfHeader,
  settlementEvidence,
} from "../../../src/channel/codec.ts";
import type { ConfigurationStep, StateProof } from "../../../src/channel/evidence.ts";
import type {
  Certificate,
  Configuration,
  Header,
  HeaderRef,
  Seat,
  SignedHeader,
} from "../../../src/channel/messages.ts";
import {
  type ChannelView,
  decodeChannel,
  decodeProposal,
  type ProposalView,
} from "./channel-view.ts";
import { arg, type ContractChain, type Ran } from "./contract-chain.ts";
import type { Player } from "./player.ts";

export const CHANNEL_MODULE = "0x20::state_channel";

/** A header, its certificate, a header that carries it, and that one's certificate. */
export interface Confirmation {
  readonly header: SignedHeader;
  readonly certificate: Certificate;
  readonly confirming: SignedHeader;
  readonly confirmingCertificate: Certificate;
}

export interface ScriptedChannel {
  readonly chain: ContractChain;
  readonly id: bigint;
  /** Where the state is in the channel. */
  readonly stateKey: StateKey;
  readonly players: Map<string, Player>;
  /** Everything that changes off chain. */
  readonly log: ChannelLog;
  view(): ChannelView;
  proposal(id: bigint): ProposalView;
  /** BCS of the state in escrow. */
  stateOnChain(): Uint8Array;
  /** An entry function of the channel's module, with StateT and the channel's id in front. */
  call(player: Player, name: string, ...args: readonly Uint8Array[]): Ran;
  callOk(player: Player, name: string, ...args: readonly Uint8Array[]): Ran;
  player(name: string): Player;
}

export interface ChannelLog {
  configuration: Configuration;
  state: StateTree;
  /** The state as settled. */
  settled: StateTree;
  /** Changes since the settled height. */
  changes: ChangeSet;
  settledHeight: bigint;
  height: bigint;
  number: bigint;
  previous: HeaderRef;
  term: bigint;
  leader: bigint;
}

/**
 * The channel that `creator` has just made, which it leads in term 1 from now on.
 *
 * @param stateType a struct of a module at the account that holds the state in the channel.
 */
export function scriptChannel(
  chain: ContractChain,
  id: bigint,
  stateType: string,
  creator: Player,
): ScriptedChannel {
  const players = new Map([[creator.name, creator]]);
  const type = makeStructTag(stateType);
  const stateKey: StateKey = { kind: "resource", address: type.address, type };
  const read = (name: string, ...args: readonly Uint8Array[]) =>
    present(chain.view(`${CHANNEL_MODULE}::${name}`, { args })[0], "a view returns");
  const stateOnChain = () => {
    const options = { typeArgs: [stateType], args: [arg.u64(id)] };
    const [bytes] = chain.view(`${CHANNEL_MODULE}::get_state`, options);
    return decodeBcs(present(bytes, "a view returns"), (reader) => reader.bytes().slice());
  };
  const options = (player: Player, args: readonly Uint8Array[]) => ({
    sender: player.address,
    typeArgs: [stateType],
    args: [arg.u64(id), ...args],
  });
  const view = () => decodeChannel(read("get_channel", arg.u64(id)));
  const state = createStateTree();
  state.apply([{ key: stateKey, op: { type: "new", value: stateOnChain() } }]);
  const channel: ScriptedChannel = {
    chain,
    id,
    stateKey,
    players,
    log: {
      configuration: { number: 0n, seats: view().members.map(({ seat }) => seat) },
      state,
      settled: state.fork(),
      changes: EMPTY_CHANGE_SET,
      settledHeight: 0n,
      height: 0n,
      number: 0n,
      previous: NO_HEADER,
      term: 1n,
      leader: 1n,
    },
    view,
    proposal: (proposal) => decodeProposal(read("get_proposal", arg.u64(id), arg.u64(proposal))),
    stateOnChain,
    call: (player, name, ...args) => chain.run(`${CHANNEL_MODULE}::${name}`, options(player, args)),
    callOk: (player, name, ...args) =>
      chain.ok(`${CHANNEL_MODULE}::${name}`, options(player, args)),
    player: (name) => present(players.get(name), `nobody is called ${name}`),
  };
  channel.callOk(creator, "apply_leader_entry", arg.bytes(new Uint8Array()));
  return channel;
}

/** The seat that a player holds on chain. */
export function seatOf(channel: ScriptedChannel, player: Player): Seat {
  const member = channel
    .view()
    .members.find(
      ({ seat, standing }) =>
        seat.address === player.address && (standing === "pending" || standing === "admitted"),
    );
  return present(member, `${player.name} has a seat`).seat;
}

/** Whose seat it is, in or out. */
export function playerAt(channel: ScriptedChannel, seat: bigint): Player {
  const seats = [
    ...channel.log.configuration.seats,
    ...channel.view().members.map((member) => member.seat),
  ];
  const found = present(
    seats.find((candidate) => candidate.seat === seat),
    `seat ${seat} is known`,
  );
  const player = [...channel.players.values()].find(({ address }) => address === found.address);
  return present(player, `seat ${seat} is somebody's`);
}

/** Orders one entry with this effect. */
export function order(log: ChannelLog, changes: ChangeSet): void {
  const set = makeChangeSet(changes);
  log.state.apply(set);
  log.changes = composeChangeSets(log.changes, set);
  log.height += 1n;
}

/** Orders an entry that gives the state this value. */
export function setState({ log, stateKey }: ScriptedChannel, value: Uint8Array): void {
  const op = present(opBetween(log.state.get(stateKey), value), "the state changes");
  order(log, [{ key: stateKey, op }]);
}

/** A header above the last that covers the last `count` entries. */
export function nextHeader(
  channel: ScriptedChannel,
  count: number,
  changes: Partial<Header> = {},
): Header {
  const { log } = channel;
  const { hash } = channel.view();
  const configuration = refOfConfiguration(hash, log.configuration);
  const root = log.state.root();
  return {
    channel: hash,
    configuration,
    next: configuration,
    epoch: { term: log.term, view: 0n },
    leader: log.leader,
    number: log.number + 1n,
    firstHeight: log.height + 1n - BigInt(count),
    count,
    previous: log.previous.hash,
    justify: NO_HEADER,
    preStateRoot: root,
    stateRoot: root,
    stepsRoot: ZERO_HASH,
    changeSetRoot: ZERO_HASH,
    historyRoot: ZERO_HASH,
    time: channel.chain.now(),
    reveal: sha2_256(utf8("reveal")),
    ...changes,
  };
}

export function signHeader(channel: ScriptedChannel, header: Header): SignedHeader {
  const leader = playerAt(channel, header.leader);
  return { header, signature: leader.signAsNode(headerMessage(header)) };
}

/** Appends a header to the log, signed by its leader. */
export function seal(channel: ScriptedChannel, header: Header): SignedHeader {
  channel.log.number = header.number;
  channel.log.previous = refOfHeader(header);
  return signHeader(channel, header);
}

/** Acks of the header by these seats; by all of the configuration unless told otherwise. */
export function certify(
  channel: ScriptedChannel,
  header: Header,
  seats: readonly bigint[] = channel.log.configuration.seats.map(({ seat }) => seat),
): Certificate {
  const { configuration } = header;
  const ack = { channel: header.channel, configuration, header: refOfHeader(header) };
  const signatures = seats.map((seat) => ({
    seat,
    signature: playerAt(channel, seat).signAsNode(ackMessage(ack)),
  }));
  return { ack, signatures };
}

/** Seals a header over the last `count` entries and an empty one above it, both certified. */
export function confirm(
  channel: ScriptedChannel,
  count: number,
  changes: Partial<Header> = {},
): Confirmation {
  const header = seal(channel, nextHeader(channel, count, changes));
  const { next } = header.header;
  const justify = refOfHeader(header.header);
  const confirming = seal(channel, nextHeader(channel, 0, { next, justify }));
  return {
    header,
    certificate: certify(channel, header.header),
    confirming,
    confirmingCertificate: certify(channel, confirming.header),
  };
}

/** Orders a change of configuration and confirms it under the old one. */
export function changeConfiguration(
  channel: ScriptedChannel,
  seats: readonly Seat[],
): ConfigurationStep {
  const { log } = channel;
  const configuration: Configuration = { number: log.configuration.number + 1n, seats };
  const key: StateKey = { kind: "tableItem", handle: makeAddress("0x0"), key: arg.u64(log.height) };
  order(log, [{ key, op: { type: "new", value: arg.u64(configuration.number) } }]);
  const next = refOfConfiguration(channel.view().hash, configuration);
  const step = { configuration, ...confirm(channel, 1, { next }) };
  log.configuration = configuration;
  return step;
}

/** The data of a proposal to settle everything up to what the confirmation confirms. */
export function settlementData(
  channel: ScriptedChannel,
  confirmation: Confirmation,
  steps: readonly ConfigurationStep[] = [],
): Uint8Array {
  const { header } = confirmation.header;
  return encode(settlementEvidence, {
    fromHeight: channel.log.settledHeight,
    toHeight: header.firstHeight + BigInt(header.count) - 1n,
    changes: channel.log.changes,
    ...confirmation,
    steps,
    proof: proofOf(channel),
  });
}

/** Of the changes since the settled height, at the settled state. */
export function proofOf({ log }: ScriptedChannel): StateProof {
  const keys = log.changes.map(({ key }) => key);
  return proveKeys(log.settled, keys);
}

/** The settlement of everything so far has been executed. */
export function noteSettled({ log }: ScriptedChannel, height = log.height): void {
  log.settledHeight = height;
  log.settled = log.state.fork();
  log.changes = EMPTY_CHANGE_SET;
}

/** Shows the chain changes of configuration. */
export function showSteps(channel: ScriptedChannel, steps: readonly ConfigurationStep[]): void {
  const evidence = arg.bytes(encode(candidacy, { steps }));
  const [player] = channel.players.values();
  const poster = present(player, "somebody plays");
  channel.callOk(poster, "post_certificate_entry", evidence, arg.bytes(new Uint8Array()));
}

/** Proposes to settle; returns the proposal's number. */
export function propose(
  channel: ScriptedChannel,
  confirmation: Confirmation,
  steps: readonly ConfigurationStep[] = [],
  by = "alice",
): bigint {
  const data = arg.bytes(settlementData(channel, confirmation, steps));
  channel.callOk(channel.player(by), "create_proposal_entry", arg.u8(1), data);
  return channel.view().proposalCount;
}

export function vote(channel: ScriptedChannel, player: Player, proposal: bigint, option = 1): Ran {
  return channel.call(player, "vote_proposal_entry", arg.u64(proposal), arg.u8(option));
}

/** Everybody who may and has not votes yes. */
export function voteAll(channel: ScriptedChannel, proposal: bigint): void {
  const { voters, holders, votes } = channel.proposal(proposal);
  for (const seat of new Set([...voters, ...holders])) {
    if (votes.some((one) => one.seat === seat)) continue;
    const player = playerAt(channel, seat);
    channel.callOk(player, "vote_proposal_entry", arg.u64(proposal), arg.u8(1));
  }
}
