// Inline actions and notifications: whose authority they have, how many there may be, and that one
// that fails fails all.
import { describe, expect, it } from "vitest";
import { BcsReader } from "#core/bcs/reader.ts";
import { gasUnits } from "#core/gas-units.ts";
import {
  actAsTrial,
  alice,
  arg,
  bob,
  COIN,
  FUNDS,
  outcomeOf,
  startResourceChain,
  TRIAL,
  traceOf,
} from "./resource-chain.ts";

const TRANSFER = "0x1::aptos_account::transfer";
const NEST = "0x7e57::acting::nest";

describe("an inline action", () => {
  it("acts for the account of the module that queued it, never for who signed", () => {
    const chain = startResourceChain();
    const sent = chain.act(alice, NEST, [arg.u64(2)]);
    const acted = sent.receipt.events.filter(
      ({ type }) => type.kind === "struct" && type.struct.name === "Acted",
    );
    const actors = acted.map(({ data }) => new BcsReader(data).address());
    expect(actors).toEqual([alice.address, TRIAL, TRIAL]);
  });

  it("cannot spend the coins of who signed", () => {
    const chain = startResourceChain();
    const steal = [arg.address(bob.address), arg.u64(COIN)];
    const sent = actAsTrial(chain, "0x1::aptos_account::transfer", steal);
    // The contract has no coins of its own, nor an account.
    expect(outcomeOf(sent)).toBe("0x1::coin 393221");
    expect(chain.balance(bob.address)).toBe(FUNDS);
  });

  it("nests four deep and no deeper", () => {
    const chain = startResourceChain();
    expect(outcomeOf(chain.act(alice, NEST, [arg.u64(4)]))).toBe("EXECUTED");
    expect(outcomeOf(chain.act(alice, NEST, [arg.u64(5)]))).toBe("0x50::limits 25");
  });

  it("takes type arguments", () => {
    const chain = startResourceChain();
    chain.fund(TRIAL, 10n * COIN);
    const pay = [arg.address(bob.address), arg.u64(COIN)];
    const typeArgs = ["0x1::aptos_coin::AptosCoin"];
    const name = "0x1::aptos_account::transfer_coins";
    // What the faucet paid was passed on, so the contract is paid once more.
    const passedOn = actAsTrial(chain, name, pay, { typeArgs });
    expect(outcomeOf(passedOn)).toBe("0x1::coin 65542");
    const direct = [arg.address(TRIAL), arg.u64(COIN)];
    chain.ok(alice, name, direct, { typeArgs });
    expect(outcomeOf(actAsTrial(chain, name, pay, { typeArgs }))).toBe("EXECUTED");
    expect(chain.balance(bob.address)).toBe(FUNDS + COIN);
  });

  it.each([
    ["0x7e57::acting::nest", "NUMBER_OF_ARGUMENTS_MISMATCH"],
    ["0x7e57::acting::missing", "FUNCTION_RESOLUTION_FAILURE"],
    ["0x7e57::nowhere::nest", "LINKER_ERROR"],
    ["0x50::ram::count", "INVALID_MAIN_FUNCTION_SIGNATURE"],
  ] as const)("fails all where %s cannot be called without arguments: %s", (name, status) => {
    const chain = startResourceChain();
    expect(outcomeOf(actAsTrial(chain, name, []))).toBe(status);
  });

  it("fails all where it names no function or no type", () => {
    const chain = startResourceChain();
    const call = (name: string, type: string) =>
      chain.act(alice, "0x7e57::acting::queue", [
        arg.address(TRIAL),
        arg.text("acting"),
        arg.text(name),
        arg.list([new TextEncoder().encode(type)]),
        arg.list([]),
      ]);
    expect(outcomeOf(call("not a name", "u8"))).toBe("0x50::limits 26");
    expect(outcomeOf(call("nest", "not a type"))).toBe("0x50::limits 26");
  });

  it("pays for its gas out of what its transaction allows", () => {
    const chain = startResourceChain();
    const work = actAsTrial(chain, "0x7e57::acting::work", [arg.u64(100_000)], {
      maxGas: gasUnits(1_000n),
    });
    expect(outcomeOf(work)).toBe("OUT_OF_GAS");
    expect(work.receipt.gasUsed).toBe(1_000n);
    expect(chain.balance(alice.address)).toBe(FUNDS - 1_000n);
  });
});

describe("a notification", () => {
  it("of an account that does not listen is traced and does nothing", () => {
    const chain = startResourceChain();
    const sent = chain.act(alice, "0x7e57::acting::tell", [arg.address(bob.address), arg.u64(2)]);
    expect(traceOf(sent).slice(1)).toEqual(["acting::tell", "bob is told", "bob is told"]);
  });

  it("may come 32 times and no more", () => {
    const chain = startResourceChain();
    const tell = (times: number) =>
      outcomeOf(
        chain.act(alice, "0x7e57::acting::tell", [arg.address(bob.address), arg.u64(times)]),
      );
    expect(tell(32)).toBe("EXECUTED");
    expect(tell(33)).toBe("0x50::limits 25");
  });

  it("runs within what its action's fee would buy", () => {
    const chain = startResourceChain();
    const tiring = chain.act(alice, TRANSFER, [arg.address(TRIAL), arg.u64(13)]);
    expect(outcomeOf(tiring)).toBe("0x50::limits 20");
    expect(tiring.receipt.gasUsed).toBe(100n);
    expect(chain.balance(alice.address)).toBe(FUNDS - 100n);
  });

  it("that fails undoes what it told of", () => {
    const chain = startResourceChain();
    const unwelcome = chain.act(alice, TRANSFER, [arg.address(TRIAL), arg.u64(17)]);
    expect(outcomeOf(unwelcome)).toBe("0x7e57::receiver 1");
    expect(chain.balance(TRIAL)).toBe(0n);
    expect(chain.balance(alice.address)).toBe(FUNDS - 100n);
  });
});
