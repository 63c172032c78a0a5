import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { domainHash, ZERO_HASH } from "#core/hash.ts";
import { viewChangeMessage } from "../../../src/channel/codec.ts";
import { acknowledge } from "../../../src/channel/core/acknowledgement.ts";
import { applyForLead, keepAlive } from "../../../src/channel/core/election.ts";
import { lead } from "../../../src/channel/core/leader.ts";
import { compareRefs, tipOf } from "../../../src/channel/core/log.ts";
import { bestCertified, currentEpoch } from "../../../src/channel/core/members.ts";
import { receiveViewChange } from "../../../src/channel/core/opening.ts";
import type { Machine } from "../../../src/channel/core/state.ts";
import { ownCandidacy } from "../../../src/channel/core/steps.ts";
import { catchUp } from "../../../src/channel/core/sync.ts";
import { changeView, checkOpening, ownViewChange } from "../../../src/channel/core/view-change.ts";
import type { Batch, Epoch, HeaderRef, SignedViewChange } from "../../../src/channel/messages.ts";
import type { World } from "../../simulation/world.ts";
import { commandsOf, hear, quieten, see, sentBy, standIn, worldOf, writtenBy } from "./stand-in.ts";

const LEASE_MS = 15_000n;
const NEXT: Epoch = { term: 2n, view: 0n };

let world: World;

beforeAll(async () => {
  world = await worldOf(4, 71);
});

/** A node of four in a term in which seat 2 leads, and has ordered nothing yet. */
function inNextTerm(name: string): Machine {
  const machine = standIn(world.node(name), { leadership: undefined });
  see(machine, { term: NEXT.term, leader: 2n });
  return machine;
}

function viewChangeOf(name: string): SignedViewChange {
  return present(ownViewChange(inNextTerm(name), NEXT), "a seat's view change");
}

/** A seat's view change that names a header nobody else has. */
function unheldViewChange(name: string): SignedViewChange {
  const { viewChange, seat } = viewChangeOf(name);
  const number = viewChange.highest.number + 5n;
  const highest = { epoch: viewChange.highest.epoch, number, hash: domainHash("Elsewhere") };
  const changed = { ...viewChange, highest };
  const signature = world.node(name).keys.signAsNode(viewChangeMessage(changed));
  return { viewChange: changed, seat, signature };
}

function openingsBy(machine: Machine): readonly Batch[] {
  return sentBy(machine).flatMap(({ message }) =>
    message.type === "batch" ? [message.batch] : [],
  );
}

describe("the lease", () => {
  it("[EL1] is renewed every five seconds by every member", () => {
    for (const { name } of world.nodes) {
      const machine = standIn(world.node(name));
      machine.keepAliveAt = machine.now - 4_999n;
      keepAlive(machine);
      expect(commandsOf(machine)).toEqual([]);
      machine.now += 1n;
      keepAlive(machine);
      expect(commandsOf(machine)).toEqual([{ type: "keepAlive" }]);
    }
  });

  it("[EL1] runs out when no quorum hears the leader and another is valid on chain", () => {
    const deaf = (ms: bigint, change: (machine: Machine) => void = () => undefined) => {
      const machine = standIn(world.node("n1"), { keepAliveAt: undefined });
      present(machine.leadership, "n1 leads").quorumAt = machine.now - ms;
      change(machine);
      keepAlive(machine);
      return commandsOf(machine).length;
    };
    expect(deaf(LEASE_MS - 1n)).toBe(1);
    expect(deaf(LEASE_MS)).toBe(0);
    const noOther = (machine: Machine) => {
      for (const seat of [2n, 3n, 4n]) quieten(machine, seat, { chainMs: LEASE_MS + 1n });
    };
    expect(deaf(LEASE_MS, noOther)).toBe(1);
  });

  it("[EL1] counts the quorum that the leader hears", () => {
    const machine = standIn(world.node("n1"));
    const leadership = present(machine.leadership, "n1 leads");
    leadership.quorumAt = 0n;
    for (const seat of [3n, 4n]) quieten(machine, seat, { hereMs: LEASE_MS });
    lead(machine);
    expect(leadership.quorumAt).toBe(0n);
    quieten(machine, 3n, { hereMs: LEASE_MS - 1n });
    lead(machine);
    expect(leadership.quorumAt).toBe(machine.now);
  });

  it("[EL1] counts nobody who says a later epoch: it may be a promise to ack nothing here", () => {
    const machine = standIn(world.node("n1"));
    const leadership = present(machine.leadership, "n1 leads");
    leadership.quorumAt = 0n;
    const { term, view } = currentEpoch(machine);
    hear(machine, 2n, { term, view: view + 3n });
    hear(machine, 3n, { term, view: view + 3n });
    lead(machine);
    expect(leadership.quorumAt).toBe(0n);
    hear(machine, 3n, { term, view });
    lead(machine);
    expect(leadership.quorumAt).toBe(machine.now);
  });
});

