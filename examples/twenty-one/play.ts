// A player of twenty-one: sits down, is told of every move and every won round, and adds.
import { createNode, type World } from "holdfast";
import { type Game, twentyOne } from "./twenty-one.ts";

export interface Shown {
  readonly game: (game: Game) => void;
  /** Once nobody can take the round back. */
  readonly won: (player: string) => void;
}

export async function play(world: World, room: string, shown: Shown) {
  const node = await createNode({ app: twentyOne, stake: 100n, world });
  const channel = await node.open(room);
  let told = 0n;

  channel.on("change", shown.game);
  channel.on("progress", ({ confirmed }) => {
    for (const { height, events } of channel.entries) {
      if (height <= told || height > confirmed) continue;
      for (const { type, data } of events) {
        if (type.endsWith("::twenty_one::Won")) shown.won((data as { player: string }).player);
      }
    }
    told = confirmed;
  });

  return {
    address: node.address,
    channelId: channel.id,
    /** Rejects with the contract's abort code: 0x30002 when it is somebody else's turn. */
    add: (step: number) => channel.call("add", step).confirmed,
    /** Asks the contract, over the state as this player has it. */
    missing: async () => Number((await channel.view("missing"))[0]),
    settle: () => channel.settle(),
    close: () => node.close(),
  };
}
