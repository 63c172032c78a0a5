// A chain that hands out the altered contract in place of the real one. A sandbox that loads it
// executes what no other player's does.
import { type ModuleId, makeAddress } from "holdfast/sandbox";
import type { ChainLink } from "holdfast/settlement";
import { ALTERED_CHAT } from "../cheat/altered-chat.ts";

const ROOCH_DEMO = makeAddress("0x21");

export function alteredChain(chain: ChainLink): ChainLink {
  const altered = bytesOf(ALTERED_CHAT);
  const module: ChainLink["module"] = async (id) => (isChat(id) ? altered : chain.module(id));
  return { ...chain, access: (signer) => ({ ...chain.access(signer), module }) };
}

function isChat({ address, name }: ModuleId): boolean {
  return address === ROOCH_DEMO && name === "chat";
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