describe("applying for the lead", () => {
  /** Whether a node applies after the lead has been vacant for so long. */
  function applies(name: string, ms: bigint, change: (machine: Machine) => void): boolean {
    const machine = standIn(world.node(name));
    change(machine);
    machine.vacantSince = machine.now - ms;
    applyForLead(machine);
    return commandsOf(machine).some(({ type }) => type === "applyLeader");
  }
  const noLeader = (machine: Machine) => see(machine, { leader: undefined });
  const gone = { hereMs: LEASE_MS, chainMs: LEASE_MS + 1n };

  it.each<[string, Parameters<typeof quieten>[2], boolean]>([
    ["silent here and lapsed on chain", gone, true],
    ["heard here", { ...gone, hereMs: LEASE_MS - 1n }, false],
    ["valid on chain", { ...gone, chainMs: LEASE_MS }, false],
  ])("[EL2] with a leader %s", (_what, quiet, expected) => {
    expect(applies("n2", 60_000n, (machine) => quieten(machine, 1n, quiet))).toBe(expected);
  });

  it("[EL2] comes to each in its turn, two seconds apart by seat", () => {
    for (const [index, { name }] of world.nodes.entries()) {
      const turn = 2_000n * BigInt(index);
      expect(applies(name, turn, noLeader)).toBe(true);
      expect(applies(name, turn - 1n, noLeader)).toBe(false);
    }
  });

  it("[EL2] is for a seat of the configuration that is valid on chain itself", () => {
    const lapsed = (machine: Machine) => {
      noLeader(machine);
      quieten(machine, 2n, { chainMs: LEASE_MS + 1n });
    };
    expect(applies("n2", 60_000n, lapsed)).toBe(false);
    const outside = (machine: Machine) => {
      noLeader(machine);
      const last = present(machine.log.items.at(-1), "an item");
      const seats = last.next.seats.filter(({ seat }) => seat !== 2n);
      const configuration = { number: last.next.number + 1n, seats };
      machine.log.items[machine.log.items.length - 1] = {
        ...last,
        configuration,
        next: configuration,
      };
    };
    expect(applies("n2", 60_000n, outside)).toBe(false);
    expect(applies("n3", 60_000n, outside)).toBe(true);
  });

  it("[EL3] carries the highest certificate, if above the fence, and the steps", () => {
    const machine = standIn(world.node("n2"));
    const { log, chain } = machine;
    see(machine, { configuration: log.base.configuration });
    const candidacy = ownCandidacy(machine);
    expect(candidacy.certificate?.ack.header).toEqual(bestCertified(machine).ref);
    const numbers = candidacy.steps.map(({ configuration }) => configuration.number);
    expect(numbers).toEqual([1n, 2n, 3n]);
    see(machine, { configuration: chain.configuration, fence: bestCertified(machine).ref });
    expect(ownCandidacy(machine).certificate).toBeUndefined();
    const stepsLeft = 3n - chain.configuration.number;
    expect(ownCandidacy(machine).steps.length).toBe(Number(stepsLeft));
  });
});

