/**
 * `createNode`: a player's node, wherever it lives. Gives every channel of the node its own object
 * for the game and takes the node's reports to it. Knows no thread, transport or chain.
 */
import type { App, AppCalls } from "./app.ts";
import { browserWorld } from "./browser-world.ts";
import { type Channel, type ChannelClient, createChannelClient } from "./channel-client.ts";
import { HoldfastError, plainErrorOf } from "./holdfast-error.ts";
import type { ChannelEvent, HostEvent, HostReady } from "./host.ts";
import type { World } from "./world.ts";

/**
 * Units that a member of a new channel stakes when the game does not say: play money of the
 * embedded chain.
 */
const DEFAULT_STAKE = 100n;
const DEFAULT_ROOM = "main";

export interface NodeOptions<State, Calls extends AppCalls> {
  readonly app: App<State, Calls>;
  /** Units of the chain's coin that each member of a channel made by this node stakes. */
  readonly stake?: bigint | number;
  /** The browser's where absent; see `browserWorld` and, for Node, `createLocalWorld`. */
  readonly world?: World | undefined;
  /** Tells apart several nodes of one tab; the app's name where absent. */
  readonly name?: string;
}

export interface Node<State, Calls extends AppCalls = AppCalls> {
  /** The player's address on chain; settled once a channel is open. */
  readonly address: string;
  /**
   * Finds or makes the channel of a room, joins it and starts to play.
   * Rejects with a `HoldfastError`: CHANNEL_FULL, BANNED, NO_FUNDS and others of docs/ERRORS.md.
   */
  readonly open: (room?: string) => Promise<Channel<State, Calls>>;
  /** Stops the node. Its seats stay: the same tab goes on where it was. */
  readonly close: () => Promise<void>;
}

/** Starts a player's node. Rejects with a `HoldfastError`. */
export async function createNode<State, Calls extends AppCalls>(
  options: NodeOptions<State, Calls>,
): Promise<Node<State, Calls>> {
  const { binding, read } = options.app;
  const clients = new Map<number, ChannelClient<State, Calls>>();
  /** Reports about a channel that `open` has not answered for yet. */
  const early = new Map<number, ChannelEvent[]>();

  function receive({ handle, event }: HostEvent): void {
    const isOut = event.type === "status" && event.status.phase === "departed";
    // Who left or was thrown out is nobody for another tab to be.
    if (isOut && player.identity !== "") memory.forget(player.identity);
    const client = clients.get(handle);
    if (client !== undefined) return client.receive(event);
    early.set(handle, [...(early.get(handle) ?? []), event]);
  }

  function become(who: HostReady): void {
    if (who.identity === player.identity) return;
    player = who;
    memory.remember(who.identity);
  }

  let player: HostReady = { identity: "", address: "" };
  const world = options.world ?? browserWorld();
  const { host, memory, end } = await raised(world.lodge(options.name ?? binding.name, receive));
  const { remembered, known } = memory;
  const stake = BigInt(options.stake ?? DEFAULT_STAKE);
  become(await raised(host.start({ binding, stake, remembered, known })));

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await raised(host.stop());
    end();
  }

  return {
    get address() {
      return player.address;
    },
    async open(room = DEFAULT_ROOM) {
      const opened = await raised(host.open(room));
      become(opened.player);
      const known = clients.get(opened.handle);
      if (known !== undefined) return known.channel;
      const client = createChannelClient<State, Calls>(host, opened, read);
      clients.set(opened.handle, client);
      for (const event of early.get(opened.handle) ?? []) client.receive(event);
      early.delete(opened.handle);
      return client.channel;
    },
    close: () => (closing ??= close()),
  };
}

/** What the public API raises is a `HoldfastError`, wherever it came from. */
async function raised<T>(act: Promise<T>): Promise<T> {
  try {
    return await act;
  } catch (error) {
    throw error instanceof HoldfastError ? error : new HoldfastError(plainErrorOf(error), error);
  }
}
