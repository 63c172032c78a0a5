// What the producers decide together.
import { describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import { gasUnits } from "#core/gas-units.ts";
import { accountNamed } from "../fixture.ts";
import {
  alice,
  arg,
  COIN,
  decide,
  outcomeOf,
  producer,
  type ResourceChain,
  startResourceChain,
  TRIAL,
  traceOf,
} from "./resource-chain.ts";

const NAME = arg.text("cheaper");
const KEY = [arg.address(alice.address), NAME];

function setting(name: string, num: bigint): readonly Uint8Array[] {
  return [arg.text(name), arg.u64(num), arg.address(TRIAL), arg.u64(0)];
}

function propose(chain: ResourceChain) {
  const args = arg.list(setting("res.cpufee", 400n));
  const call = [arg.text("config"), arg.text("setconfig"), args];
  return chain.act(alice, "0x50::multisig::propose", [NAME, ...call]);
}

function by(chain: ResourceChain, who: AccountSigner, name: string) {
  return outcomeOf(chain.act(who, `0x50::multisig::${name}`, KEY));
}

function cpuFee(chain: ResourceChain): bigint {
  return chain.view("0x50::config::cpu_fee").u64();
}

/** A chain on which two more stand and are in office. */
function withThreeInOffice(): { chain: ResourceChain; others: readonly AccountSigner[] } {
  const chain = startResourceChain();
  const others = ["ben", "cat"].map(accountNamed);
  for (const other of others) {
    chain.fund(other.address, 1_000n * COIN);
    const update = [arg.bytes(other.publicKey), arg.u64(0), arg.text("")];
    const terms = { maxGas: gasUnits(1_100_000n) };
    chain.ok(other, "0x50::producers::updatebp", update, terms);
  }
  chain.skipTo(99n);
  chain.blocks(1);
  return { chain, others };
}

describe("a proposal", () => {
  it("runs as the producers' own action when more than two thirds approve", () => {
    const { chain, others } = withThreeInOffice();
    expect(outcomeOf(propose(chain))).toBe("EXECUTED");
    const [ben, cat] = others;
    if (ben === undefined || cat === undefined) throw new Error("two more stand");
    for (const who of [producer, ben]) by(chain, who, "approve");
    expect(by(chain, alice, "exec")).toBe("0x50::multisig 18");
    expect(cpuFee(chain)).toBe(200n);
    by(chain, cat, "approve");
    by(chain, cat, "approve");
    by(chain, ben, "unapprove");
    expect(by(chain, alice, "exec")).toBe("0x50::multisig 18");
    by(chain, ben, "approve");
    expect(by(chain, alice, "exec")).toBe("EXECUTED");
    expect(cpuFee(chain)).toBe(400n);
    expect(by(chain, alice, "exec")).toBe("0x50::multisig 17");
  });

  it("is approved by producers in office alone, and can be taken back", () => {
    const chain = startResourceChain();
    propose(chain);
    expect(outcomeOf(propose(chain))).toBe("0x50::multisig 17");
    expect(by(chain, alice, "approve")).toBe("0x50::multisig 16");
    expect(by(chain, producer, "unapprove")).toBe("0x50::multisig 17");
    const cancel = () => outcomeOf(chain.act(alice, "0x50::multisig::cancel", [NAME]));
    expect(cancel()).toBe("EXECUTED");
    expect(cancel()).toBe("0x50::multisig 17");
    expect(by(chain, producer, "approve")).toBe("0x50::multisig 17");
  });
});

describe("a setting", () => {
  it("has a fee of its own, though the original's table misspells its name", () => {
    const chain = startResourceChain({ strictFees: true });
    const decided = decide(chain, "0x50::config::setconfig", setting("res.cpufee", 400n));
    expect(outcomeOf(decided)).toBe("EXECUTED");
    expect(traceOf(decided)).toContain("onfee 100");
  });

  it("is set by the producers together and by nobody else", () => {
    const chain = startResourceChain();
    const alone = chain.act(alice, "0x50::config::setconfig", setting("res.cpufee", 400n));
    expect(outcomeOf(alone)).toBe("0x50::config 1");
    const decided = decide(chain, "0x50::config::setconfig", setting("res.cpufee", 400n));
    expect(outcomeOf(decided)).toBe("EXECUTED");
    expect(cpuFee(chain)).toBe(400n);
  });

  it.each([
    ["a name that there is none of", "res.votager", 1n, "0x50::config 3"],
    ["nothing", "res.cpufee", 0n, "0x50::config 14"],
    ["more than is sensible", "res.freeram", 1_000_000_001n, "0x50::config 14"],
  ])("is not %s", (_what, name, num, outcome) => {
    const chain = startResourceChain();
    expect(outcomeOf(decide(chain, "0x50::config::setconfig", setting(name, num)))).toBe(outcome);
  });

  it("has none until it is set, and its default meanwhile", () => {
    const chain = startResourceChain();
    const number = () =>
      chain.view("0x50::config::get_num", arg.text("res.netfee")).vector((reader) => reader.u64());
    expect(number()).toEqual([]);
    expect(chain.view("0x50::config::net_fee").u64()).toBe(500n);
    decide(chain, "0x50::config::setconfig", setting("res.netfee", 600n));
    expect(number()).toEqual([600n]);
  });
});
