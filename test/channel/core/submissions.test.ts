import { beforeAll, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { ZERO_HASH } from "#core/hash.ts";
import {
  callMessage,
  departureMessage,
  encodeMessage,
  refusalMessage,
} from "../../../src/channel/codec.ts";
import { receiveBytes } from "../../../src/channel/core/dispatch.ts";
import { currentEpoch } from "../../../src/channel/core/members.ts";
import { chooseEntries, nextNonce, submit } from "../../../src/channel/core/pool.ts";
import type { Machine } from "../../../src/channel/core/state.ts";
import type { Submission } from "../../../src/channel/core/submission.ts";
import { subjectOf } from "../../../src/channel/core/submission.ts";
import type { Call, Departure, Entry, SignedCall } from "../../../src/channel/messages.ts";
import { toyFunction } from "../../simulation/model-link.ts";
import type { World } from "../../simulation/world.ts";
import { u64 } from "../toy-executor.ts";
import { sentBy, standIn, worldOf } from "./stand-in.ts";

const ENTRIES_MAX = 63;

let world: World;

beforeAll(async () => {
  world = await worldOf(3, 81);
  world.bank(world.node("n2"), "note", u64(0n));
  await world.run(1_000);
});

function leader(): Machine {
  return standIn(world.node("n1"));
}

/** A call of a seat, `ahead` of its next nonce, signed by it unless another is named. */
function callOf(
  seat: bigint,
  ahead: bigint,
  changes: Partial<Call> = {},
  signer = seat,
): Extract<Submission, { readonly type: "call" }> {
  const { facts } = world.node("n1").running;
  const call: Call = {
    channel: facts.channel,
    seat,
    nonce: nextNonce(world.node("n1").running, seat) + ahead,
    function: toyFunction("note"),
    typeArgs: [],
    args: [u64(1_000n + ahead)],
    maxGas: 1_000n,
    expiry: 1_000n,
    ...changes,
  };
  const { keys } = world.node(`n${signer}`);
  const signed: SignedCall = { call, signature: keys.signAsMember(callMessage(call)) };
  return { type: "call", call: signed };
}

function leaveOf(seat: bigint, ahead: bigint): Submission {
  const machine = world.node("n1").running;
  const departure: Departure = {
    channel: machine.facts.channel,
    seat,
    nonce: nextNonce(machine, seat) + ahead,
    kind: "leave",
  };
  const signature = world.node(`n${seat}`).keys.signAsMember(departureMessage(departure));
  return { type: "departure", departure: { departure, signature } };
}

function put(machine: Machine, ...submissions: readonly Submission[]): void {
  for (const submission of submissions) {
    expect(submit(machine, submission, world.node("n2").peer)).toBeUndefined();
  }
}

/** Seat and distance to its next nonce of each entry. */
function placesOf(entries: readonly Entry[]): readonly (readonly [bigint, bigint])[] {
  const machine = world.node("n1").running;
  return entries.flatMap((entry) => {
    if (entry.type !== "call") return [];
    const { seat, nonce } = entry.call.call;
    return [[seat, nonce - nextNonce(machine, seat)] as const];
  });
}

describe("a submission", () => {
  it.each<[string, () => Submission, string | undefined]>([
    ["of a seat, with its next nonce", () => callOf(2n, 0n), undefined],
    ["of no seat", () => callOf(9n, 0n, {}, 2n), "NOT_MEMBER"],
    ["signed by another", () => callOf(2n, 0n, {}, 3n), "BAD_SIGNATURE_OR_NONCE"],
    ["255 ahead", () => callOf(2n, 255n), undefined],
    ["256 ahead", () => callOf(2n, 256n), "TOO_MANY_PENDING"],
    ["that has expired", () => callOf(2n, 0n, { expiry: 0n }), "EXPIRED"],
    ["of another channel", () => callOf(2n, 0n, { channel: ZERO_HASH }), "NO_CHANNEL"],
    ["with a used nonce", () => callOf(2n, -1n, { maxGas: 7n }), "BAD_SIGNATURE_OR_NONCE"],
    ["to leave", () => leaveOf(2n, 0n), undefined],
  ])("[PR10] %s", (_what, make, name) => {
    const machine = leader();
    const submission = make();
    const error = submit(machine, submission, world.node("n2").peer);
    expect(error?.name).toBe(name);
    const waits = [...machine.pool.values()].flatMap((waiting) => [...waiting.values()]);
    const subjects = waits.map(({ subject }) => subject);
    expect(subjects).toEqual(name === undefined ? [subjectOf(submission)] : []);
  });

  it("[PR10] may be ordered at its last height and not after", () => {
    const height = world.status(world.node("n1")).heights.verified;
    const expiring = (expiry: bigint) =>
      submit(leader(), callOf(2n, 0n, { expiry }), world.node("n2").peer);
    expect(expiring(height + 1n)).toBeUndefined();
    expect(expiring(height)?.name).toBe("EXPIRED");
  });

  it("[PR11] that waits, or is ordered, is no error when it comes again", () => {
    const machine = leader();
    put(machine, callOf(3n, 0n), callOf(3n, 0n));
    expect(machine.pool.get(3n)?.size).toBe(1);
    const ordered = machine.log.items.flatMap(({ batch }) =>
      batch.entries.flatMap((entry) => (entry.type === "call" ? entry.call : [])),
    );
    expect(ordered.length).toBe(1);
    put(machine, { type: "call", call: present(ordered[0], "a call") });
    expect(machine.pool.get(2n)?.size ?? 0).toBe(0);
  });

  it("[PR11] another with a used nonce is 100005", () => {
    const error = submit(leader(), callOf(2n, -1n, { maxGas: 7n }), world.node("n2").peer);
    expect(error?.code).toBe(100_005);
  });
});

describe("the next entries", () => {
  it("[PR12] come by seat in turn, after the one served last, by ascending nonce", () => {
    const machine = leader();
    put(machine, callOf(3n, 1n), callOf(3n, 0n), callOf(1n, 2n), callOf(1n, 0n), callOf(1n, 1n));
    put(machine, callOf(2n, 0n));
    const { entries, isFull } = chooseEntries(machine, ENTRIES_MAX);
    expect(placesOf(entries)).toEqual([
      [3n, 0n],
      [1n, 0n],
      [2n, 0n],
      [3n, 1n],
      [1n, 1n],
      [1n, 2n],
    ]);
    expect(isFull).toBe(false);
  });

  it("[PR12] wait for the nonce before theirs", () => {
    const machine = leader();
    put(machine, callOf(2n, 1n), callOf(3n, 0n), callOf(3n, 2n));
    expect(placesOf(chooseEntries(machine, ENTRIES_MAX).entries)).toEqual([[3n, 0n]]);
  });

  it("[LE3] are full at a departure, which ends them", () => {
    const machine = leader();
    put(machine, callOf(1n, 0n), leaveOf(2n, 0n), callOf(2n, 1n), callOf(3n, 0n));
    const { entries, isFull } = chooseEntries(machine, ENTRIES_MAX);
    expect(entries.map(({ type }) => type)).toEqual(["call", "call", "leave"]);
    expect(isFull).toBe(true);
  });

  it("[LE3] are full when no more of them fit", () => {
    const machine = leader();
    put(machine, callOf(2n, 0n));
    expect(chooseEntries(machine, 2).isFull).toBe(false);
    for (const nonce of [1n, 2n]) {
      put(machine, callOf(2n, nonce));
      const { entries, isFull } = chooseEntries(machine, 2);
      expect([entries.length, isFull]).toEqual([2, true]);
    }
  });
});

describe("what cannot be ordered", () => {
  const bad = () => callOf(2n, 256n);
  const bytesOf = ({ call }: ReturnType<typeof bad>) => encodeMessage({ type: "call", call });

  it("[PR13] is answered by a refusal that the leader signs", () => {
    const machine = leader();
    const { peer } = world.node("n2");
    receiveBytes(machine, peer, bytesOf(bad()), undefined);
    const [sent] = sentBy(machine);
    expect(sent?.to).toEqual([peer]);
    const message = present(sent, "an answer").message;
    if (message.type !== "refusal") throw new Error("no refusal");
    expect(message.refusal).toEqual({
      channel: machine.facts.channel,
      epoch: currentEpoch(machine),
      subject: subjectOf(bad()),
      code: 100_017,
    });
    const { nodeKey } = world.node("n1").keys;
    const signed = refusalMessage(message.refusal);
    expect(world.ring.verify(signed, message.signature, nodeKey)).toBe(true);
  });

  it("[PR13] is answered by nobody but the leader, and what can be is not refused", () => {
    const follower = standIn(world.node("n3"));
    receiveBytes(follower, world.node("n2").peer, bytesOf(bad()), undefined);
    expect(sentBy(follower)).toEqual([]);
    const machine = leader();
    receiveBytes(machine, world.node("n2").peer, bytesOf(callOf(2n, 0n)), undefined);
    expect(sentBy(machine)).toEqual([]);
  });
});
