// Transactions that come again, or in another order, over real HTTP: each takes effect once, in the
// order of its numbers.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { accountNamed, transferTo } from "../fixture.ts";
import { type ServedChain, serveChain } from "../sdk/served-chain.ts";
import { SIGNED } from "./rest.ts";

const LIFETIME_SECS = 600n;
const COUNT = 12;

let chain: ServedChain;
beforeAll(async () => {
  chain = await serveChain();
});
afterAll(() => chain.close());

async function submit(bytes: Uint8Array): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${chain.url}/transactions`, {
    method: "POST",
    headers: { "content-type": SIGNED },
    body: new Uint8Array(bytes),
  });
  return { status: answer.status, body: await answer.json() };
}

async function balanceOf(address: string): Promise<number> {
  return chain.aptos.getBalance({ accountAddress: address, asset: "0xa" });
}

describe("transactions over HTTP", () => {
  it("that come in any order, and twice, take effect once, by their numbers", async () => {
    const payer = accountNamed("payer");
    const payee = accountNamed("payee");
    await chain.aptos.fundAccount({ accountAddress: payer.address, amount: 10_000_000 });
    const expirationSecs = BigInt(Math.floor(Date.now() / 1_000)) + LIFETIME_SECS;
    const payments = Array.from({ length: COUNT }, (_, number) =>
      transferTo(payer, BigInt(number), payee.address, BigInt(number + 1), { expirationSecs }),
    );
    // The last first, and each of them twice while they wait for the first.
    const [first, ...later] = payments;
    for (const { bytes } of later.toReversed()) {
      for (const _ of [1, 2]) expect(await submit(bytes)).toMatchObject({ status: 202 });
    }
    expect(await submit(present(first, "a payment").bytes)).toMatchObject({ status: 202 });
    const sum = (COUNT * (COUNT + 1)) / 2;
    await expect.poll(() => balanceOf(payee.address), { timeout: 20_000 }).toBe(sum);
    for (const { bytes } of payments) {
      const { status, body } = await submit(bytes);
      expect({ status, body }).toMatchObject({
        status: 400,
        body: { error_code: "vm_error", vm_error_code: 3 },
      });
    }
    const listed = await chain.aptos.getAccountTransactions({ accountAddress: payer.address });
    const numbers = listed.flatMap((one) =>
      "sequence_number" in one ? [one.sequence_number] : [],
    );
    expect(numbers.map(Number)).toEqual(Array.from({ length: COUNT }, (_, number) => number));
    expect(await balanceOf(payee.address)).toBe(sum);
  }, 60_000);
});
