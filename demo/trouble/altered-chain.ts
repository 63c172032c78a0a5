// A chain that hands out the altered contract in place of the real one, and denies that the channel
// pinned another: a node checks what it loads. A sandbox that loads it executes what no other
// player's does.
import { type FunctionId, type ModuleId, makeAddress } from "holdfast/sandbox";
import type { ChainAccess, ChainLink } from "holdfast/settlement";
import { ALTERED_CHAT } from "../cheat/altered-chat.ts";

const ROOCH = makeAddress("0x20");
const ROOCH_DEMO = makeAddress("0x21");
/** BCS of the hash that stands for no pin: 32 zeros behind their count. */
const NO_PROFILE = Uint8Array.from({ length: 33 }, (_, index) => (index === 0 ? 32 : 0));

export function alteredChain(chain: ChainLink): ChainLink {
  const altered = bytesOf(ALTERED_CHAT);
  const module: ChainLink["module"] = async (id) => (isChat(id) ? altered : chain.module(id));
  const access: ChainLink["access"] = (signer) => {
    const honest = chain.access(signer);
    const view: ChainAccess["view"] = async (call) =>
      isPin(call.function) ? [NO_PROFILE] : honest.view(call);
    return { ...honest, module, view };
  };
  return { ...chain, access };
}

function isPin({ module: { address, name } }: FunctionId): boolean {
  return address === ROOCH && name === "pinning";
}

function isChat({ address, name }: ModuleId): boolean {
  return address === ROOCH_DEMO && name === "chat";
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
