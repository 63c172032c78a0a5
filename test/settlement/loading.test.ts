import { describe, expect, it } from "vitest";
import { toHex } from "#core/bytes.ts";
import { formatModuleId } from "#core/identifier.ts";
import { createStateTree } from "#sandbox";
import { loadChannel } from "#settlement";
import { contractModules } from "../../src/chains/contract-modules.ts";
import { stateKey } from "../conformance/paper-channel.ts";
import { memberOf, startWorld } from "./world.ts";

describe("loading a channel", () => {
  it("brings the code it pins, whole, and the state that its root commits to", async () => {
    const world = await startWorld();
    const alice = await world.member("alice");
    const { id } = await world.during(alice.adapter.enter(100n));
    const { access } = memberOf(world.chain, "alice");
    const loaded = await world.during(loadChannel(access, id));
    const names = loaded.modules.map((module) => formatModuleId(module.id));
    expect(names).toEqual([...names].sort((a, b) => (a < b ? -1 : 1)));
    expect(names.some((name) => name.endsWith("::chat"))).toBe(true);
    expect(names.some((name) => name.endsWith("::state_channel"))).toBe(true);
    const published = new Map(
      contractModules().map((module) => [formatModuleId(module.id), toHex(module.bytes)]),
    );
    for (const module of loaded.modules) {
      expect(toHex(module.bytes)).toBe(published.get(formatModuleId(module.id)));
    }
    const tree = createStateTree();
    const op = { type: "new", value: loaded.state } as const;
    tree.apply([{ key: stateKey(loaded.channel), op }]);
    expect(toHex(tree.root())).toBe(toHex(loaded.channel.settled.stateRoot));
    const again = await world.during(loadChannel(access, id));
    expect(toHex(again.profile)).toBe(toHex(loaded.profile));
  });

  it("says so when a module is missing or damaged, or the channel is none", async () => {
    const world = await startWorld();
    const alice = await world.member("alice");
    const { id } = await world.during(alice.adapter.enter(100n));
    const { access } = memberOf(world.chain, "alice");
    const without = { ...access, module: () => Promise.resolve(undefined) };
    await expect(world.during(loadChannel(without, id))).rejects.toMatchObject({
      code: "BAD_ANSWER",
    });
    const damaged = { ...access, module: () => Promise.resolve(Uint8Array.of(1, 2)) };
    await expect(world.during(loadChannel(damaged, id))).rejects.toMatchObject({
      code: "BAD_ANSWER",
    });
    await expect(world.during(loadChannel(access, 99n))).rejects.toMatchObject({
      code: "NO_CHANNEL",
    });
  });
});
