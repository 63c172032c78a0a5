import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import type { TypeTag } from "#core/type-tag.ts";
import {
  CALL_ARGS_MAX,
  CALL_SIZE_MAX,
  RELAY_OVERHEAD_SIZE,
} from "../../../src/channel/codec/limits.ts";
import type { Input } from "../../../src/channel/core/input.ts";
import { step } from "../../../src/channel/core/machine.ts";
import { send } from "../../../src/channel/core/routing.ts";
import { MESSAGE_SIZE_MAX } from "../../../src/channel/ports.ts";
import { toyFunction } from "../../simulation/model-link.ts";
import { calm, complaints, notices, written } from "./handwork.ts";

type Wish = Partial<Extract<Input, { readonly type: "propose" }>>;

function nested(depth: number): TypeTag {
  return depth === 0 ? { kind: "u8" } : { kind: "vector", element: nested(depth - 1) };
}

describe("a client's call that nobody could carry", () => {
  it.each<[string, string, Wish]>([
    [
      "an argument above the limit",
      "MESSAGE_TOO_LARGE",
      { args: [new Uint8Array(CALL_SIZE_MAX + 1)] },
    ],
    [
      "arguments above it together",
      "MESSAGE_TOO_LARGE",
      { args: [new Uint8Array(CALL_SIZE_MAX / 2), new Uint8Array(CALL_SIZE_MAX / 2 + 1)] },
    ],
    [
      "an argument that the rest of the call makes too large",
      "MESSAGE_TOO_LARGE",
      { args: [new Uint8Array(CALL_SIZE_MAX)] },
    ],
    [
      "too many arguments",
      "MESSAGE_TOO_LARGE",
      { args: Array.from({ length: CALL_ARGS_MAX + 1 }, () => new Uint8Array(1)) },
    ],
    [
      "too many type arguments",
      "MESSAGE_TOO_LARGE",
      { typeArgs: Array.from({ length: CALL_ARGS_MAX + 1 }, () => nested(0)) },
    ],
    ["a type argument too deep to read", "MALFORMED_MESSAGE", { typeArgs: [nested(200)] }],
    ["more gas than there is", "GAS_LIMIT", { maxGas: 1_000_001n }],
    ["less gas than none", "GAS_LIMIT", { maxGas: -1n }],
    ["gas beyond all numbers", "GAS_LIMIT", { maxGas: 2n ** 70n }],
  ])("[CL1] is refused with a code: %s", async (_what, name, wish) => {
    const world = await calm(1);
    const { running } = world.node("n1");
    const call = { function: toyFunction("note"), typeArgs: [], args: [], ...wish } as const;
    const effects = step(running, { type: "propose", request: 7, now: world.clock.now, ...call });
    expect(notices(effects, "refused").map(({ error }) => error.name)).toEqual([name]);
    expect(running.own).toEqual([]);
    expect(written(effects).filter(({ entry }) => entry.type === "own")).toEqual([]);
    const sound = { ...call, typeArgs: [], args: [new Uint8Array(8)], maxGas: 1_000n };
    step(running, { type: "propose", request: 8, now: world.clock.now, ...sound });
    expect(running.own.map(({ request }) => request)).toEqual([8]);
  });
});

describe("a message above the limit", () => {
  it("is dropped with a complaint, and never takes the node down", async () => {
    const world = await calm(2);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const { running } = n1;
    const { channel } = running.facts;
    const [item] = running.log.items;
    const { batch } = present(item, "an item");
    const one = new Uint8Array(1024 * 1024);
    const chunk = { type: "snapshotChunk", channel, header: present(item, "an item").ref } as const;
    const fits = { ...chunk, index: 0, count: 1, bytes: one };
    running.effects = [];
    send(running, [n2.peer], fits);
    expect(running.effects.filter(({ type }) => type === "send")).toHaveLength(1);
    const entry = { type: "call", call: largeCall() } as const;
    const batches = Array.from({ length: 5 }, () => ({
      ...batch,
      entries: Array.from({ length: 60 }, () => entry),
    }));
    running.effects = [];
    send(running, [n2.peer], { type: "syncResponse", channel, batches, certificates: [] });
    expect(running.effects.filter(({ type }) => type === "send")).toEqual([]);
    expect(complaints(running.effects).join()).toMatch(/^MESSAGE_TOO_LARGE: a syncResponse/);
    expect(60 * 5 * 15 * 1024).toBeGreaterThan(MESSAGE_SIZE_MAX - RELAY_OVERHEAD_SIZE);

    function largeCall() {
      const { keys } = n1;
      const call = {
        channel,
        seat: 1n,
        nonce: 0n,
        function: toyFunction("note"),
        typeArgs: [],
        args: [new Uint8Array(15 * 1024)],
        maxGas: 1n,
        expiry: 1n,
      };
      return { call, signature: keys.signAsMember(one.subarray(0, 8)) };
    }
  });
});
