// Transactions over a bad line: whatever is lost, doubled or late, each command takes effect once.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressToBytes, makeAddress } from "#core/address.ts";
import { type ChainAccess, createOutbox, type EntryCall, SettlementError } from "#settlement";
import { callOf, u64 } from "../../src/settlement/contract/calls.ts";
import { outboxOf } from "../../src/settlement/outbox.ts";
import { trouble } from "../../src/settlement/settlement-error.ts";
import { accountNamed, balanceOf, startChain, transferTo } from "../chains/fixture.ts";
import { during, memberOf } from "./world.ts";

const BOB = makeAddress("0xb0b");
const alice = accountNamed("alice");

function payment(amount: bigint): EntryCall {
  return callOf("0x1::aptos_account::transfer", [addressToBytes(BOB), u64(amount)]);
}

/** What the line does to one submission. */
const FAULTS = ["deliver", "lose", "loseAnswer", "double", "deliverLate"] as const;
type Fault = (typeof FAULTS)[number];

/** A line that does to each submission what the list says, and then behaves. */
function faulty(access: ChainAccess, faults: readonly Fault[], later: (() => void)[]): ChainAccess {
  const left = [...faults];
  return {
    ...access,
    submit: async (call) => {
      switch (left.shift() ?? "deliver") {
        case "deliver":
          return access.submit(call);
        case "lose":
          return { type: "accepted" };
        case "loseAnswer":
          await access.submit(call);
          throw trouble("CHAIN_UNREACHABLE", "the line is dead");
        case "double":
          await access.submit(call);
          return access.submit(call);
        case "deliverLate":
          later.push(() => void access.submit(call));
          throw trouble("CHAIN_UNREACHABLE", "the line is slow");
      }
    },
  };
}

async function funded() {
  const chain = await startChain();
  chain.client.onHead(() => undefined);
  const member = memberOf(chain, "alice");
  await during(chain, chain.client.fund(alice.address, 100_000_000n));
  await chain.clock.advance(2_000);
  return { chain, member };
}

describe("the outbox", () => {
  it("sends each command once through any faults", async () => {
    const anyFaults = fc.array(fc.constantFrom(...FAULTS), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(anyFaults, async (faults) => {
        const { chain, member } = await funded();
        const later: (() => void)[] = [];
        const outbox = createOutbox(faulty(member.access, faults, later), chain.clock);
        const amounts = [1n, 10n, 100n];
        const sending = Promise.all(amounts.map((amount) => outbox.send(payment(amount))));
        const sent = await during(chain, sending);
        expect(sent.map(({ status }) => status.type)).toEqual(["executed", "executed", "executed"]);
        for (const deliver of later) deliver();
        await chain.clock.advance(5_000);
        expect(await balanceOf(chain, BOB)).toBe(111n);
        expect((await chain.client.account(alice.address)).sequenceNumber).toBe(3n);
      }),
      { numRuns: 25 },
    );
  });

  it("gives way to another transaction of the same account and takes the next number", async () => {
    const { chain, member } = await funded();
    const outbox = createOutbox(member.access, chain.clock);
    const sending = outbox.send(payment(5n));
    await chain.client.submit(transferTo(alice, 0n, BOB, 7n).bytes);
    await during(chain, sending);
    await chain.clock.advance(3_000);
    expect(await balanceOf(chain, BOB)).toBe(12n);
  });

  it("goes on after a command that the chain refuses", async () => {
    const { chain, member } = await funded();
    const refusing: ChainAccess = {
      ...member.access,
      sign: (call, number, expiration) =>
        member.access.sign(call, number, call.args.length === 2 ? expiration : 0n),
    };
    const refusingOnce: ChainAccess = {
      ...refusing,
      submit: async (call) => {
        const handover = await member.access.submit(call);
        return handover.type === "busy" ? { type: "refused", detail: handover.detail } : handover;
      },
    };
    const outbox = createOutbox(refusingOnce, chain.clock);
    const bad = outbox.send(callOf("0x1::nowhere::nothing", []));
    const good = outbox.send(payment(3n));
    await expect(during(chain, bad)).rejects.toMatchObject({ code: "CHAIN_REFUSED" });
    await during(chain, good);
    expect(await balanceOf(chain, BOB)).toBe(3n);
  });

  it("is one for all who send by the same access, so that none contends with another", async () => {
    const { chain, member } = await funded();
    const numbers: bigint[] = [];
    const access: ChainAccess = {
      ...member.access,
      sign: (call, number, expiration) => {
        numbers.push(number);
        return member.access.sign(call, number, expiration);
      },
    };
    expect(outboxOf(access, chain.clock)).toBe(outboxOf(access, chain.clock));
    expect(outboxOf(access, chain.clock)).not.toBe(outboxOf(member.access, chain.clock));
    const rooms = [outboxOf(access, chain.clock), outboxOf(access, chain.clock)];
    const sending = rooms.flatMap((outbox) => [outbox.send(payment(1n)), outbox.send(payment(2n))]);
    await during(chain, Promise.all(sending));
    expect(numbers).toEqual([0n, 1n, 2n, 3n]);
    expect(await balanceOf(chain, BOB)).toBe(6n);
  });

  it("gives up after a minute of silence, and says that repeating is safe", async () => {
    const { chain, member } = await funded();
    const dead: ChainAccess = {
      ...member.access,
      submit: () => Promise.reject(trouble("CHAIN_UNREACHABLE", "the line is dead")),
    };
    const outbox = createOutbox(dead, chain.clock);
    const sending = during(chain, outbox.send(payment(1n)));
    await expect(sending).rejects.toThrow(/safe to repeat/);
    await expect(sending).rejects.toBeInstanceOf(SettlementError);
    expect(await balanceOf(chain, BOB)).toBe(0n);
  });

  it("says so when the account has no money", async () => {
    const { chain } = await funded();
    const poor = memberOf(chain, "nobody");
    const outbox = createOutbox(poor.access, chain.clock);
    const sending = during(chain, outbox.send(payment(1n)));
    await expect(sending).rejects.toMatchObject({ code: "NO_FUNDS" });
  });
});
