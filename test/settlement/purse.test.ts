// An account's coins on a chain that borrows them from the root: enough, within the budget, and
// sent once whatever ends in between.
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { toHex } from "#core/bytes.ts";
import { sha2_256 } from "#core/hash.ts";
import type { CallStatus, ChainAccess, EntryCall, PurseTerms } from "#settlement";
import { callOf, u64 } from "../../src/settlement/contract/calls.ts";
import { type Crossing, createPurse } from "../../src/settlement/purse.ts";
import type { SettlementError } from "../../src/settlement/settlement-error.ts";
import { START_MS } from "../chains/fixture.ts";
import { type ManualClock, manualClock } from "../chains/manual-clock.ts";

const ACCOUNT = makeAddress("0xa11ce");
const TERMS: PurseTerms = { lowWater: 100n, target: 400n, budget: 1_000n };
const REPEATED = 35n;
/** Between a sending and its arrival. */
const CROSSING_MS = 3_000;

/** Both chains, as far as one account's coins go. */
interface Chains {
  readonly clock: ManualClock;
  /** What was sent, in order. */
  readonly sendings: bigint[];
  onRoot: bigint;
  held: bigint;
  arrived: bigint;
  number: bigint;
  isCarried: boolean;
  readonly fates: Map<string, CallStatus>;
}

function startChains(held: bigint): Chains {
  const fates = new Map<string, CallStatus>();
  const clock = manualClock(START_MS);
  const sums = { onRoot: 5_000n, held, arrived: 0n, number: 0n, isCarried: true };
  return { clock, sendings: [], ...sums, fates };
}

class LifeEnded extends Error {}

/** One life's ways to the chains; it ends at its `steps`th question, which still has its effect. */
function liveOn(chains: Chains, steps = Number.POSITIVE_INFINITY) {
  let left = steps;
  const asking = <T>(work: () => T): Promise<T> => {
    if (left <= 0) return Promise.reject(new LifeEnded());
    left -= 1;
    const answer = work();
    return left <= 0 ? Promise.reject(new LifeEnded()) : Promise.resolve(answer);
  };
  const calls = new Map<Uint8Array, EntryCall>();
  const root: Pick<
    ChainAccess,
    "account" | "sequenceNumber" | "chainTimeMs" | "sign" | "submit" | "fate"
  > = {
    account: ACCOUNT,
    sequenceNumber: () => asking(() => chains.number),
    chainTimeMs: () => asking(() => chains.clock.now()),
    sign: (call, number) =>
      asking(() => {
        const bytes = encodeBcs((writer) =>
          writer.u64(number).vector(call.args, (out, one) => out.bytes(one)),
        );
        calls.set(bytes, call);
        return { bytes, hash: sha2_256(bytes) };
      }),
    submit: ({ bytes, hash }) =>
      asking(() => {
        const call = present(calls.get(bytes), "signed here");
        chains.number += 1n;
        chains.fates.set(toHex(hash), execute(chains, call));
        return { type: "accepted" };
      }),
    fate: (hash) =>
      asking(() => {
        const status = chains.fates.get(toHex(hash));
        if (status === undefined) return { type: "unknown" };
        return { type: "committed", call: { status, statusText: "", events: [], gasUsed: 0n } };
      }),
  };
  const away = {
    account: ACCOUNT,
    view: () => asking(() => [u64(chains.held)]),
  };
  const crossing: Crossing = {
    root: root as ChainAccess,
    away,
    sent: () =>
      asking(() => {
        const amount = chains.sendings.reduce((sum, one) => sum + one, 0n);
        return { count: BigInt(chains.sendings.length), amount, returned: 0n };
      }),
    arrived: () => asking(() => chains.arrived),
    sending: async (amount, number) => callOf("0x30::shard_gas::send", [u64(amount), u64(number)]),
    isRepeated: ({ abortCode }: SettlementError) => abortCode === REPEATED,
  };
  return createPurse(crossing, TERMS, chains.clock);
}

