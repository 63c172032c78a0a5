// A small channel under the eyes of the checkers, for lives that a test directs itself.
import type { Entry } from "../../src/channel/messages.ts";
import { checkRoots, NoDoubleSigning, OneHistory } from "./checkers.ts";
import { MadeCalls } from "./made-calls.ts";
import type { SimNode } from "./sim-node.ts";
import { World, type WorldOptions } from "./world.ts";

/** A channel of this many, watched. */
export async function watched(count: number, options: WorldOptions): Promise<World> {
  const calls = new MadeCalls();
  const history = new OneHistory((item) => calls.check(item));
  const signing = new NoDoubleSigning();
  const world = await World.begin({
    ...options,
    onCall: ({ keys }, call) => calls.note(keys.memberKey, call),
    onSend: (node, bytes) => signing.check(node, bytes),
    onInput: (node) => {
      history.check(node);
      checkRoots(node);
      options.onInput?.(node);
    },
  });
  await world.gather(count);
  await world.run(2_000);
  return world;
}

export function isConfirmed(world: World, request: number): boolean {
  return world.stages(request).includes("confirmed");
}

export async function untilConfirmed(world: World, request: number, msMax = 60_000): Promise<void> {
  await world.until("confirmed", () => isConfirmed(world, request), msMax);
}

/** Everything that stands in a node's log above its base. */
export function entriesOf(node: SimNode): readonly Entry[] {
  return node.running.log.items.flatMap(({ batch }) => batch.entries);
}

export function callsOf(node: SimNode, seat: bigint): readonly bigint[] {
  return entriesOf(node).flatMap((entry) =>
    "call" in entry && entry.call.call.seat === seat ? [entry.call.call.nonce] : [],
  );
}
