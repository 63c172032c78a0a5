// The state-channel contract as a plain object, for tests of the protocol that need no virtual
// machine. It checks what the contract checks, in its own words: signatures, quorums, steps of
// configuration, leases, windows. The simulation runs on the real contract; this one is what a
// test can look into and be fast with.

import type { Address } from "#core/address.ts";
import { equalBytes } from "#core/bytes.ts";
import { ZERO_HASH } from "#core/hash.ts";
import type {
  ChainChannel,
  ChainMember,
  ChainProposal,
  ForcedConfiguration,
} from "../../src/channel/chain-view.ts";
import {
  ackMessage,
  encode,
  hashHeader,
  headerMessage,
  NO_HEADER,
  punishmentEvidence,
  refOfConfiguration,
  refOfHeader,
  removalMessage,
  settlementEvidence,
} from "../../src/channel/codec.ts";
import type { SettlementCommand } from "../../src/channel/core/effect.ts";
import type {
  Candidacy,
  ConfigurationStep,
  Equivocation,
  PunishmentEvidence,
  SettlementEvidence,
  SilenceEvidence,
} from "../../src/channel/evidence.ts";
import type {
  Certificate,
  Configuration,
  ConfigurationRef,
  HeaderRef,
  Seat,
  SignedHeader,
} from "../../src/channel/messages.ts";
import { type ExitsHost, isHigher, ModelExits } from "./model-exits.ts";
import { ModelForcedCalls } from "./model-forced-calls.ts";
import type { Member, ModelOptions, Proposal } from "./model-records.ts";
import { check, Refused } from "./model-refusal.ts";

const LEASE_MS = 15_000n;
const BAN_MS = 300_000n;
/** Bytes of a transaction, without room for its own frame. */
const TRANSACTION_SIZE_MAX = 60 * 1024;
const EXCLUSION_WINDOW_MS = 10_000n;
const MEMBERS_MAX = 5;