function execute(chains: Chains, { args }: EntryCall): CallStatus {
  const [amount = 0n, number = 0n] = args.map((bytes) =>
    new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true),
  );
  const location = { module: callOf("0x30::shard_gas::send", []).function.module };
  if (number !== BigInt(chains.sendings.length))
    return { type: "aborted", code: REPEATED, location };
  if (amount > chains.onRoot) return { type: "aborted", code: 2n, location };
  chains.onRoot -= amount;
  chains.sendings.push(amount);
  chains.clock.after(CROSSING_MS, () => {
    if (!chains.isCarried) return;
    chains.held += amount;
    chains.arrived += amount;
  });
  return { type: "executed" };
}

async function during<T>({ clock }: Chains, work: Promise<T>): Promise<T> {
  let isDone = false;
  const watched = work.finally(() => {
    isDone = true;
  });
  watched.catch(() => undefined);
  for (let step = 0; step < 1_000 && !isDone; step++) await clock.advance(100);
  return watched;
}

describe("a purse", () => {
  it("sends nothing while there is enough", async () => {
    const chains = startChains(100n);
    await during(chains, liveOn(chains).fill());
    expect(chains.sendings).toEqual([]);
  });

  it("fills up to the target and waits until that has arrived", async () => {
    const chains = startChains(30n);
    await during(chains, liveOn(chains).fill());
    expect([chains.sendings, chains.held]).toEqual([[370n], 400n]);
  });

  it("brings what is needed where that is more than the target", async () => {
    const chains = startChains(0n);
    await during(chains, liveOn(chains).fill(600n));
    expect(chains.held).toBe(600n);
  });

  it("fills once for everybody who waits", async () => {
    const chains = startChains(0n);
    const purse = liveOn(chains);
    await during(chains, Promise.all([purse.fill(), purse.fill(), purse.fill()]));
    expect(chains.sendings).toEqual([400n]);
  });

  it("fills once though two lives of one account do so at the same time", async () => {
    const chains = startChains(0n);
    await during(chains, Promise.all([liveOn(chains).fill(), liveOn(chains).fill()]));
    expect(chains.sendings).toEqual([400n]);
  });

  it("is filled once though the life that fills it ends between any two steps", async () => {
    let ended = 0;
    for (let steps = 0; ; steps++) {
      const chains = startChains(0n);
      const first = await during(chains, liveOn(chains, steps).fill()).then(
        () => "done",
        (error: unknown) => error instanceof LifeEnded,
      );
      await during(chains, liveOn(chains).fill());
      expect([chains.sendings, chains.held]).toEqual([[400n], 400n]);
      if (first === "done") break;
      ended += 1;
    }
    expect(ended).toBeGreaterThan(10);
  });

  it("stays within the budget, and says so when that is spent", async () => {
    const chains = startChains(0n);
    const purse = liveOn(chains);
    for (const sum of [400n, 800n, 1_000n]) {
      chains.held = 0n;
      await during(chains, purse.fill());
      expect(chains.sendings.reduce((total, one) => total + one, 0n)).toBe(sum);
    }
    chains.held = 99n;
    await expect(during(chains, purse.fill())).rejects.toMatchObject({ code: "BUDGET_SPENT" });
    expect(chains.sendings).toEqual([400n, 400n, 200n]);
  });

  it("says so when the root's account is too poor", async () => {
    const chains = startChains(0n);
    chains.onRoot = 50n;
    const filling = during(chains, liveOn(chains).fill());
    await expect(filling).rejects.toMatchObject({ code: "NO_FUNDS" });
  });

  it("gives up waiting for coins that do not arrive, and sends no others", async () => {
    const chains = startChains(0n);
    chains.isCarried = false;
    const filling = during(chains, liveOn(chains).fill());
    await expect(filling).rejects.toMatchObject({ code: "ON_ITS_WAY" });
    expect(chains.sendings).toEqual([400n]);
  });
});
