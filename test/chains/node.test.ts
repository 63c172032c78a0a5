// The node as its clients see it: money moves, gas is paid, bad transactions leave no trace.
import { describe, expect, it } from "vitest";
import { faucetSigner } from "#chains";
import { makeAddress } from "#core/address.ts";
import { accountNamed, balanceOf, commit, fund, startChain, transferTo } from "./fixture.ts";

const alice = accountNamed("alice");
const bob = accountNamed("bob");
const SUPPLY = 900_000_000_000_000n;

describe("a chain node", () => {
  it("begins with the supply at the faucet, but for what blocks are rewarded with", async () => {
    const chain = await startChain();
    expect(await balanceOf(chain, faucetSigner().address)).toBe(SUPPLY);
    const ledger = await chain.client.ledger();
    expect(ledger).toMatchObject({ chainId: 4, height: 0n, version: 0n });
    expect(ledger.genesisHash).toEqual(chain.node.genesisHash);
  });

  it("funds an account, moves coins and takes the fee that the receipt names", async () => {
    const chain = await startChain();
    await fund(chain, alice.address, 1_000_000n);
    const sent = await commit(chain, transferTo(alice, 0n, bob.address, 250n));
    const { status, gasUsed, events } = sent.receipt;
    expect(status).toEqual({ type: "executed" });
    expect(gasUsed).toBe(100n);
    expect(await balanceOf(chain, bob.address)).toBe(250n);
    expect(await balanceOf(chain, alice.address)).toBe(1_000_000n - 250n - gasUsed);
    expect((await chain.client.account(alice.address)).sequenceNumber).toBe(1n);
    expect(events.length).toBeGreaterThan(0);
    void makeAddress;
  });
});