/** One channel on one chain. Commands throw {@link Refused} and change nothing then. */
export class ModelChain {
  now: bigint;
  readonly #options: ModelOptions;
  readonly #members: Member[] = [];
  readonly #configurations: Configuration[];
  readonly #proposals: Proposal[] = [];
  readonly #bans = new Map<Address, bigint>();
  #settled: ChainChannel["settled"];
  #term = 0n;
  #leader: bigint | undefined;
  #fence: HeaderRef = NO_HEADER;
  #forced: ForcedConfiguration | undefined;
  #removal: { readonly accused: bigint; readonly due: bigint } | undefined;
  #exclusions: { readonly seat: bigint; readonly due: bigint }[] = [];
  #closed = false;
  readonly #exits = new ModelExits(this.#exitsHost());
  readonly #forcedCalls = new ModelForcedCalls(() => this.now);
  #nextSeat = 1n;
  /** Stakes that nobody gets back. */
  burned = 0n;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.now = options.now;
    const first: Configuration = { number: 0n, seats: [options.creator] };
    this.#configurations = [first];
    this.#settled = {
      height: 0n,
      header: NO_HEADER,
      stateRoot: options.stateRoot,
      configuration: first,
      index: 0n,
    };
    this.join(options.creator);
    this.#member(1n).standing = "admitted";
  }

  /** Gives the next seat to an address; the creator's is the first. */
  join(seat: Omit<Seat, "seat">, asset?: Uint8Array): bigint {
    const inside = this.#members.filter(({ standing }) => standing !== "removed");
    check(!this.#closed, 20);
    check(inside.length < MEMBERS_MAX, 19);
    check((this.#bans.get(seat.address) ?? 0n) <= this.now, 3);
    check(
      inside.every((member) => member.seat.address !== seat.address),
      18,
    );
    const id = this.#nextSeat;
    this.#nextSeat += 1n;
    this.#members.push({
      seat: { ...seat, seat: id },
      stake: this.#options.stake,
      asset,
      lastAlive: this.now,
      standing: "pending",
    });
    return id;
  }

  command(by: bigint, command: SettlementCommand): void {
    check(!this.#closed || command.type === "leave", 20);
    switch (command.type) {
      case "keepAlive":
        this.#touch(by);
        return;
      case "applyLeader":
        this.#apply(by, command.candidacy);
        return;
      case "postCertificate":
        this.#post(command.candidacy);
        return;
      case "propose":
        this.#propose(by, command.evidence);
        return;
      case "punish":
        this.#punish(by, command.evidence);
        return;
      case "demandData":
      case "answerDemand":
      case "voidDemand":
      case "proveFraud":
        // The model runs nothing, and demands nothing.
        throw new Refused(64);
      case "proveEquivocation":
        this.#equivocation(command.evidence);
        return;
      case "vote":
        this.#vote(by, command.proposal, command.option);
        return;
      case "execute":
        this.#execute(command.proposal.id);
        return;
      case "removeSilent":
        this.#removeSilent(command.evidence);
        return;
      case "leave":
        this.#leave(by);
        return;
      case "close":
        this.#close(by);
        return;
      case "openExit":
        this.#exits.open(command.seat, command.evidence);
        return;
      case "contestExit":
        this.#exits.contest(command.seat, command.evidence);
        return;
      case "finishExit":
        this.#exits.finish(command.seat);
        return;
      case "forceCall":
        this.#forcedCalls.open(command.call, this.#leader);
        return;
      case "answerCall":
        this.#adopt(command.answer.steps);
        this.#certified(command.answer.certificate);
        this.#forcedCalls.answer(command.answer);
        return;
      case "deposeLeader":
        this.#leader = this.#forcedCalls.depose(command.seat, this.#leader);
        return;
      case "claimExit":
        this.#exits.claim(command.evidence);
    }
  }

  view(): ChainChannel {
    const { channel, creator, stateType, assetType, settings, stake } = this.#options;
    return {
      id: 1n,
      channel,
      creator: creator.address,
      stateType,
      assetType,
      executionProfile: channel,
      stake,
      settings,
      settled: this.#settled,
      term: this.#term,
      leader: this.#leader,
      members: this.#members.map(
        (member): ChainMember => ({
          ...member.seat,
          lastAlive: member.lastAlive,
          stake: member.stake,
          standing:
            member.standing === "pending" || member.standing === "admitted"
              ? "joined"
              : member.standing,
          asset: member.asset,
        }),
      ),
      configuration: this.#latest(),
      fence: this.#fence,
      forced: this.#forced,
      exclusions: [...this.#exclusions],
      proposals: this.#proposals.map((proposal): ChainProposal => {
        const { id, type, proposer, data, voters, votes } = proposal;
        const isPassed = proposal.status === "open" && this.#hasPassed(proposal);
        return {
          id,
          type,
          proposer,
          data,
          voters,
          votes: [...votes],
          status: isPassed ? "passed" : proposal.status,
        };
      }),
      exits: this.#exits.view(),
      demands: [],
      answers: [],
      forcedCalls: this.#forcedCalls.view(),
      judges: false,
      closed: this.#closed,
      now: this.now,
    };
  }

  /** Stakes held for members, for the sum of all coins. */
  stakes(): bigint {
    return this.#members.reduce((sum, { stake }) => sum + stake, 0n);
  }

  // ---- members and leases -----------------------------------------------------------------------

  #latest(): Configuration {
    const last = this.#configurations.at(-1);
    check(last !== undefined, 24);
    return last;
  }

  #find(seat: bigint): Member | undefined {
    return this.#members.find((member) => member.seat.seat === seat);
  }

  #member(seat: bigint): Member {
    const found = this.#find(seat);
    check(found !== undefined && found.standing !== "removed", 2);
    return found;
  }

  #isAlive(seat: bigint | undefined): boolean {
    const member = seat === undefined ? undefined : this.#find(seat);
    if (member === undefined || member.standing === "removed") return false;
    return this.now - member.lastAlive <= LEASE_MS;
  }

  #touch(seat: bigint): void {
    this.#member(seat).lastAlive = this.now;
    if (this.#removal?.accused === seat) this.#removal = undefined;
  }

  #apply(by: bigint, candidacy: Candidacy): void {
    const member = this.#member(by);
    if (this.#leader === by) return;
    this.#post(candidacy);
    check(this.#exclusions.length === 0, 14);
    check(member.standing === "admitted", 34);
    check(!this.#isAlive(this.#leader), 4);
    check(!this.#forcedCalls.isBarred(by), 69);
    this.#touch(by);
    this.#term += 1n;
    this.#leader = by;
    this.#forcedCalls.noteLeader(by);
  }

  // ---- certificates and configurations ----------------------------------------------------------

  #ref(configuration: Configuration): ConfigurationRef {
    return refOfConfiguration(this.#options.channel, configuration);
  }

  #known(ref: ConfigurationRef): Configuration {
    const found = this.#configurations.find(({ number }) => number === ref.number);
    check(found !== undefined && equalBytes(this.#ref(found).hash, ref.hash), 24);
    return found;
  }

  #certified(certificate: Certificate): HeaderRef {
    const { ack, signatures } = certificate;
    const configuration = this.#known(ack.configuration);
    check(equalBytes(ack.channel, this.#options.channel), 22);
    check(3 * signatures.length > 2 * configuration.seats.length, 22);
    let last = 0n;
    for (const { seat, signature } of signatures) {
      const key = configuration.seats.find((candidate) => candidate.seat === seat)?.nodeKey;
      check(key !== undefined && seat > last, 22);
      check(this.#options.verify(ackMessage(ack), signature, key), 23);
      last = seat;
    }
    return ack.header;
  }

  #confirmed(
    header: SignedHeader,
    certificate: Certificate,
    confirming: SignedHeader,
    confirmingCertificate: Certificate,
  ): void {
    const first = this.#certified(certificate);
    const second = this.#certified(confirmingCertificate);
    check(equalBytes(first.hash, hashHeader(header.header)), 22);
    check(equalBytes(second.hash, hashHeader(confirming.header)), 22);
    check(equalBytes(confirming.header.justify.hash, first.hash), 22);
    const [a, b] = [header.header.epoch, confirming.header.epoch];
    check(a.term === b.term && a.view === b.view, 22);
    this.#exits.note(certificate);
  }

  #adopt(steps: readonly ConfigurationStep[]): void {
    for (const step of steps) {
      const latest = this.#latest();
      const { configuration, header, confirming } = step;
      if (configuration.number <= latest.number) continue;
      check(configuration.number === latest.number + 1n, 24);
      this.#confirmed(header, step.certificate, confirming, step.confirmingCertificate);
      for (const { header: one } of [header, confirming]) {
        check(equalBytes(one.configuration.hash, this.#ref(latest).hash), 25);
        check(equalBytes(one.next.hash, this.#ref(configuration).hash), 25);
      }
      for (const seat of configuration.seats) {
        const member = this.#find(seat.seat);
        const isPunished = this.#exclusions.some((one) => one.seat === seat.seat);
        check(member !== undefined && (member.standing !== "removed" || isPunished), 25);
        check(equalBytes(member.seat.nodeKey, seat.nodeKey), 25);
      }
      this.#enter(configuration);
    }
  }

  #enter(configuration: Configuration): void {
    this.#configurations.push(configuration);
    this.#removal = undefined;
    for (const member of this.#members) {
      const { seat } = member.seat;
      if (configuration.seats.some((inside) => inside.seat === seat)) {
        if (member.standing !== "removed") member.standing = "admitted";
      } else if (member.standing === "admitted") {
        member.standing = "out";
        if (this.#leader === seat) this.#leader = undefined;
      }
    }
  }

  #post({ certificate, steps }: Candidacy): void {
    this.#adopt(steps);
    const ref = certificate === undefined ? undefined : this.#certified(certificate);
    if (ref !== undefined && isHigher(ref, this.#fence)) this.#fence = ref;
    const due = this.#exclusions.filter((exclusion) => this.now >= exclusion.due);
    this.#exclusions = this.#exclusions.filter((exclusion) => !due.includes(exclusion));
    for (const { seat } of due) this.#exclude(seat);
  }

  // ---- settlements ------------------------------------------------------------------------------

  #propose(by: bigint, evidence: SettlementEvidence): void {
    this.#member(by);
    this.#adopt(evidence.steps);
    const { header } = evidence.header;
    check(evidence.fromHeight === this.#settled.height, 7);
    check(evidence.toHeight === header.firstHeight + BigInt(header.count) - 1n, 7);
    check(evidence.toHeight > evidence.fromHeight, 7);
    this.#confirmed(
      evidence.header,
      evidence.certificate,
      evidence.confirming,
      evidence.confirmingCertificate,
    );
    this.#known(header.configuration);
    // The toy executor's proof names the state that it is of.
    check(equalBytes(evidence.proof.hashes[0] ?? ZERO_HASH, this.#settled.stateRoot), 38);
    const open = this.#proposals.find(({ type, status }) => type === 1 && status === "open");
    if (open?.settlement !== undefined) {
      const reached = refOfHeader(open.settlement.header.header);
      check(isHigher(refOfHeader(header), reached), 13);
      open.status = "replaced";
    }
    const data = encode(settlementEvidence, evidence);
    this.#open({ type: 1, by, data, settlement: evidence, accused: 0n, under: this.#latest() });
  }

  #open(made: {
    readonly type: 1 | 2;
    readonly by: bigint;
    readonly data: Uint8Array;
    readonly settlement: SettlementEvidence | undefined;
    readonly accused: bigint;
    readonly under: Configuration;
  }): void {
    const latest = this.#latest().seats.map(({ seat }) => seat);
    const seats = [...new Set(made.under.seats.map(({ seat }) => seat).concat(latest))];
    this.#proposals.push({
      id: BigInt(this.#proposals.length + 1),
      type: made.type,
      proposer: made.by,
      data: made.data,
      created: this.now,
      voters: seats.filter((seat) => seat !== made.accused),
      votes: [{ seat: made.by, option: 1 }],
      settlement: made.settlement,
      accused: made.accused,
      fines: made.under.seats.length >= 3,
      status: "open",
    });
  }

  #vote(by: bigint, id: bigint, option: 0 | 1 | 2): void {
    const proposal = this.#proposals.find((candidate) => candidate.id === id);
    check(proposal !== undefined, 35);
    check(proposal.status === "open", 10);
    check(proposal.voters.includes(by), 2);
    check(
      proposal.votes.every(({ seat }) => seat !== by),
      8,
    );
    proposal.votes.push({ seat: by, option });
  }

  #hasPassed({ type, votes, voters, created }: Proposal): boolean {
    const yes = votes.filter(({ seat, option }) => option === 1 && voters.includes(seat)).length;
    const seats = Math.max(voters.length + 1, this.#latest().seats.length);
    if (type === 2) return yes >= (seats === 2 ? 1 : 2);
    if (3 * yes < 2 * voters.length) return false;
    return yes === voters.length || this.now - created >= this.#options.settings.disputeWindow;
  }

  #execute(id: bigint): void {
    const proposal = this.#proposals.find((candidate) => candidate.id === id);
    check(proposal !== undefined, 35);
    check(proposal.status === "open", 10);
    check(this.#hasPassed(proposal), 9);
    if (proposal.type === 2) {
      proposal.status = "executed";
      this.#expel(proposal.accused, proposal.fines);
      return;
    }
    const evidence = proposal.settlement;
    check(evidence !== undefined && evidence.fromHeight === this.#settled.height, 7);
    const { header } = evidence.header;
    proposal.status = "executed";
    this.#settled = {
      height: evidence.toHeight,
      header: refOfHeader(header),
      stateRoot: header.stateRoot,
      configuration: this.#known(header.configuration),
      index: this.#settled.index + 1n,
    };
    if (isHigher(this.#settled.header, this.#fence)) this.#fence = this.#settled.header;
  }

  // ---- forced changes ---------------------------------------------------------------------------

  #removeSilent({ removals, certificate, steps }: SilenceEvidence): void {
    this.#post({ steps, ...(certificate === undefined ? {} : { certificate }) });
    const accused = removals[0]?.removal.accused ?? 0n;
    const member = this.#member(accused);
    check(member.standing === "admitted", 2);
    check(!this.#isAlive(accused), 26);
    const configuration = this.#latest();
    let last = 0n;
    for (const { removal, seat, signature } of removals) {
      check(removal.accused === accused && removal.lastAlive === member.lastAlive, 36);
      check(seat !== accused && seat > last, 36);
      check(equalBytes(removal.configuration.hash, this.#ref(configuration).hash), 24);
      check(!isHigher(removal.highest, this.#fence), 13);
      const key = configuration.seats.find((candidate) => candidate.seat === seat)?.nodeKey;
      check(key !== undefined && this.#options.verify(removalMessage(removal), signature, key), 23);
      last = seat;
    }
    const isMajority = 2 * removals.length > configuration.seats.length;
    if (!isMajority) {
      if (this.#removal?.accused !== accused) {
        check(this.#removal === undefined, 14);
        const due = this.now + this.#options.settings.removalWindow;
        this.#removal = { accused, due };
        return;
      }
      check(this.now >= this.#removal.due, 14);
    }
    member.standing = "removed";
    this.#exclude(accused);
  }

  #punish(by: bigint, evidence: PunishmentEvidence): void {
    this.#member(by);
    this.#signedBy(evidence.accused, evidence.header);
    const under = this.#known(evidence.header.header.configuration);
    const own = this.#proposals.filter(({ type, proposer }) => type === 2 && proposer === by);
    for (const old of own) if (old.status === "open") old.status = "replaced";
    const data = encode(punishmentEvidence, evidence);
    check(data.length <= TRANSACTION_SIZE_MAX, 6);
    this.#open({ type: 2, by, data, settlement: undefined, accused: evidence.accused, under });
  }

  /** Who is out answers with its stake. */
  #signedBy(seat: bigint, { header, signature }: SignedHeader): void {
    const member = this.#find(seat);
    check(member !== undefined && (member.standing !== "removed" || member.stake > 0n), 2);
    check(header.leader === seat, 36);
    check(this.#options.verify(headerMessage(header), signature, member.seat.nodeKey), 23);
  }

  #equivocation({ accused, first, second }: Equivocation): void {
    this.#signedBy(accused, first);
    this.#signedBy(accused, second);
    const [a, b] = [refOfHeader(first.header), refOfHeader(second.header)];
    check(a.epoch.term === b.epoch.term && a.epoch.view === b.epoch.view, 36);
    check(a.number === b.number && !equalBytes(a.hash, b.hash), 36);
    this.#expel(accused, true);
  }

  #expel(seat: bigint, isFined: boolean): void {
    const member = this.#find(seat);
    check(member !== undefined, 2);
    if (isFined) {
      this.burned += member.stake;
      member.stake = 0n;
    }
    this.#bans.set(member.seat.address, this.now + BAN_MS);
    if (member.standing === "removed") return;
    member.standing = "removed";
    this.#leader = undefined;
    this.#exclusions.push({ seat, due: this.now + EXCLUSION_WINDOW_MS });
  }

  #exclude(seat: bigint): void {
    const latest = this.#latest();
    if (latest.seats.some((inside) => inside.seat === seat)) {
      const configuration: Configuration = {
        number: latest.number + 1n,
        seats: latest.seats.filter((inside) => inside.seat !== seat),
      };
      this.#configurations.push(configuration);
      this.#forced = { configuration, fence: this.#fence };
    }
    if (this.#leader === seat) this.#leader = undefined;
    this.#removal = undefined;
  }

  #exitsHost(): ExitsHost {
    return {
      now: () => this.now,
      window: () => this.#options.settings.removalWindow,
      settled: () => this.#settled.header,
      show: ({ checkpoint, steps }) => {
        this.#adopt(steps);
        if (checkpoint === undefined) return;
        const { header, certificate, confirming, confirmingCertificate } = checkpoint;
        this.#confirmed(header, certificate, confirming, confirmingCertificate);
      },
      isAlone: (seat) => this.#latest().seats.every((inside) => inside.seat === seat),
      isSettled: (seat) => {
        const { seats } = this.#settled.configuration;
        const isOut = this.#find(seat)?.standing === "out";
        return isOut && seats.every((inside) => inside.seat !== seat);
      },
      hasAsset: (seat) => this.#find(seat)?.asset !== undefined,
      endAt: (seat, reference) => {
        const member = this.#member(seat);
        this.#fence = reference;
        member.standing = "removed";
        this.#exclude(seat);
      },
      forget: (seat) => this.#leave(seat),
    };
  }

  // ---- going ------------------------------------------------------------------------------------

  #leave(by: bigint): void {
    const index = this.#members.findIndex((member) => member.seat.seat === by);
    const member = this.#members[index];
    check(member !== undefined, 2);
    const isOut = member.standing === "out" || member.standing === "removed";
    check(isOut || this.#closed, 28);
    this.#members.splice(index, 1);
  }

  #close(by: bigint): void {
    this.#member(by);
    this.#closed = true;
  }
}