describe("the epoch", () => {
  it("[EL4] is the term and, in the view, the number that the chain forced last", () => {
    const machine = standIn(world.node("n1"));
    expect(currentEpoch(machine)).toEqual({ term: 1n, view: 0n });
    const { ref: fence, next: configuration } = bestCertified(machine);
    see(machine, { forced: { configuration: { ...configuration, number: 7n }, fence } });
    expect(currentEpoch(machine)).toEqual({ term: 1n, view: 7n << 40n });
  });

  it("[EL4] is a new one for a leader who stays through a forced change", async () => {
    const pair = await worldOf(2, 72);
    const { running } = pair.node("n1");
    pair.node("n2").crash();
    await pair.until("n1 alone", () => pair.status(pair.node("n1")).configuration.number === 2n);
    pair.bank(pair.node("n1"), "note");
    await pair.run(1_000);
    expect(tipOf(running.log).ref.epoch).toEqual({ term: 1n, view: 2n << 40n });
    expect(running.chain.term).toBe(1n);
  });

  it("[EL5] begins with a promise, on disk before a view change leaves for the leader", () => {
    const machine = inNextTerm("n3");
    changeView(machine);
    expect(machine.promises.epoch).toEqual(NEXT);
    const [record] = writtenBy(machine);
    expect(record?.entry).toEqual({ type: "viewChange", epoch: NEXT });
    const [sent] = sentBy(machine);
    expect(sent?.to).toEqual([world.node("n2").peer]);
    expect(sent?.after).toBe(record?.sequence);
    const { message } = present(sent, "sent");
    if (message.type !== "viewChange") throw new Error("no view change");
    const { viewChange, certificate, seat } = message.viewChange;
    expect(viewChange).toMatchObject({ epoch: NEXT, highest: bestCertified(machine).ref });
    expect(certificate).toEqual(bestCertified(machine).certificate);
    expect(seat).toBe(3n);
  });

  it("[EL5] asks for it again until its first header is there", () => {
    const machine = inNextTerm("n3");
    changeView(machine);
    machine.now += 499n;
    changeView(machine);
    expect(sentBy(machine).length).toBe(1);
    machine.now += 1n;
    changeView(machine);
    expect(sentBy(machine).length).toBe(2);
    const last = present(machine.log.items.at(-1), "an item");
    machine.log.items[machine.log.items.length - 1] = {
      ...last,
      ref: { ...last.ref, epoch: NEXT },
    };
    machine.now += 60_000n;
    changeView(machine);
    expect(sentBy(machine).length).toBe(2);
  });

  it("[EL5] lets nothing older be acked", () => {
    const machine = standIn(world.node("n3"));
    const [before, last] = machine.log.items.slice(-2);
    const acked = present(before, "an item").ref;
    const { justify } = present(last, "an item").header.header;
    Object.assign(machine.promises, { acked, locked: { ...justify, number: 0n } });
    machine.promises.epoch = NEXT;
    acknowledge(machine);
    expect(machine.effects).toEqual([]);
    machine.promises.epoch = acked.epoch;
    acknowledge(machine);
    expect(sentBy(machine).map(({ message }) => message.type)).toEqual(["ack"]);
  });

  it("[EL6] is opened on view changes of a quorum", () => {
    const machine = inNextTerm("n2");
    const best = bestCertified(machine).ref;
    lead(machine);
    receiveViewChange(machine, viewChangeOf("n3"));
    receiveViewChange(machine, viewChangeOf("n3"));
    lead(machine);
    expect(openingsBy(machine)).toEqual([]);
    receiveViewChange(machine, viewChangeOf("n4"));
    lead(machine);
    const [opening] = openingsBy(machine);
    expect(opening?.header.header).toMatchObject({ epoch: NEXT, justify: best });
    expect(tipOf(machine.log).ref.epoch).toEqual(NEXT);
  });

  it("[EL6] is not opened on a log that the chain's fence is not in", () => {
    const machine = inNextTerm("n2");
    const best = bestCertified(machine).ref;
    const number = best.number + 1n;
    see(machine, { fence: { ...best, number, hash: domainHash("Elsewhere") } });
    lead(machine);
    for (const name of ["n3", "n4"]) receiveViewChange(machine, viewChangeOf(name));
    lead(machine);
    expect(openingsBy(machine)).toEqual([]);
    expect(machine.sync.isBehind).toBe(true);
  });

  it("[EL6] is opened on a certificate as high as the fence, whatever the fence is of", () => {
    const machine = inNextTerm("n2");
    const { epoch, number } = bestCertified(machine).ref;
    see(machine, { fence: { epoch, number, hash: domainHash("Elsewhere") } });
    lead(machine);
    for (const name of ["n3", "n4"]) receiveViewChange(machine, viewChangeOf(name));
    lead(machine);
    expect(openingsBy(machine)).toHaveLength(1);
  });

  it("[EL8] does not count a view change whose certificate's header is not here", () => {
    const machine = inNextTerm("n2");
    lead(machine);
    receiveViewChange(machine, viewChangeOf("n3"));
    receiveViewChange(machine, unheldViewChange("n4"));
    machine.sync.isBehind = false;
    lead(machine);
    expect(openingsBy(machine)).toEqual([]);
    expect(machine.sync.isBehind).toBe(true);
    // Whoever names a certificate holds its header: it is asked, whatever its heartbeats said.
    expect(machine.sync.holder).toBe(world.node("n4").peer);
    machine.effects = [];
    machine.now += 1_000n;
    catchUp(machine);
    const [request] = sentBy(machine).filter(({ message }) => message.type === "syncRequest");
    expect(request?.to).toEqual([world.node("n4").peer]);
    machine.sync.isBehind = false;
    receiveViewChange(machine, viewChangeOf("n4"));
    lead(machine);
    expect(openingsBy(machine).length).toBe(1);
  });
});

