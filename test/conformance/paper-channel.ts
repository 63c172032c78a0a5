// A channel's off-chain side on paper: a log of headers over a real state tree, signed and
// certified by whoever a test wants, without any node. What comes out is what members would show a
// chain.
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import type { Signature } from "#core/ed25519.ts";
import {
  type ChangeSet,
  composeChangeSets,
  EMPTY_CHANGE_SET,
  makeChangeSet,
  opBetween,
  type StateKey,
} from "#core/effects.ts";
import { domainHash, type Hash, ZERO_HASH } from "#core/hash.ts";
import { merkleRoot } from "#core/merkle/accumulator.ts";
import { createStateTree, proveKeys, type StateTree } from "#sandbox";
import type { ChainChannel } from "../../src/channel/chain-view.ts";
import {
  ackMessage,
  hashStep,
  headerMessage,
  NO_HEADER,
  refOfConfiguration,
  refOfHeader,
  removalMessage,
} from "../../src/channel/codec.ts";
import type {
  AnsweredHeader,
  ConfigurationStep,
  PunishmentEvidence,
  SettlementEvidence,
} from "../../src/channel/evidence.ts";
import type {
  Certificate,
  Configuration,
  Header,
  HeaderRef,
  Removal,
  Seat,
  SignedHeader,
  SignedRemoval,
  Step,
} from "../../src/channel/messages.ts";

/** Signs with the node key of a seat. */
export type NodeSigner = (seat: bigint, message: Uint8Array) => Signature;

export interface PaperChannel {
  readonly channel: ChainChannel;
  readonly sign: NodeSigner;
  readonly state: StateTree;
  /** The state as settled. */
  readonly settled: StateTree;
  configuration: Configuration;
  /** Since the settled height. */
  changes: ChangeSet;
  settledHeight: bigint;
  height: bigint;
  previous: HeaderRef;
  term: bigint;
  leader: bigint;
}

export interface Confirmation {
  readonly header: SignedHeader;
  readonly certificate: Certificate;
  readonly confirming: SignedHeader;
  readonly confirmingCertificate: Certificate;
}

/** The channel as its creator leads it in term 1, alone, over the state that the chain holds. */
export function paperChannel(
  channel: ChainChannel,
  stateBytes: Uint8Array,
  sign: NodeSigner,
): PaperChannel {
  const state = createStateTree();
  state.apply([{ key: stateKey(channel), op: { type: "new", value: stateBytes } }]);
  return {
    channel,
    sign,
    state,
    settled: state.fork(),
    configuration: channel.configuration,
    changes: EMPTY_CHANGE_SET,
    settledHeight: 0n,
    height: 0n,
    previous: NO_HEADER,
    term: 1n,
    leader: 1n,
  };
}

export function stateKey({ stateType }: ChainChannel): StateKey {
  return { kind: "resource", address: stateType.address, type: stateType };
}

/** Orders one entry that gives the channel's state these bytes. */
export function orderState(paper: PaperChannel, value: Uint8Array): void {
  orderValue(paper, stateKey(paper.channel), value);
}

/** Orders one entry that gives this key of the channel's state these bytes. */
export function orderValue(paper: PaperChannel, key: StateKey, value: Uint8Array): void {
  const op = present(opBetween(paper.state.get(key), value), "the value changes");
  order(paper, [{ key, op }]);
}

function order(paper: PaperChannel, changes: ChangeSet): void {
  const set = makeChangeSet(changes);
  paper.state.apply(set);
  paper.changes = composeChangeSets(paper.changes, set);
  paper.height += 1n;
}

/** The next header over the last `count` entries. */
export function nextHeader(
  paper: PaperChannel,
  count: number,
  altered: Partial<Header> = {},
): Header {
  const ref = refOfConfiguration(paper.channel.channel, paper.configuration);
  const root = paper.state.root();
  return {
    channel: paper.channel.channel,
    configuration: ref,
    next: ref,
    epoch: { term: paper.term, view: 0n },
    leader: paper.leader,
    number: paper.previous.number + 1n,
    firstHeight: paper.height + 1n - BigInt(count),
    count,
    previous: paper.previous.hash,
    justify: NO_HEADER,
    preStateRoot: root,
    stateRoot: root,
    stepsRoot: ZERO_HASH,
    changeSetRoot: ZERO_HASH,
    historyRoot: ZERO_HASH,
    time: 0n,
    reveal: ZERO_HASH,
    ...altered,
  };
}

