// From which height on a parallel chain trusts its own nodes, by their votes; and transactions for
// a parallel chain.
import { describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import { alice, arg } from "../../resources/resource-chain.ts";
import {
  ABCD,
  eventsOf,
  expectDone,
  type ParaWorld,
  startParaWorld,
  TITLE,
  text,
} from "./para-world.ts";

function apply(world: ParaWorld, by: AccountSigner, height: number, isEnabled: boolean) {
  const args = [text(TITLE), arg.u64(height), arg.bool(isEnabled)];
  return world.outcome(by, "self_stage::apply", ...args);
}

function vote(world: ParaWorld, by: AccountSigner, stage: number, isFor = true) {
  return world.outcome(by, "self_stage::vote", text(TITLE), arg.u64(stage), arg.bool(isFor));
}

function cancel(world: ParaWorld, by: AccountSigner, stage: number) {
  return world.outcome(by, "self_stage::cancel", text(TITLE), arg.u64(stage));
}

function trusts(world: ParaWorld, height: number): boolean {
  return world.view("self_stage::is_self_consensus", text(TITLE), arg.u64(height)).bool();
}

describe("a stage of self-consensus", () => {
  it("is in force from its height on when more than two thirds of the nodes want it", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c] = world.nodes;
    if (!(a && b && c)) return;
    expect(apply(world, a, 100, true)).toBe("EXECUTED");
    expect(vote(world, a, 0)).toBe("EXECUTED");
    expect(vote(world, a, 0)).toBe("EXECUTED");
    expect(vote(world, b, 0)).toBe("EXECUTED");
    expect(vote(world, b, 0, false)).toBe("EXECUTED");
    expect(vote(world, c, 0)).toBe("EXECUTED");
    expect(trusts(world, 100)).toBe(false);
    expect(vote(world, b, 0)).toBe("EXECUTED");
    expect([99, 100, 1_000_000].map((height) => trusts(world, height))).toEqual([
      false,
      true,
      true,
    ]);
    expect(apply(world, b, 200, false)).toBe("EXECUTED");
    for (const node of [a, b, c]) vote(world, node, 1);
    expect([100, 199, 200].map((height) => trusts(world, height))).toEqual([true, true, false]);
    expect(vote(world, a, 0)).toBe(25);
  });

  it("begins above the consensus and the last stage, and changes something", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c] = world.nodes;
    if (!(a && b && c)) return;
    world.commitAll([a, b, c], world.status(0), world.status(1));
    expect(apply(world, a, 1, true)).toBe(24);
    expect(apply(world, a, 2, false)).toBe(24);
    expect(apply(world, a, 10, true)).toBe("EXECUTED");
    expect(apply(world, a, 5, true)).toBe("EXECUTED");
    for (const node of [a, b, c]) vote(world, node, 0);
    expect(apply(world, a, 20, true)).toBe(24);
    expect(apply(world, a, 10, false)).toBe(24);
    // What was open beside it no longer changes anything.
    vote(world, a, 1);
    vote(world, b, 1);
    expect(vote(world, c, 1)).toBe(24);
  });

  it("is the business of nodes, and its applicant's to take back", () => {
    const world = startParaWorld(ABCD);
    const [a, b] = world.nodes;
    if (!(a && b)) return;
    expect(apply(world, alice, 10, true)).toBe(4);
    const nowhere = [text("user.p.nowhere."), arg.u64(10), arg.bool(true)];
    expect(world.outcome(a, "self_stage::apply", ...nowhere)).toBe(3);
    apply(world, a, 10, true);
    expect(vote(world, alice, 0)).toBe(4);
    expect(cancel(world, b, 0)).toBe(17);
    expect(cancel(world, a, 0)).toBe("EXECUTED");
    expect(cancel(world, a, 0)).toBe(25);
    expect(vote(world, b, 0)).toBe(25);
    expect(vote(world, b, 1)).toBe(25);
    apply(world, b, 30, true);
    vote(world, a, 1);
    const stage = world.view("self_stage::get_stage", text(TITLE), arg.u64(1));
    expect([stage.u64(), stage.bool(), stage.address(), stage.u8()]).toEqual([
      30n,
      true,
      b.address,
      0,
    ]);
    expect(stage.vector((reader) => reader.address())).toEqual([a.address]);
  });
});

describe("a transaction for a parallel chain", () => {
  const send = (world: ParaWorld, title: string, payloads: readonly Uint8Array[]) =>
    world.outcome(alice, "para_transaction::send", text(title), arg.list(payloads));

  it("is handed on as it is, by whom it comes from", () => {
    const world = startParaWorld(ABCD);
    const payloads = [Uint8Array.of(1, 2), new Uint8Array()];
    const args = [text(TITLE), arg.list(payloads)];
    const sent = expectDone(world.act(alice, "para_transaction::send", ...args));
    const [event] = eventsOf(sent, "para_transaction::Sent");
    expect([event?.string(), event?.address()]).toEqual([TITLE, alice.address]);
    expect(event?.vector((reader) => reader.bytes())).toEqual(payloads);
  });

  it("comes in groups of 1 to 20, for a title that has a group", () => {
    const world = startParaWorld(ABCD);
    const some = (count: number) => Array.from({ length: count }, (_, i) => Uint8Array.of(i));
    expect(send(world, TITLE, [])).toBe(1);
    expect(send(world, TITLE, some(20))).toBe("EXECUTED");
    expect(send(world, TITLE, some(21))).toBe(1);
    expect(send(world, "user.p.", some(1))).toBe(2);
    expect(send(world, "user.p.nowhere.", some(1))).toBe(3);
  });
});
