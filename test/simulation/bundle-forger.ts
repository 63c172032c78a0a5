// A member that wants to speak for another: with the signature of a bundle, which everybody sees as
// soon as its first calls are ordered, it hands in calls of its own making for the rest.
import { present } from "#core/assert.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { findTurns } from "#core/merkle/merkle-proof.ts";
import { besideRange } from "#core/merkle/merkle-range.ts";
import { callsOf } from "../../src/channel/codec/bundle.ts";
import { encodeMessage } from "../../src/channel/codec.ts";
import type { BundledCall } from "../../src/channel/messages.ts";
import { u64 } from "../channel/toy-executor.ts";
import { entriesOf, isConfirmed, watched } from "./watched.ts";

/** What the forger says in the other's name. */
const FORGED = u64(666n);
const CALLS = 40;

export interface ForgedLife {
  /** Messages that the forger sent. */
  readonly forgeries: number;
  /** Calls of the other that were confirmed, of {@link CALLS}. */
  readonly confirmed: number;
}

/** n2 makes many calls at once, n3 forges. Throws what a checker finds. */
export async function liveWithForger(): Promise<ForgedLife> {
  let forgeries = 0;
  const world = await watched(3, {
    seed: 431,
    parameters: { windowMax: 1, batchEntriesMax: 16 },
    onInput: (node) => {
      if (node.name !== "n3") return;
      const last = entriesOf(node).findLast(({ type }) => type === "bundled");
      if (last?.type !== "bundled") return;
      const rest = restOf(last.call);
      if (rest.length === 0) return;
      forgeries += 1;
      const bytes = encodeMessage({ type: "bundle", calls: rest });
      world.network.send(node.peer, world.node("n1").peer, bytes);
    },
  });
  const requests = Array.from({ length: CALLS }, (_, at) =>
    world.bank(world.node("n2"), "note", u64(BigInt(at))),
  );
  await world.run(20_000);
  return { forgeries, confirmed: requests.filter((one) => isConfirmed(world, one)).length };
}

/** The calls after this one in its bundle, as the forger would have them. */
function restOf({ call, bundle, signature }: BundledCall): readonly BundledCall[] {
  const from = Number(call.nonce - bundle.first) + 1;
  const calls = Array.from({ length: bundle.count - from }, (_, at) => ({
    ...call,
    nonce: call.nonce + 1n + BigInt(at),
    args: [FORGED],
  }));
  if (calls.length === 0) return [];
  const placed = (index: number) => ({
    index,
    path: findTurns(index, bundle.count).map(() => ZERO_HASH),
  });
  const beside = besideRange(bundle.count, placed(from), placed(bundle.count - 1));
  return present(callsOf({ bundle, signature, calls, beside }), "a part of the bundle");
}
