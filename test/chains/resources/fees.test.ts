// Fees: what each action costs, who pays, what a fee buys. Scenarios R1 to R6 of the resource model
// by their numbers.
import { describe, expect, it } from "vitest";
import { addressToBytes, makeAddress } from "#core/address.ts";
import { gasUnits } from "#core/gas-units.ts";
import {
  actAsTrial,
  alice,
  arg,
  bob,
  COIN,
  decide,
  FUNDS,
  feeRow,
  feesOf,
  outcomeOf,
  type ResourceChain,
  setTrialFee,
  startResourceChain,
  type Terms,
  TRIAL,
  traceOf,
} from "./resource-chain.ts";

const TRANSFER = "0x1::aptos_account::transfer";
const SETFEE = "0x50::fees::setfee";
const TESTA = makeAddress("0x7e57a");
const TESTB = makeAddress("0x7e57b");
const WORK = "0x7e57::acting::work";
const SWALLOW = "0x7e57::acting::swallow";

function transfer(chain: ResourceChain, amount: bigint, to = bob.address, terms: Terms = {}) {
  return chain.act(alice, TRANSFER, [arg.address(to), arg.u64(amount)], terms);
}

describe("[R1] a transfer to somebody without code", () => {
  it("costs 0.01 once, and tells both sides without a fee", () => {
    const chain = startResourceChain();
    const sent = transfer(chain, 5_000n * COIN);
    expect(traceOf(sent)).toEqual([
      "onfee 100",
      "aptos_account::transfer",
      "alice is told",
      "bob is told",
    ]);
    expect(sent.receipt.gasUsed).toBe(100n);
    expect(chain.balance(alice.address)).toBe(FUNDS - 5_000n * COIN - 100n);
    expect(chain.balance(bob.address)).toBe(FUNDS + 5_000n * COIN);
  });

  it("costs a started gas unit more at a price that does not divide the fee", () => {
    const chain = startResourceChain();
    const sent = transfer(chain, 1n, bob.address, { gasUnitPrice: 7n });
    expect(sent.receipt.gasUsed).toBe(15n);
    expect(chain.balance(alice.address)).toBe(FUNDS - 1n - 105n);
  });
});

describe("[R2] a transfer to a contract that makes two transfers", () => {
  it("costs 0.03, all paid by who began, and acts for the contract alone", () => {
    const chain = startResourceChain();
    const sent = transfer(chain, 5n * COIN, TRIAL);
    expect(traceOf(sent)).toEqual([
      "onfee 100",
      "aptos_account::transfer",
      "alice is told",
      "testc is told",
      "onfee 100",
      "aptos_account::transfer",
      "testc is told",
      "testa is told",
      "onfee 100",
      "aptos_account::transfer",
      "testc is told",
      "testb is told",
    ]);
    expect(sent.receipt.gasUsed).toBe(300n);
    expect(chain.balance(alice.address)).toBe(FUNDS - 5n * COIN - 300n);
    expect([TRIAL, TESTA, TESTB].map((of) => chain.balance(of))).toEqual([0n, 25_000n, 25_000n]);
    const payers = sent.receipt.actions.filter(({ kind }) => kind === "fee");
    expect(payers.map(({ args }) => args[0])).toEqual(
      Array.from({ length: 3 }, () => addressToBytes(alice.address)),
    );
  });

  it("tells in its trace what queued each action, and keeps requests out of its events", () => {
    const chain = startResourceChain();
    const { receipt } = transfer(chain, 5n * COIN, TRIAL);
    const causes = receipt.actions.map(({ cause }) => cause);
    expect(causes).toEqual([undefined, undefined, 1, 1, 1, 1, 5, 5, 1, 1, 9, 9]);
    expect(receipt.events.map(({ type }) => type.kind === "struct" && type.struct.module)).toEqual(
      Array.from({ length: 7 }, () => "coin"),
    );
  });
});

