// A chain that hands out the altered contract in place of the real one. A sandbox that loads it
// executes what no other player's does.
import type { ChainClient } from "holdfast/chains";
import { type ModuleId, makeAddress } from "holdfast/sandbox";
import { ALTERED_CHAT } from "../cheat/altered-chat.ts";

const ROOCH_DEMO = makeAddress("0x21");

export function alteredChain(chain: ChainClient): ChainClient {
  const altered = bytesOf(ALTERED_CHAT);
  return {
    ...chain,
    module: async (id) => (isChat(id) ? altered : chain.module(id)),
  };
}

function isChat({ address, name }: ModuleId): boolean {
  return address === ROOCH_DEMO && name === "chat";
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
