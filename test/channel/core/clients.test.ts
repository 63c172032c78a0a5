import { describe, expect, it } from "vitest";
import { assert, present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { refusalMessage } from "../../../src/channel/codec.ts";
import { CHANNEL_ERRORS } from "../../../src/channel/core/errors.ts";
import { step } from "../../../src/channel/core/machine.ts";
import { currentEpoch } from "../../../src/channel/core/members.ts";
import { subjectOf } from "../../../src/channel/core/submission.ts";
import type { MessageOf } from "../../../src/channel/messages/wire.ts";
import { toyFunction } from "../../simulation/model-link.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import type { World } from "../../simulation/world.ts";
import {
  calm,
  hand,
  handBatch,
  noteOf,
  notices,
  orders,
  sendOf,
  sent,
  settle,
  takeOver,
  three,
  tickAfter,
  written,
} from "./handwork.ts";

function propose(world: World, node: SimNode, request: number) {
  return step(node.running, {
    type: "propose",
    request,
    function: toyFunction("note"),
    typeArgs: [],
    args: [utf8(`call ${request}`)],
    now: world.clock.now,
  });
}

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
    const calls = [1, 2, 3].flatMap((request) => sent(propose(world, n2, request), "call"));
    expect(calls.map(({ call }) => call.call.nonce)).toEqual([0n, 1n, 2n]);
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

  it("[CL3] is signed again with its nonce when it has expired", async () => {
    const { world, n1, n2 } = await three();
    const [first] = sent(propose(world, n2, 1), "call");
    const { call } = present(first, "a call");
    handBatch(world, n2, orders(n1, [noteOf(n1, utf8("another"))]));
    const refusal = refusalOf(n1, call, CHANNEL_ERRORS.EXPIRED.code);
    const effects = [...hand(world, n2, n1, refusal), ...tickAfter(n2, 1_000)];
    const record = written(effects).find(({ entry }) => entry.type === "own");
    assert(record?.entry.type === "own", "it is on disk");
    const [own] = n2.running.own;
    expect(n2.running.own).toHaveLength(1);
    expect(own?.nonce).toBe(call.call.nonce);
    expect(own?.request).toBe(1);
    expect(record.entry.submission).toEqual(own?.submission);
    const [again] = sent(effects, "call");
    expect(again?.call.call).toEqual({ ...call.call, expiry: call.call.expiry + 1n });
  });

  it("[CL3] is not signed again at the word of another than the leader", async () => {
    const { world, n2, n3 } = await three();
    const [first] = sent(propose(world, n2, 1), "call");
    const { call } = present(first, "a call");
    const [before] = n2.running.own;
    const refusal = refusalOf(n3, call, CHANNEL_ERRORS.EXPIRED.code);
    const effects = hand(world, n2, n3, refusal);
    expect(written(effects)).toEqual([]);
    expect(n2.running.own[0]).toBe(before);
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
