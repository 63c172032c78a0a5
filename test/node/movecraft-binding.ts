// How the movecraft contract is driven by a node: what a game's app has of it.
import type { AppBinding } from "../../src/node/app.ts";

const LAND = [{ address: "0x21" }, { from: "room" }] as const;
const HERO = { string: "Hero" } as const;
const ROOM = [{ from: "room" }] as const;

export const MOVECRAFT: AppBinding = {
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
};
