// What the contract keeps of the code that a channel pins; the chain that tells it is tested in
// test/chains/pinning.test.ts.
import { describe, expect, it } from "vitest";
import { addressToBytes, makeAddress } from "#core/address.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { codeOf } from "../abort.ts";
import { openChatChannel } from "../chat-channel.ts";
import { arg, type ContractChain, startContractChain } from "../contract-chain.ts";

const CHAT = makeAddress("0x21");
const PROFILE = new Uint8Array(32).fill(7);

function pin(chain: ContractChain, id: bigint) {
  const args = [
    arg.u64(id),
    arg.bytes(PROFILE),
    encodeBcs((writer) => writer.vector([CHAT], (out, address) => out.address(address))),
    encodeBcs((writer) => writer.vector(["chat"], (out, name) => out.string(name))),
  ];
  return codeOf(chain.system("0x20::pinning::pin", { args }));
}

function isPinned(chain: ContractChain): boolean {
  const args = [addressToBytes(CHAT), arg.text("chat")];
  return chain.view("0x20::pinning::is_pinned", { args })[0]?.[0] === 1;
}

function profileOf(chain: ContractChain, id: bigint): Uint8Array | undefined {
  return chain.view("0x20::pinning::get_profile", { args: [arg.u64(id)] })[0]?.subarray(1);
}

describe("pinned code", () => {
  it("is held while the channel is open, and its profile for ever", () => {
    const { chain, id } = openChatChannel(startContractChain());
    expect([isPinned(chain), profileOf(chain, id)]).toEqual([false, ZERO_HASH]);
    expect(pin(chain, id)).toBe("EXECUTED");
    expect([isPinned(chain), profileOf(chain, id)]).toEqual([true, PROFILE]);
    const release = { args: [arg.u64(id)] };
    expect(codeOf(chain.system("0x20::pinning::release", release))).toBe("EXECUTED");
    expect([isPinned(chain), profileOf(chain, id)]).toEqual([false, PROFILE]);
    expect(codeOf(chain.system("0x20::pinning::release", release))).toBe("EXECUTED");
  });

  it("of a channel that is not there is none", () => {
    expect(pin(startContractChain(), 9n)).toBe(1);
  });
});
