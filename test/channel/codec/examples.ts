// One example of every object of the channel, made from fixed keys, so that its bytes, hashes and
// signatures are the same on every machine and in every language.
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import {
  type PublicKey,
  parseSecretKey,
  publicKeyOf,
  type SecretKey,
  type Signature,
  signEd25519,
} from "#core/ed25519.ts";
import type { ChangeSet, Event } from "#core/effects.ts";
import { domainHash, type Hash, sha2_256, ZERO_HASH } from "#core/hash.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { EXECUTED } from "#core/status.ts";
import { makeStructTag } from "#core/type-tag.ts";
import {
  ackMessage,
  bundleMessage,
  callMessage,
  departureMessage,
  hashChannel,
  hashEntries,
  hashReceipts,
  headerMessage,
  makeBundle,
  NO_HEADER,
  refOfConfiguration,
  refOfHeader,
  removalMessage,
  viewChangeMessage,
} from "../../../src/channel/codec.ts";
import type {
  Candidacy,
  ConfigurationStep,
  Equivocation,
  PunishmentEvidence,
  SettlementEvidence,
  SilenceEvidence,
} from "../../../src/channel/evidence.ts";
import type {
  Ack,
  Batch,
  BundledCall,
  Call,
  Certificate,
  Configuration,
  Departure,
  Entry,
  Header,
  Receipt,
  Removal,
  Seat,
  SignedHeader,
  SignedRemoval,
  SignedViewChange,
  Step,
  ViewChange,
} from "../../../src/channel/messages.ts";

export function secretKey(name: string): SecretKey {
  return present(parseSecretKey(sha2_256(utf8(`example key ${name}`))), "32 bytes are a key");
}

export function named(name: string): Hash {
  return domainHash("Example", utf8(name));
}

export interface Cast {
  readonly member: SecretKey;
  readonly node: SecretKey;
  readonly seat: Seat;
}

function cast(id: bigint): Cast {
  const member = secretKey(`member ${id}`);
  const node = secretKey(`node ${id}`);
  const address = makeAddress(`0x${(0xa11ce0n + id).toString(16)}`);
  const [memberKey, nodeKey]: PublicKey[] = [publicKeyOf(member), publicKeyOf(node)];
  return {
    member,
    node,
    seat: {
      seat: id,
      address,
      memberKey: present(memberKey, "two keys"),
      nodeKey: present(nodeKey, "two keys"),
      revealTip: named(`tip ${id}`),
    },
  };
}

export const CAST: readonly [Cast, Cast, Cast] = [cast(1n), cast(2n), cast(3n)];
const [ALICE, BOB, CAROL] = CAST;

export const CHANNEL: Hash = hashChannel({
  genesis: named("genesis"),
  contract: makeAddress("0x20"),
  id: 1001n,
  creator: ALICE.seat.address,
  creatorSequence: 4n,
  executionProfile: named("profile"),
  initialState: sha2_256(utf8("initial state")),
  settings: utf8("settings"),
});

export const CONFIGURATION: Configuration = { number: 1n, seats: [ALICE.seat, BOB.seat] };
export const NEXT: Configuration = { number: 2n, seats: CAST.map(({ seat }) => seat) };
const configuration = refOfConfiguration(CHANNEL, CONFIGURATION);
const next = refOfConfiguration(CHANNEL, NEXT);

export const CALL: Call = {
  channel: CHANNEL,
  seat: 2n,
  nonce: 5n,
  function: present(parseFunctionId("0x21::chat::post"), "a function"),
  typeArgs: [{ kind: "vector", element: { kind: "u8" } }],
  args: [utf8("hello"), new Uint8Array(0)],
  maxGas: 10_000n,
  expiry: 500n,
};

export const DEPARTURE: Departure = { channel: CHANNEL, seat: 2n, nonce: 6n, kind: "leave" };

export const CHANGES: ChangeSet = [
  {
    key: {
      kind: "resource",
      address: makeAddress("0x21"),
      type: makeStructTag("0x21::chat::ChatGroup"),
    },
    op: { type: "modify", old: utf8("before"), value: utf8("after") },
  },
];

export const EVENTS: readonly Event[] = [
  { type: { kind: "struct", struct: makeStructTag("0x21::chat::Posted") }, data: utf8("event") },
];

export const ENTRIES: readonly Entry[] = [
  { type: "call", call: { call: CALL, signature: signEd25519(callMessage(CALL), BOB.member) } },
  { type: "tick", tick: 7n },
  { type: "admit", seat: CAROL.seat, asset: utf8("brought") },
];

/** The rest of the variants: they need not make sense together. */
export const MORE_ENTRIES: readonly Entry[] = [
  {
    type: "leave",
    departure: {
      departure: DEPARTURE,
      signature: signEd25519(departureMessage(DEPARTURE), BOB.member),
    },
  },
  { type: "admit", seat: CAROL.seat },
  { type: "suspend", seat: 2n },
  { type: "exit", seat: 3n },
  {
    type: "close",
    departure: {
      departure: { ...DEPARTURE, seat: 1n, kind: "close" },
      signature: signEd25519(
        departureMessage({ ...DEPARTURE, seat: 1n, kind: "close" }),
        ALICE.member,
      ),
    },
  },
];

/** Three calls that Bob signed together. */
export const BUNDLED: readonly BundledCall[] = makeBundle(
  [8n, 9n, 10n].map((nonce) => ({ ...CALL, nonce })),
  (bundle) => signEd25519(bundleMessage(bundle), BOB.member),
);

export const BUNDLED_ENTRIES: readonly Entry[] = BUNDLED.map((call) => ({ type: "bundled", call }));

