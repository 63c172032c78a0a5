/**
 * The land of blocks of the seed, as an app: `0x21::movecraft`, over lands in the contract's own
 * world, which anybody may make. What was built since the session began, and where heroes are, lies
 * beside the channel's state: `readLand` and `readTraveller` ask for it.
 */
import { assert } from "#core/assert.ts";
import type { JsValue } from "#sandbox";
import type { App } from "./app.ts";
import type { Channel } from "./channel-client.ts";
import { fieldsOf } from "./js-fields.ts";

/** Blocks of a land along x and z, and along y, which is height. */
export const LAND_SIDE = 16;
export const LAND_HEIGHT = 32;
/** The kind that stands for no block. */
export const AIR = 0;

export interface MovecraftState {
  readonly name: string;
  /** Loose blocks that will fall with the next ticks. */
  readonly fallingCount: number;
}

export type MovecraftCalls = {
  /** Kind 0 takes a block away. Within 5 blocks of the hero; 32 of each kind to begin with. */
  readonly place_block: readonly [x: bigint, y: bigint, z: bigint, kind: number];
  /** One step, or none: the first lets the hero fall to the ground. */
  readonly move_hero: readonly [x: bigint, z: bigint];
};

export type MovecraftChannel = Channel<MovecraftState, MovecraftCalls>;

export interface Traveller {
  readonly name: string;
  readonly at: readonly [x: number, y: number, z: number];
  /** Blocks in the inventory, by kind. */
  readonly carried: readonly number[];
}

const LAND = [{ address: "0x21" }, { from: "room" }] as const;
const ROOM = [{ from: "room" }] as const;
const HERO = { string: "Hero" } as const;

export const movecraft: App<MovecraftState, MovecraftCalls> = {
  binding: {
    name: "movecraft",
    module: "0x21::movecraft",
    state: "Land",
    chain: {
      find: { function: "land_session_channel", args: ROOM },
      prepare: [
        { function: "land_create", args: [...LAND, { from: "roomName" }] },
        { function: "game_account_create", args: [HERO] },
      ],
      create: { function: "land_session_create_with_stake", args: [...LAND, { from: "stake" }] },
      join: { function: "land_session_enter", args: [...ROOM, HERO] },
      leave: { function: "land_channel_leave", args: [{ from: "channel" }] },
      close: { function: "land_session_close", args: ROOM },
      settle: { function: "land_settlement", args: [{ from: "channel" }, { from: "proposal" }] },
    },
  },
  read(value) {
    const { name, terrain } = fieldsOf(value);
    assert(typeof name === "string" && terrain !== undefined, "a land has a name and a terrain");
    const { falling } = fieldsOf(terrain);
    assert(Array.isArray(falling), "a terrain says what falls");
    return { name, fallingCount: falling.length };
  },
};

/**
 * The land as this node has it: kinds of block by `(y * 16 + z) * 16 + x`. Rejects with a
 * HoldfastError VIEW_FAILED.
 */
export async function readLand(channel: Pick<MovecraftChannel, "view">): Promise<Uint8Array> {
  const [layers] = await channel.view("land_layers");
  assert(Array.isArray(layers) && layers.length === LAND_HEIGHT, "a land has its layers");
  const blocks = new Uint8Array(LAND_HEIGHT * LAND_SIDE * LAND_SIDE);
  for (const [y, layer] of layers.entries()) {
    assert(layer instanceof Uint8Array, "a layer is bytes");
    blocks.set(layer, y * LAND_SIDE * LAND_SIDE);
  }
  return blocks;
}

/** A member's hero as this node has it. Rejects with a HoldfastError VIEW_FAILED for strangers. */
export async function readTraveller(
  channel: Pick<MovecraftChannel, "view">,
  address: string,
): Promise<Traveller> {
  const [name, x, y, z, carried] = await channel.view("traveller", address);
  assert(typeof name === "string" && Array.isArray(carried), "a hero has a name and carries");
  return { name, at: [numberOf(x), numberOf(y), numberOf(z)], carried: carried.map(numberOf) };
}

function numberOf(value: JsValue | undefined): number {
  assert(typeof value === "bigint", "places and counts are u64");
  return Number(value);
}
