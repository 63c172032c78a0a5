// Twenty-one as an app: which contract it is, how its channels are made on chain, how a game reads.
import type { App, JsValue } from "holdfast";

export interface Game {
  readonly total: number;
  /** Addresses; 0x0 where nobody has added, or won, yet. */
  readonly last: string;
  readonly winner: string;
  readonly rounds: bigint;
}

/** The contract's entry functions that players call, without the signer. */
export type Calls = { readonly add: readonly [step: number] };

/** Where the contract was published: the publisher's account, as in Move.toml. */
export const ADDRESS = "0x355db5643a3ae86e6cb481b6a35747db5d328ae2dba058f72dc8fda82e8fb24c";

const ROOM = { from: "room" } as const;

export const twentyOne: App<Game, Calls> = {
  binding: {
    name: "twenty-one",
    module: `${ADDRESS}::twenty_one`,
    state: "Game",
    chain: {
      find: { function: "channel_of", args: [ROOM] },
      prepare: [],
      create: { function: "create", args: [ROOM, { from: "stake" }] },
      join: { function: "join", args: [ROOM] },
      leave: { function: "leave", args: [{ from: "channel" }] },
      close: { function: "close", args: [ROOM] },
      settle: { function: "settle", args: [{ from: "channel" }, { from: "proposal" }] },
    },
  },
  // A struct comes as an object: u8 to u32 as numbers, u64 and more as bigints, addresses as text.
  read: (value: JsValue) => value as unknown as Game,
};