describe("[R3] an action without a fee", () => {
  it("is refused where fees are strict, and whoever sent it is told what to do", () => {
    const chain = startResourceChain({ strictFees: true });
    const refused = chain.refused(alice, WORK, [arg.u64(1)]);
    expect(refused).toMatchObject({ code: "vm_error", status: "FEATURE_NOT_ENABLED" });
    expect(refused.message).toContain("acting::work has no fee");
    expect(chain.balance(alice.address)).toBe(FUNDS);
    expect(outcomeOf(transfer(chain, 1n))).toBe("EXECUTED");
  });

  it("ends everything where it is queued on a strict chain", () => {
    const chain = startResourceChain();
    setTrialFee(chain, "acting::queue", 100n);
    chain.change({ strictFees: true });
    const before = chain.balance(alice.address);
    const queued = actAsTrial(chain, WORK, [arg.u64(1)]);
    expect(outcomeOf(queued)).toBe("0x50::limits 24");
    expect(before - chain.balance(alice.address)).toBe(100n);
  });

  it("pays for its gas elsewhere", () => {
    const chain = startResourceChain();
    const sent = chain.act(alice, WORK, [arg.u64(1_000)]);
    // The intrinsic gas, and some instructions a round.
    expect(sent.receipt.gasUsed).toBeGreaterThan(150n);
    expect(feesOf(sent)).toBe(sent.receipt.gasUsed);
    expect(chain.balance(alice.address)).toBe(FUNDS - sent.receipt.gasUsed);
  });
});

describe("[R4] a fee of 0.05", () => {
  it("buys 1,000 us of CPU and no more", () => {
    const chain = startResourceChain();
    setTrialFee(chain, "acting::work", 500n);
    // 50 instructions a microsecond, about 9 a round.
    const enough = chain.act(alice, WORK, [arg.u64(5_000)]);
    expect(outcomeOf(enough)).toBe("EXECUTED");
    expect(enough.receipt.gasUsed).toBe(500n);
    const tooMuch = chain.act(alice, WORK, [arg.u64(9_000)]);
    expect(outcomeOf(tooMuch)).toBe("0x50::limits 20");
    expect(tooMuch.receipt.gasUsed).toBe(500n);
  });

  it("buys 2,500 bytes of NET and no more", () => {
    const chain = startResourceChain();
    setTrialFee(chain, "acting::swallow", 500n);
    const swallow = (size: number) => chain.act(alice, SWALLOW, [arg.bytes(new Uint8Array(size))]);
    const around = swallow(200).transaction.bytes.length - 200;
    const most = swallow(2_500 - around);
    expect(most.transaction.bytes.length).toBe(2_500);
    expect(outcomeOf(most)).toBe("EXECUTED");
    expect(outcomeOf(swallow(2_501 - around))).toBe("0x50::limits 21");
  });

  it("[C5.2] cannot be 0.0099, which would buy nothing", () => {
    const chain = startResourceChain();
    expect(outcomeOf(setTrialFee(chain, "acting::work", 99n))).toBe("0x50::fees 2");
    expect(outcomeOf(setTrialFee(chain, "acting::work", 150n))).toBe("0x50::fees 2");
    expect(outcomeOf(setTrialFee(chain, "acting::work", 100n))).toBe("EXECUTED");
  });

  it("buys what the producers say instead, where they gave limits of their own", () => {
    const chain = startResourceChain();
    const limits = [5_000, 400, 0] as const;
    expect(outcomeOf(decide(chain, SETFEE, feeRow("acting::work", 500n, limits)))).toBe("EXECUTED");
    expect(outcomeOf(chain.act(alice, WORK, [arg.u64(9_000)]))).toBe("EXECUTED");
    decide(chain, SETFEE, feeRow("acting::swallow", 500n, limits));
    const long = chain.act(alice, SWALLOW, [arg.bytes(new Uint8Array(400))]);
    expect(outcomeOf(long)).toBe("0x50::limits 21");
  });

  it("lets an action store no more than the producers say", () => {
    const chain = startResourceChain();
    decide(chain, SETFEE, feeRow("acting::keep", 500n, [10_000, 1_000, 300]));
    const keep = (size: number) => chain.act(alice, "0x7e57::acting::keep", [arg.u64(size)]);
    expect(outcomeOf(keep(400))).toBe("0x50::limits 22");
    expect(outcomeOf(keep(100))).toBe("EXECUTED");
  });

  it("is in force from the next transaction on, also for native actions", () => {
    const chain = startResourceChain();
    const row = [
      arg.address(makeAddress("0x1")),
      ...feeRow("aptos_account::transfer", 300n).slice(1),
    ];
    // Limits of all zeros are the account's own to set: those of the system are the producers'.
    expect(outcomeOf(decide(chain, SETFEE, row))).toBe("0x50::fees 1");
    const limited = [...row.slice(0, 3), arg.u32(1_000), arg.u32(1_000), arg.u32(0)];
    expect(outcomeOf(decide(chain, SETFEE, limited))).toBe("EXECUTED");
    expect(transfer(chain, 1n).receipt.gasUsed).toBe(300n);
  });
});

