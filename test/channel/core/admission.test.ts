import { beforeAll, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import type { ChainMember } from "../../../src/channel/chain-view.ts";
import { ASSET_SIZE_MAX } from "../../../src/channel/codec/limits.ts";
import { tipOf } from "../../../src/channel/core/log.ts";
import {
  isValidOnChain,
  memberOf,
  peerOfSeat,
  peerState,
} from "../../../src/channel/core/members.ts";
import {
  admissionOf,
  checkMembership,
  noteLapses,
  seatFrom,
} from "../../../src/channel/core/membership.ts";
import { membershipEntry } from "../../../src/channel/core/membership-order.ts";
import type { Machine } from "../../../src/channel/core/state.ts";
import type { Batch, Entry } from "../../../src/channel/messages.ts";
import type { World } from "../../simulation/world.ts";
import { u64 } from "../toy-executor.ts";
import { keysOf, seatNumber } from "./bench.ts";
import { calm, show, tickAfter } from "./handwork.ts";
import { quieten, see, seeMember, standIn, worldOf } from "./stand-in.ts";

const LEASE_MS = 15_000n;
const MARGIN_MS = 5_000n;
const REMEMBERED_MS = 30_000n;
const HEARD_MS = 3_000n;

let four: World;
let five: World;

beforeAll(async () => {
  four = await worldOf(4, 51);
  five = await worldOf(5, 52);
});

/** The leader of four, to whom a member of the chain says that it has reached its tip. */
function leaderWithJoiner(): { readonly machine: Machine; readonly joiner: ChainMember } {
  const machine = standIn(four.node("n1"));
  const second = present(memberOf(machine, 2n), "a member");
  const joiner: ChainMember = { ...second, ...seatNumber(9n), standing: "joined" };
  see(machine, { members: [...machine.chain.members, joiner] });
  reach(machine, 0n);
  return { machine, joiner };
}

/** The joiner is this many headers behind. */
function reach(machine: Machine, behind: bigint): void {
  const state = peerState(machine, present(peerOfSeat(machine, 9n), "a peer"));
  const other = machine.peers.get(present(peerOfSeat(machine, 2n), "a peer"));
  const heartbeat = present(other?.heartbeat, "it was heard");
  const tip = { ...heartbeat.tip, number: tipOf(machine.log).ref.number - behind };
  state.heartbeat = { ...heartbeat, node: keysOf(9n).nodeKey, tip };
  state.heardAt = machine.now;
}

function batchOf(machine: Machine, entry: Entry): Batch {
  const { batch } = present(machine.log.items.at(-1), "an item");
  return { ...batch, entries: [entry] };
}

describe("admitting", () => {
  it("[CF9] is for a member of the chain that is alive there, heard here and not behind", () => {
    const { machine, joiner } = leaderWithJoiner();
    expect(membershipEntry(machine)).toEqual({
      type: "admit",
      seat: seatFrom(joiner),
      asset: joiner.asset,
    });
  });

  it.each<[string, (machine: Machine) => void, boolean]>([
    ["eight headers behind", (machine) => reach(machine, 8n), true],
    ["nine headers behind", (machine) => reach(machine, 9n), false],
    ["heard a moment ago", (it) => quieten(it, 9n, { hereMs: HEARD_MS - 1n }), true],
    ["not heard for three beats", (it) => quieten(it, 9n, { hereMs: HEARD_MS }), false],
    ["at the end of its lease", (it) => quieten(it, 9n, { chainMs: LEASE_MS }), true],
    ["past its lease on chain", (it) => quieten(it, 9n, { chainMs: LEASE_MS + 1n }), false],
    ["removed on chain", (it) => seeMember(it, 9n, { standing: "removed" }), false],
  ])("[CF9] of a member %s", (_what, change, isAdmitted) => {
    const { machine } = leaderWithJoiner();
    change(machine);
    expect(membershipEntry(machine)?.type).toBe(isAdmitted ? "admit" : undefined);
  });

  it("[CF9] stops at five", () => {
    const machine = standIn(five.node("n1"));
    const second = present(memberOf(machine, 2n), "a member");
    see(machine, { members: [...machine.chain.members, { ...second, ...seatNumber(9n) }] });
    reach(machine, 0n);
    expect(membershipEntry(machine)).toBeUndefined();
  });

  it("[CF9] is acked by a member whose view of the chain shows that seat with those keys", () => {
    const { machine, joiner } = leaderWithJoiner();
    const seat = seatFrom(joiner);
    const other = seatNumber(8n);
    const asset = present(joiner.asset, "it brings coins");
    expect(checkMembership(machine, batchOf(machine, { type: "admit", seat, asset }))).toBe(
      "sound",
    );
    for (const wrong of [
      { ...seat, seat: 8n },
      { ...seat, address: other.address },
      { ...seat, memberKey: other.memberKey },
      { ...seat, nodeKey: other.nodeKey },
      { ...seat, revealTip: other.revealTip },
    ]) {
      const entry: Entry = { type: "admit", seat: wrong, asset };
      expect(checkMembership(machine, batchOf(machine, entry))).toBe("wait");
    }
  });

  it("[CF9] and the asset that it brought, neither more nor less", () => {
    const { machine, joiner } = leaderWithJoiner();
    const seat = seatFrom(joiner);
    const judge = (admit: Omit<Extract<Entry, { type: "admit" }>, "type" | "seat">) =>
      checkMembership(machine, batchOf(machine, { type: "admit", seat, ...admit }));
    const asset = present(joiner.asset, "it brings coins");
    expect(judge({ asset })).toBe("sound");
    expect(judge({ asset: u64(999_999n) })).toBe("wait");
    expect(judge({})).toBe("wait");
    seeMember(machine, 9n, { asset: undefined });
    expect(judge({ asset })).toBe("wait");
    expect(judge({})).toBe("sound");
  });

  it("[CF9] brings the asset of a seat that comes back no second time", () => {
    const machine = standIn(four.node("n1"));
    const member = present(memberOf(machine, 2n), "a member");
    expect(member.asset).toBeDefined();
    expect(admissionOf(machine, member)).toEqual({ type: "admit", seat: seatFrom(member) });
  });

  it("[EX5] begins with what the creator brought", async () => {
    const world = await calm(1);
    const n1 = world.node("n1");
    const { running } = n1;
    const asset = u64(77n);
    expect(tipOf(running.log).height).toBe(0n);
    const members = running.chain.members.map((member) => ({ ...member, asset }));
    show(world, n1, { members });
    tickAfter(n1, running.tools.parameters.batchDelayMs);
    const item = running.log.items.find(({ receipts }) => receipts.length > 0);
    const creator = seatFrom(present(members[0], "the creator"));
    expect(item?.batch.entries).toEqual([{ type: "admit", seat: creator, asset }]);
    const { address } = creator;
    const type = running.facts.assetType;
    expect(running.tools.executor.read({ kind: "resource", address, type })).toEqual(asset);
    tickAfter(n1, 1_000);
    expect(tipOf(running.log).height).toBe(1n);
  });

  it("[CF9] is for nobody whose asset no entry can hold", () => {
    const { machine, joiner } = leaderWithJoiner();
    seeMember(machine, 9n, { asset: new Uint8Array(ASSET_SIZE_MAX) });
    expect(membershipEntry(machine)?.type).toBe("admit");
    seeMember(machine, 9n, { asset: new Uint8Array(ASSET_SIZE_MAX + 1) });
    expect(membershipEntry(machine)).toBeUndefined();
    expect(joiner.asset).toBeDefined();
  });
});

describe("suspending", () => {
  const suspended = { type: "suspend", seat: 4n };
  const silent = { hereMs: LEASE_MS, chainMs: LEASE_MS + MARGIN_MS + 1n };

  it.each<[string, Parameters<typeof quieten>[2], Entry | undefined]>([
    ["silent here and on chain", silent, { type: "suspend", seat: 4n }],
    ["within the margin on chain", { ...silent, chainMs: LEASE_MS + MARGIN_MS }, undefined],
    ["heard within the lease", { ...silent, hereMs: LEASE_MS - 1n }, undefined],
  ])("[CF10] a seat %s", (_what, quiet, expected) => {
    const machine = standIn(four.node("n1"));
    quieten(machine, 4n, quiet);
    expect(membershipEntry(machine)).toEqual(expected);
  });

  it("[CF10] waits while those who are not silent are no quorum", () => {
    const of4 = standIn(four.node("n1"));
    for (const seat of [3n, 4n]) quieten(of4, seat, silent);
    expect(membershipEntry(of4)).toBeUndefined();
    const of5 = standIn(five.node("n1"));
    quieten(of5, 4n, silent);
    expect(membershipEntry(of5)).toEqual(suspended);
    quieten(of5, 5n, silent);
    expect(membershipEntry(of5)).toBeUndefined();
  });

  it("[CF10] is acked when the lease has lapsed, lapsed a moment ago, or it is silent here", () => {
    const judge = (change: (machine: Machine) => void) => {
      const machine = standIn(four.node("n2"));
      change(machine);
      return checkMembership(machine, batchOf(machine, { type: "suspend", seat: 4n }));
    };
    expect(judge(() => undefined)).toBe("wait");
    expect(judge((machine) => quieten(machine, 4n, { hereMs: LEASE_MS - 1n }))).toBe("wait");
    expect(judge((machine) => quieten(machine, 4n, { hereMs: LEASE_MS }))).toBe("sound");
    expect(judge((machine) => quieten(machine, 4n, { chainMs: LEASE_MS + 1n }))).toBe("sound");
    const lapsed = (ms: bigint) => (machine: Machine) => {
      machine.lapses.set(4n, machine.now - ms);
    };
    expect(judge(lapsed(REMEMBERED_MS))).toBe("sound");
    expect(judge(lapsed(REMEMBERED_MS + 1n))).toBe("wait");
  });

  it("[CF10] remembers a lapse that a view of the chain showed", () => {
    const machine = standIn(four.node("n2"));
    noteLapses(machine);
    expect(machine.lapses.size).toBe(0);
    quieten(machine, 4n, { chainMs: LEASE_MS + 1n });
    expect(isValidOnChain(machine, 4n)).toBe(false);
    noteLapses(machine);
    expect([...machine.lapses]).toEqual([[4n, machine.now]]);
  });

  it("[CF10] lets the seat come back", () => {
    const machine = standIn(four.node("n1"));
    const { log } = machine;
    const last = present(log.items.at(-1), "an item");
    const seats = last.next.seats.filter(({ seat }) => seat !== 4n);
    const configuration = { number: last.next.number + 1n, seats };
    log.items[log.items.length - 1] = { ...last, configuration, next: configuration };
    seeMember(machine, 4n, { standing: "out" });
    expect(membershipEntry(machine)).toMatchObject({ type: "admit", seat: { seat: 4n } });
  });
});