describe("an epoch's first header", () => {
  let opening: Batch;

  beforeAll(() => {
    const machine = inNextTerm("n2");
    lead(machine);
    for (const name of ["n3", "n4"]) receiveViewChange(machine, viewChangeOf(name));
    lead(machine);
    opening = present(openingsBy(machine)[0], "an opening");
  });

  function judge(viewChanges: readonly SignedViewChange[]): string | undefined {
    const machine = inNextTerm("n1");
    return checkOpening(machine, { ...opening, viewChanges }, tipOf(machine.log).next);
  }

  it("[EL7] stands on what it names in justify, and carries the view changes", () => {
    const { header } = opening.header;
    expect(header.previous).toEqual(header.justify.hash);
    expect(header.number).toBe(header.justify.number + 1n);
    expect(opening.viewChanges.map(({ seat }) => seat)).toEqual([2n, 3n, 4n]);
    expect(judge(opening.viewChanges)).toBeUndefined();
  });

  it("[EL7] is refused when its view changes are no quorum", () => {
    const [second, third] = opening.viewChanges;
    const two = [present(second, "2"), present(third, "3")];
    expect(judge(two)).toBe("view changes of 2 of 4 seats");
    expect(judge([...two, present(third, "3")])).toBe("view changes of 2 of 4 seats");
  });

  it("[EL7] is refused when one names more, another epoch, or is unsigned", () => {
    const others = opening.viewChanges.slice(0, 2);
    expect(judge([...others, unheldViewChange("n4")])).toMatch(/highest certificate/);
    const fourth = viewChangeOf("n4");
    const later = { ...fourth.viewChange, epoch: { term: 3n, view: 0n } };
    expect(judge([...others, { ...fourth, viewChange: later }])).toMatch(/another epoch/);
    expect(judge([...others, { ...fourth, seat: 1n }])).toMatch(/invalid/);
  });
});

describe("certificates", () => {
  const ref = fc
    .record({ term: fc.bigInt(0n, 2n), view: fc.bigInt(0n, 2n), number: fc.bigInt(0n, 2n) })
    .map(({ term, view, number }) => ({ epoch: { term, view }, number, hash: ZERO_HASH }));
  const place = ({ epoch, number }: HeaderRef) => epoch.term * 100n + epoch.view * 10n + number;

  it("[EL9] are ordered by term, then view, then number", () => {
    fc.assert(
      fc.property(ref, ref, (a, b) => {
        const difference = place(a) - place(b);
        const sign = difference === 0n ? 0 : difference < 0n ? -1 : 1;
        expect(compareRefs(a, b)).toBe(sign);
      }),
    );
  });
});