export function signHeader({ sign }: PaperChannel, header: Header): SignedHeader {
  return { header, signature: sign(header.leader, headerMessage(header)) };
}

function seal(paper: PaperChannel, header: Header): SignedHeader {
  paper.previous = refOfHeader(header);
  return signHeader(paper, header);
}

/** Acks of a header by the seats of its configuration, or by these. */
export function certify(
  { configuration, sign }: PaperChannel,
  header: Header,
  seats: readonly bigint[] = configuration.seats.map(({ seat }) => seat),
): Certificate {
  const ack = {
    channel: header.channel,
    configuration: header.configuration,
    header: refOfHeader(header),
  };
  const signatures = seats.map((seat) => ({ seat, signature: sign(seat, ackMessage(ack)) }));
  return { ack, signatures };
}

/** A header over the last `count` entries and an empty one above it, both certified. */
export function confirm(
  paper: PaperChannel,
  count: number,
  altered: Partial<Header> = {},
): Confirmation {
  const header = seal(paper, nextHeader(paper, count, altered));
  const { next } = header.header;
  const justify = refOfHeader(header.header);
  const confirming = seal(paper, nextHeader(paper, 0, { next, justify }));
  return {
    header,
    certificate: certify(paper, header.header),
    confirming,
    confirmingCertificate: certify(paper, confirming.header),
  };
}

/** Orders a change of configuration and confirms it under the old one. */
export function changeSeats(paper: PaperChannel, seats: readonly Seat[]): ConfigurationStep {
  const configuration: Configuration = { number: paper.configuration.number + 1n, seats };
  const key: StateKey = {
    kind: "tableItem",
    handle: makeAddress("0x0"),
    key: encodeBcs((writer) => writer.u64(paper.height)),
  };
  const value = encodeBcs((writer) => writer.u64(configuration.number));
  order(paper, [{ key, op: { type: "new", value } }]);
  const next = refOfConfiguration(paper.channel.channel, configuration);
  const step = { configuration, ...confirm(paper, 1, { next }) };
  paper.configuration = configuration;
  return step;
}

/** What settles everything up to the header that `confirmation` confirms. */
export function settlementOf(
  paper: PaperChannel,
  confirmation: Confirmation,
  steps: readonly ConfigurationStep[],
): SettlementEvidence {
  const { header } = confirmation.header;
  return {
    fromHeight: paper.settledHeight,
    toHeight: header.firstHeight + BigInt(header.count) - 1n,
    changes: paper.changes,
    ...confirmation,
    steps,
    proof: proveKeys(
      paper.settled,
      paper.changes.map(({ key }) => key),
    ),
  };
}

/** One step of a single entry, of which nobody but these bytes knows anything. */
export function shownStep(
  paper: PaperChannel,
  entries: Uint8Array,
): { readonly shown: AnsweredHeader["steps"][number]; readonly stepsRoot: Hash } {
  const step: Step = {
    firstHeight: paper.height,
    count: 1,
    entriesHash: domainHash("Entries", entries),
    stateRoot: paper.state.root(),
    receiptsHash: ZERO_HASH,
  };
  return { shown: { step, entries }, stepsRoot: merkleRoot("StepsRoot", [hashStep(step)]) };
}

/** An accusation of the leader, whose header says what its entries do not do. */
export function accusationOf(
  paper: PaperChannel,
  steps: readonly ConfigurationStep[],
): PunishmentEvidence {
  const header = signHeader(paper, nextHeader(paper, 0, { stateRoot: ZERO_HASH }));
  return { accused: paper.leader, header, entries: [], batchSteps: [], steps };
}

/** A member's wish that a silent seat be removed. */
export function removalBy(
  paper: PaperChannel,
  signer: bigint,
  accused: bigint,
  lastAlive: bigint,
  highest: HeaderRef,
): SignedRemoval {
  const removal: Removal = {
    channel: paper.channel.channel,
    configuration: refOfConfiguration(paper.channel.channel, paper.configuration),
    accused,
    lastAlive,
    highest,
  };
  return { removal, seat: signer, signature: paper.sign(signer, removalMessage(removal)) };
}
