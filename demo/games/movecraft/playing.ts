// Brings what the channel tells into the land, and what the player does into the channel. Blocks
// and heroes lie beside the channel's state: they are asked for whenever the log has moved.
import {
  type ChannelEntry,
  HoldfastError,
  type MovecraftChannel,
  readLand,
  readTraveller,
  type Traveller,
} from "holdfast";
import type { GameHost } from "../game.ts";
import type { LandModel, Move } from "./land-model.ts";
import { BUILD_REFUSALS, WALK_REFUSALS } from "./refusals.ts";

export function hearLand(channel: MovecraftChannel, model: LandModel, host: GameHost): void {
  let isReading = false;
  let isStale = false;
  /** One reading at a time; what is told meanwhile leads to one more. */
  const read = async (): Promise<void> => {
    isStale = true;
    if (isReading) return;
    isReading = true;
    while (isStale) {
      isStale = false;
      await readInto(channel, model);
      host.changed();
    }
    isReading = false;
  };
  let members = "";
  model.readEntries(channel.entries);
  void read();
  channel.on("entries", (entries) => {
    model.readEntries(entries);
    if (entries.some(matters)) void read();
  });
  channel.on("reverted", (height) => {
    model.revert(height);
    void read();
  });
  channel.on("change", () => void read());
  channel.on("status", (status) => {
    const now = status.members.map(({ address, isAdmitted }) => `${address} ${isAdmitted}`).join();
    if (now === members) return;
    members = now;
    void read();
  });
}

/** Most ticks pass without anything falling. */
function matters({ type, events }: ChannelEntry): boolean {
  return type !== "tick" || events.length > 0;
}

async function readInto(channel: MovecraftChannel, model: LandModel): Promise<void> {
  try {
    const take = model.beginReading();
    const addresses = channel.status?.members.map(({ address }) => address) ?? [];
    const [land, ...travellers] = await Promise.all([
      readLand(channel),
      ...addresses.map((address) => travellerOf(channel, address)),
    ]);
    take(land, new Map(travellers.flatMap((one) => (one === undefined ? [] : [one]))));
  } catch (error) {
    // The state is not here yet, or the node is no more: what it tells next leads to another try.
    if (!(error instanceof HoldfastError)) throw error;
  }
}

/** Who was not let in yet has no hero in the land. */
async function travellerOf(
  channel: MovecraftChannel,
  address: string,
): Promise<readonly [string, Traveller] | undefined> {
  try {
    return [address, await readTraveller(channel, address)];
  } catch (error) {
    if (error instanceof HoldfastError && error.code === "VIEW_FAILED") return undefined;
    throw error;
  }
}

/** Makes a move, and follows it. */
export function play(
  channel: MovecraftChannel,
  model: LandModel,
  move: Move,
  host: GameHost,
): ReturnType<MovecraftChannel["call"]> {
  if (move.type === "walk") {
    const handle = channel.call("move_hero", BigInt(move.x), BigInt(move.z));
    model.follow(move, handle);
    host.follow(handle, { refusals: WALK_REFUSALS });
    return handle;
  }
  const { x, y, z } = move.at;
  const handle = channel.call("place_block", BigInt(x), BigInt(y), BigInt(z), move.kind);
  model.follow(move, handle);
  host.follow(handle, { refusals: BUILD_REFUSALS });
  return handle;
}
