import { describe, expect, it } from "vitest";
import { assert, present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { refusalMessage } from "../../../src/channel/codec.ts";
import { confirmedHeight } from "../../../src/channel/core/certificates.ts";
import { CHANNEL_ERRORS } from "../../../src/channel/core/errors.ts";
import { currentEpoch } from "../../../src/channel/core/members.ts";
import { trackOwn } from "../../../src/channel/core/own.ts";
import { subjectOf } from "../../../src/channel/core/submission.ts";
import type { MessageOf } from "../../../src/channel/messages/wire.ts";
import type { Call } from "../../../src/channel/messages.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import {
  calm,
  complaints,
  hand,
  handBatch,
  notices,
  orders,
  propose,
  sendOf,
  sent,
  settle,
  takeOver,
  three,
  tickAfter,
  written,
} from "./handwork.ts";

/** The leader's word that it cannot order a call. */
function refusalOf(
  leader: SimNode,
  call: MessageOf<"call">["call"],
  code: number,
): MessageOf<"refusal"> {
  const refusal = {
    channel: leader.running.facts.channel,
    epoch: currentEpoch(leader.running),
    subject: subjectOf({ type: "call", call }),
    code,
  };
  return { type: "refusal", refusal, signature: leader.keys.signAsNode(refusalMessage(refusal)) };
}