export const RECEIPTS: readonly Receipt[] = [
  { status: EXECUTED, gasUsed: 123n, events: EVENTS, changes: CHANGES },
  { status: EXECUTED, gasUsed: 0n, events: [], changes: [] },
  { status: EXECUTED, gasUsed: 0n, events: [], changes: [] },
];

export const STEP: Step = {
  firstHeight: 41n,
  count: 3,
  entriesHash: hashEntries(ENTRIES),
  stateRoot: named("state after"),
  receiptsHash: hashReceipts(RECEIPTS),
};

export const HEADER: Header = {
  channel: CHANNEL,
  configuration,
  next,
  epoch: { term: 3n, view: 0n },
  leader: 1n,
  number: 9n,
  firstHeight: 41n,
  count: 3,
  previous: named("header 8"),
  justify: { epoch: { term: 3n, view: 0n }, number: 8n, hash: named("header 8") },
  preStateRoot: named("state before"),
  stateRoot: named("state after"),
  stepsRoot: named("steps"),
  changeSetRoot: named("changes"),
  historyRoot: named("history"),
  time: 1_700_000_000_000n,
  reveal: named("reveal"),
};

function sign(header: Header, by: Cast): SignedHeader {
  return { header, signature: signEd25519(headerMessage(header), by.node) };
}

export const SIGNED_HEADER: SignedHeader = sign(HEADER, ALICE);

/** The header whose certificate confirms {@link HEADER}. */
export const CONFIRMING: SignedHeader = sign(
  {
    ...HEADER,
    number: 10n,
    firstHeight: 44n,
    count: 0,
    previous: refOfHeader(HEADER).hash,
    justify: refOfHeader(HEADER),
    preStateRoot: HEADER.stateRoot,
    time: 1_700_000_000_005n,
  },
  ALICE,
);

function ackOf(header: Header): Ack {
  return { channel: CHANNEL, configuration: header.configuration, header: refOfHeader(header) };
}

export const ACK: Ack = ackOf(HEADER);

function signatureOf(ack: Ack, by: Cast): Signature {
  return signEd25519(ackMessage(ack), by.node);
}

function certify(header: Header): Certificate {
  const ack = ackOf(header);
  const signatures = [ALICE, BOB].map((by) => ({
    seat: by.seat.seat,
    signature: signatureOf(ack, by),
  }));
  return { ack, signatures };
}

export const CERTIFICATE: Certificate = certify(HEADER);
export const CONFIRMING_CERTIFICATE: Certificate = certify(CONFIRMING.header);

export const VIEW_CHANGE: ViewChange = {
  channel: CHANNEL,
  configuration,
  epoch: { term: 4n, view: 0n },
  highest: CONFIRMING_CERTIFICATE.ack.header,
};

export const SIGNED_VIEW_CHANGE: SignedViewChange = {
  viewChange: VIEW_CHANGE,
  seat: 2n,
  signature: signEd25519(viewChangeMessage(VIEW_CHANGE), BOB.node),
  certificate: CONFIRMING_CERTIFICATE,
};

export const REMOVAL: Removal = {
  channel: CHANNEL,
  configuration,
  accused: 1n,
  lastAlive: 1_700_000_000_123n,
  highest: CONFIRMING_CERTIFICATE.ack.header,
};

export const SIGNED_REMOVAL: SignedRemoval = {
  removal: REMOVAL,
  seat: 2n,
  signature: signEd25519(removalMessage(REMOVAL), BOB.node),
};

export const BATCH: Batch = {
  header: SIGNED_HEADER,
  entries: ENTRIES,
  steps: [STEP],
  certificate: CERTIFICATE,
  viewChanges: [
    SIGNED_VIEW_CHANGE,
    { ...SIGNED_VIEW_CHANGE, viewChange: { ...VIEW_CHANGE, highest: NO_HEADER } },
  ],
};

/** What Bob signed together, with others between, and the first of the calls left out. */
export const BUNDLED_BATCH: Batch = {
  ...BATCH,
  entries: [
    ...ENTRIES,
    ...BUNDLED_ENTRIES.slice(1, 2),
    ...MORE_ENTRIES,
    ...BUNDLED_ENTRIES.slice(2),
  ],
};

export const CONFIGURATION_STEP: ConfigurationStep = {
  configuration: NEXT,
  header: SIGNED_HEADER,
  certificate: CERTIFICATE,
  confirming: CONFIRMING,
  confirmingCertificate: CONFIRMING_CERTIFICATE,
};

export const CANDIDACY: Candidacy = {
  certificate: CONFIRMING_CERTIFICATE,
  steps: [CONFIGURATION_STEP],
};

export const SETTLEMENT: SettlementEvidence = {
  fromHeight: 40n,
  toHeight: 43n,
  changes: CHANGES,
  header: SIGNED_HEADER,
  certificate: CERTIFICATE,
  confirming: CONFIRMING,
  confirmingCertificate: CONFIRMING_CERTIFICATE,
  steps: [],
  proof: { shape: Uint8Array.of(2), hashes: [ZERO_HASH] },
};

export const PUNISHMENT: PunishmentEvidence = {
  accused: 1n,
  header: CONFIRMING,
  previous: SIGNED_HEADER,
  entries: ENTRIES,
  batchSteps: [STEP],
  steps: [],
};

export const EQUIVOCATION: Equivocation = {
  accused: 1n,
  first: SIGNED_HEADER,
  second: sign({ ...HEADER, stateRoot: named("another state") }, ALICE),
};

export const SILENCE: SilenceEvidence = {
  removals: [SIGNED_REMOVAL],
  certificate: CONFIRMING_CERTIFICATE,
  steps: [],
};
