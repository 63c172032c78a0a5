// A leader whose header is acked by all, and that dies before anybody hears of the certificate.
import { utf8 } from "#core/bytes.ts";
import { decodeMessage } from "../../src/channel/codec.ts";
import type { Effect } from "../../src/channel/core/effect.ts";
import type { SimNode } from "./sim-node.ts";
import { callsOf, untilConfirmed, watched } from "./watched.ts";
import type { World } from "./world.ts";

export interface LostAckRound {
  readonly world: World;
  /** Led, and is down. */
  readonly first: SimNode;
  readonly second: SimNode;
  /** The call that only the first knew to be certified. */
  readonly request: number;
  /** Lets what the first sends out again. */
  readonly speak: () => void;
}

/** Ends when another leader has got a call of its own confirmed. Rejects with a `Violation`. */
export async function loseAckRound(): Promise<LostAckRound> {
  let isMute = false;
  const world = await watched(4, {
    seed: 402,
    // Its calls go out, and all acks come in; what it makes of them never leaves.
    tamper: (node, effects) =>
      node.name === "n1" && isMute ? effects.filter(bringsCallsOrStays) : effects,
  });
  const [first, second] = world.nodes;
  if (first === undefined || second === undefined) throw new Error("four nodes");
  isMute = true;
  const request = world.bank(first, "note", utf8("acked by all"));
  await world.until("certified, for the leader alone", () => {
    const { items } = first.running.log;
    const item = items.findLast(({ batch }) => batch.entries.length > 0);
    return callsOf(first, 1n).length === 1 && item?.certificate !== undefined;
  });
  first.crash();
  const after = world.bank(second, "note", utf8("by another leader"));
  await untilConfirmed(world, after, 90_000);
  const speak = () => {
    isMute = false;
  };
  return { world, first, second, request, speak };
}

function bringsCallsOrStays(effect: Effect): boolean {
  if (effect.type !== "send") return true;
  const decoded = decodeMessage(effect.bytes);
  if (!decoded.ok || decoded.value.type !== "batch") return false;
  return decoded.value.batch.entries.length > 0;
}
