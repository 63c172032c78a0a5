/** The way into a channel: its seat on chain, and what a member needs to play. Knows no machine. */
import type { Address } from "#core/address.ts";
import { equalBytes } from "#core/bytes.ts";
import { createStateTree } from "#sandbox";
import {
  type ChainAccess,
  type LoadedChannel,
  loadChannel,
  type SettlementAdapter,
  SettlementError,
} from "#settlement";
import type { RoomDapp } from "./dapp-calls.ts";
import { HoldfastError } from "./holdfast-error.ts";
import { initialState } from "./pinned-executor.ts";

/** A settlement may come between two reads of the chain; hardly ever between so many. */
const LOADS_MAX = 5;

/** Whether the account holds a seat in the room's channel already. */
export async function hasSeat(settlement: SettlementAdapter, account: Address): Promise<boolean> {
  const id = await settlement.find();
  const channel = id === undefined ? undefined : await settlement.channel(id);
  const members = channel?.members ?? [];
  return members.some(({ address, standing }) => address === account && standing === "joined");
}

/**
 * The id of the room's channel, in which this account then has a seat. Rejects with
 * `SettlementError`.
 */
export async function enterChannel(
  settlement: SettlementAdapter,
  dapp: RoomDapp,
  stake: bigint,
): Promise<bigint> {
  try {
    return (await settlement.enter(stake)).id;
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    if (error.code === "ALREADY_MEMBER") return reenter(settlement, stake);
    // The app's own contract refused: most likely what `create` needs is there already.
    if (error.code !== "CONTRACT_FAILED" || dapp.isPrepared) throw error;
    dapp.isPrepared = true;
    return enterChannel(settlement, dapp, stake);
  }
}

/** Fetches what an earlier seat left behind, and takes a new one. */
async function reenter(settlement: SettlementAdapter, stake: bigint): Promise<bigint> {
  const id = await settlement.find();
  if (id !== undefined) await settlement.leave(id);
  return (await settlement.enter(stake)).id;
}

/** Loads a channel, with a state that is the one its chain view speaks of. */
export async function loadForPlay(access: ChainAccess, id: bigint): Promise<LoadedChannel> {
  for (let count = 0; count < LOADS_MAX; count++) {
    const loaded = await loadChannel(access, id);
    if (isConsistent(loaded)) return loaded;
  }
  const message = `Channel ${id} settles faster than it can be read; try again.`;
  throw new HoldfastError({ code: "CHANNEL_BUSY", message });
}

function isConsistent(loaded: LoadedChannel): boolean {
  const { settled } = loaded.channel;
  if (settled.header.number > 0n) return true;
  const state = createStateTree();
  state.apply(initialState(loaded));
  return equalBytes(state.root(), settled.stateRoot);
}