describe("a client's call", () => {
  it("[CL1] has the next free nonce", async () => {
    const { world, n2 } = await three();
    const [first] = sent(propose(world, n2, 1), "call");
    expect(first?.call.call.nonce).toBe(0n);
    propose(world, n2, 2);
    const [second] = sent(tickAfter(n2, 5), "call");
    expect(second?.call.call.nonce).toBe(1n);
  });

  it("[CL1] has the nonce after those that are ordered", async () => {
    const { world, n2 } = await three();
    const request = world.bank(n2, "note", utf8("first"));
    await world.until("confirmed", () => world.stages(request).includes("confirmed"));
    const [next] = sent(propose(world, n2, 77), "call");
    expect(next?.call.call.nonce).toBe(1n);
  });

  it("[CL1] is signed and on disk before it is sent", async () => {
    const { world, n2 } = await three();
    const effects = propose(world, n2, 1);
    const [{ call }] = sent(effects, "call") as [MessageOf<"call">];
    const record = written(effects).find(({ entry }) => entry.type === "own");
    const { sequence, entry } = present(record, "a record");
    expect(entry).toEqual({ type: "own", submission: { type: "call", call } });
    expect(sendOf(effects, "call").after).toBeGreaterThanOrEqual(sequence);
  });

  it("[CL2] goes from sent to settled", async () => {
    const world = await calm(2);
    const request = world.bank(world.node("n2"), "note", utf8("hello"));
    await world.run(2_000);
    await settle(world);
    expect(world.stages(request)).toEqual([
      "sent",
      "sequenced",
      "verified",
      "confirmed",
      "settled",
    ]);
  });

  it("[CL2] goes back to sent when it is voided, and is sent again, the same bytes", async () => {
    const cast = await three();
    const { world, n1, n2, n3 } = cast;
    const [first] = sent(propose(world, n2, 1), "call");
    const { call } = present(first, "a call");
    const stages = (effects: Parameters<typeof notices>[0]) =>
      notices(effects, "call").map(({ stage }) => stage);
    const taken = handBatch(world, n2, orders(n1, [{ type: "call", call }]));
    expect(stages(taken)).toEqual(["sequenced", "verified"]);
    const effects = handBatch(world, n2, takeOver(cast), n3);
    expect(stages(effects)).toEqual(["sent"]);
    const again = [...effects, ...tickAfter(n2, 0)];
    expect(sent(again, "call")).toEqual([first]);
    expect(sendOf(again, "call").to).toEqual([n3.peer]);
  });

  it.each(["own", "settling"] as const)(
    "[CL2] goes back to sent where the chain has settled another branch at its height (%s)",
    async (line) => {
      const world = await calm(2);
      const node = world.node("n2");
      world.bank(node, "note", utf8("settled"));
      await world.run(2_000);
      await settle(world);
      world.node("n1").crash();
      const notices = propose(world, node, 7);
      expect(sent(notices, "call")).toHaveLength(1);
      const { running } = node;
      const [own] = running.own;
      assert(own !== undefined, "a call under way");
      // As if it had stood where the settled branch has something else.
      own.height = running.log.base.height;
      if (line === "settling") [running.own, running.settling] = [[], [own]];
      trackOwn(running);
      expect(running.own).toEqual([own]);
      expect([own.height, own.stage, running.settling]).toEqual([undefined, "sent", []]);
    },
  );

  /** As if the call had been made long ago: its last height is what is confirmed already. */
  function age(node: SimNode, changes: Partial<Call>): void {
    const [own] = node.running.own;
    assert(own?.submission.type === "call", "a call under way");
    const { call, signature } = own.submission.call;
    const old = { call: { ...call, ...changes }, signature };
    node.running.own = [{ ...own, submission: { type: "call", call: old } }];
  }

  it("[CL3] is signed again with its nonce when it has expired", async () => {
    const { world, n2 } = await three();
    const done = world.bank(n2, "note", utf8("one"));
    await world.until("confirmed", () => world.stages(done).includes("confirmed"));
    const [first] = sent(propose(world, n2, 1), "call");
    const { call } = present(first, "a call");
    const confirmed = confirmedHeight(n2.running);
    age(n2, { expiry: confirmed });
    const effects = [...tickAfter(n2, 0), ...tickAfter(n2, 1_000)];
    const record = written(effects).find(({ entry }) => entry.type === "own");
    assert(record?.entry.type === "own", "it is on disk");
    const [own] = n2.running.own;
    expect(n2.running.own).toHaveLength(1);
    expect(own?.nonce).toBe(call.call.nonce);
    expect(own?.request).toBe(1);
    expect(record.entry.submission).toEqual(own?.submission);
    expect(sent(effects, "call")[0]?.call.call).toEqual(call.call);
  });

  it.each([
    ["above what is confirmed", (confirmed: bigint) => ({ expiry: confirmed + 1n })],
    ["with a used nonce", (confirmed: bigint) => ({ expiry: confirmed, nonce: 0n })],
  ])("[CL3] is not signed again %s", async (_what, changes) => {
    const { world, n2 } = await three();
    const done = world.bank(n2, "note", utf8("one"));
    await world.until("confirmed", () => world.stages(done).includes("confirmed"));
    propose(world, n2, 1);
    const [before] = n2.running.own;
    const changed = changes(confirmedHeight(n2.running));
    age(n2, changed);
    n2.running.own = n2.running.own.map((own) => ({ ...own, ...changed }));
    const [own] = n2.running.own;
    expect(written(tickAfter(n2, 0)).filter(({ entry }) => entry.type === "own")).toEqual([]);
    expect(own?.sentAt).toBe(before?.sentAt);
  });

  it("[CL6] is not ended by a leader's refusal, which the client is told once a code", async () => {
    const { world, n1, n2, n3 } = await three();
    const [first] = sent(propose(world, n2, 1), "call");
    const { call } = present(first, "a call");
    const [before] = n2.running.own;
    const told = (leader: SimNode, name: "EXPIRED" | "NOT_MEMBER") => {
      const refusal = refusalOf(leader, call, CHANNEL_ERRORS[name].code);
      const effects = hand(world, n2, leader, refusal);
      expect(written(effects)).toEqual([]);
      expect(notices(effects, "refused")).toEqual([]);
      return complaints(effects).length;
    };
    expect(told(n3, "EXPIRED")).toBe(0);
    expect([1, 2].map(() => told(n1, "EXPIRED"))).toEqual([1, 0]);
    expect(told(n1, "NOT_MEMBER")).toBe(1);
    expect(n2.running.own[0]?.submission).toBe(before?.submission);
    expect(sent(tickAfter(n2, 1_000), "call")).toEqual([first]);
  });

  it("[CL5] ends in a refusal when a close is confirmed before it is ordered", async () => {
    const world = await calm(2);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    world.ask(n1, "close");
    const request = world.bank(n2, "note", utf8("too late"));
    await world.until("ended", () => world.stages(request).includes("CHANNEL_CLOSED"));
    await world.until("closed", () => world.status(n2).phase === "closed");
    const late = [world.bank(n2, "note", utf8("later still")), world.ask(n2, "settle")];
    await world.run(50);
    expect(late.map((one) => world.stages(one))).toEqual([["CHANNEL_CLOSED"], ["CHANNEL_CLOSED"]]);
  });

  it("[CL5] ends in a refusal when the node is out of the channel", async () => {
    const world = await calm(3);
    const out = world.node("n3");
    world.network.cut(out.peer, world.node("n1").peer);
    world.network.cut(out.peer, world.node("n2").peer);
    const requests = [world.bank(out, "note", utf8("nobody hears")), world.ask(out, "settle")];
    await world.run(50);
    expect(requests.map((one) => world.stages(one))).toEqual([["sent"], []]);
    const standing = "removed" as const;
    const members = out.running.chain.members.map((member) =>
      member.seat === 3n ? { ...member, standing } : member,
    );
    world.give(out, { type: "chain", channel: { ...out.running.chain, members } });
    await world.run(50);
    expect(requests.map((one) => world.stages(one).at(-1))).toEqual(["BANNED", "BANNED"]);
    const refused = world.bank(out, "note", utf8("still nobody"));
    await world.run(50);
    expect(world.stages(refused)).toEqual(["NOT_MEMBER"]);
  });

  it("[CL4] is sent again by a node that was restarted; its request is forgotten", async () => {
    const calls: MessageOf<"call">[] = [];
    const world = await calm(2, {
      tamper: ({ name }, effects) => {
        if (name === "n2") calls.push(...sent(effects, "call"));
        return effects;
      },
    });
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    world.network.cut(n1.peer, n2.peer);
    const request = world.bank(n2, "note", utf8("hello"));
    await world.run(50);
    const [first] = calls.splice(0);
    n2.crash();
    n2.start();
    expect(n2.running.own.map(({ request: known }) => known)).toEqual([undefined]);
    world.network.heal(n1.peer, n2.peer);
    await world.until("it is confirmed", () => n2.running.settling.length === 1);
    expect(calls.length).toBeGreaterThan(0);
    for (const again of calls) expect(again).toEqual(first);
    expect(world.stages(request)).toEqual(["sent"]);
  });
});