describe("[R5] setfee is refused", () => {
  it.each([
    ["0", 0n],
    ["more than 200", 2_000_100n],
  ])("for a fee of %s", (_what, fee) => {
    const chain = startResourceChain();
    expect(outcomeOf(setTrialFee(chain, "acting::work", fee))).toBe("0x50::fees 2");
  });

  it("by another account", () => {
    const chain = startResourceChain();
    const other = chain.act(alice, SETFEE, feeRow("acting::work", 100n));
    expect(outcomeOf(other)).toBe("0x50::fees 1");
  });

  it("with limits by the account itself", () => {
    const chain = startResourceChain();
    const own = actAsTrial(chain, SETFEE, feeRow("acting::work", 100n, [1, 0, 0]));
    expect(outcomeOf(own)).toBe("0x50::fees 1");
  });

  it.each(["work", "::work", "acting::", ""])("for an action called '%s'", (action) => {
    const chain = startResourceChain();
    expect(outcomeOf(setTrialFee(chain, action, 100n))).toBe("0x50::fees 3");
  });

  it("costs 0.1 itself", () => {
    const chain = startResourceChain();
    expect(traceOf(setTrialFee(chain, "acting::work", 100n))).toContain("onfee 1000");
  });
});

describe("[R6] who cannot pay for what is queued", () => {
  it("has the whole transaction undone", () => {
    const chain = startResourceChain();
    const rest = 250n;
    const terms = { maxGas: gasUnits(300n) };
    const sent = transfer(chain, FUNDS - rest, TRIAL, terms);
    expect(outcomeOf(sent)).toBe("0x1::coin 65542");
    expect([TRIAL, TESTA, TESTB].map((of) => chain.balance(of))).toEqual([0n, 0n, 0n]);
    // What was begun is charged, so that failing is not free.
    expect(chain.balance(alice.address)).toBe(FUNDS - 300n);
  });

  it("[C5.3] has it undone at the second action that its fee limit does not cover", () => {
    const chain = startResourceChain();
    const sent = transfer(chain, 5n * COIN, TRIAL, { maxGas: gasUnits(250n) });
    expect(outcomeOf(sent)).toBe("0x50::limits 23");
    expect(traceOf(sent).filter((line) => line.startsWith("onfee"))).toEqual([
      "onfee 100",
      "onfee 100",
      "onfee 0",
    ]);
    expect(chain.balance(alice.address)).toBe(FUNDS - 200n);
    expect(chain.balance(TRIAL)).toBe(0n);
  });

  it("is refused beforehand where the limit does not even cover the first", () => {
    const chain = startResourceChain();
    const refused = chain.refused(alice, "0x50::fees::setfee", feeRow("acting::work", 100n), {
      maxGas: gasUnits(999n),
    });
    expect(refused.status).toBe("MAX_GAS_UNITS_BELOW_MIN_TRANSACTION_GAS_UNITS");
    expect(refused.message).toContain("costs 1000 units of the coin, the transaction allows 999");
  });
});

describe("the fee of an action", () => {
  it("is taken by the chain alone: nobody can call for it", () => {
    const chain = startResourceChain();
    const args = [arg.address(bob.address), arg.u64(5), arg.address(alice.address)];
    expect(outcomeOf(chain.act(alice, "0x50::fees::onfee", args))).toBe("0x50::fees 27");
    expect(outcomeOf(actAsTrial(chain, "0x50::fees::onfee", args))).toBe("0x50::fees 27");
    expect(chain.balance(bob.address)).toBe(FUNDS);
  });

  it("does not pay for more arguments than the producers allow", () => {
    const chain = startResourceChain();
    const setting = [arg.text("res.trxsize"), arg.u64(1_000)];
    decide(chain, "0x50::config::setconfig", [...setting, arg.address(TRIAL), arg.u64(0)]);
    const refused = chain.refused(alice, SWALLOW, [arg.bytes(new Uint8Array(1_001))]);
    expect(refused.status).toBe("EXCEEDED_MAX_TRANSACTION_SIZE");
  });
});
