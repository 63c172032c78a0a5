/**
 * A channel of some members in this process: the real chain with the real chat on it, real keys and
 * journals, and messages that travel in turns of the event loop.
 */
import { type ChainNode, createChainNode, createMemoryStore as createChainStore } from "#chains";
import {
  type Clock,
  createMemoryNetwork,
  DEFAULT_PARAMETERS,
  type MemoryNetwork,
  type Parameters,
  type Phase,
  platformClock,
  platformEntropy,
} from "#channel";
import { newSeat, type Player, type Room, type SeatOfPlayer, sitDown } from "./player.ts";

const POLL_MS = 2;

export interface Table {
  readonly room: Room;
  /** In the order of their seats; one who was restarted keeps its place. */
  readonly players: Player[];
  readonly seats: SeatOfPlayer[];
}

export interface TableOptions {
  readonly clock?: Clock;
  readonly group?: bigint;
  readonly parameters?: Parameters;
}

/** Opens a chain in memory. Its time is the clock's. */
export function openChain(clock: Clock = platformClock): Promise<ChainNode> {
  return createChainNode({ clock, entropy: platformEntropy, store: createChainStore() });
}

/** A network without a delay of its own: a message takes one turn of the event loop. */
export function quickNetwork(): MemoryNetwork {
  return createMemoryNetwork((task) => void setImmediate(task));
}

/** Seats `count` members at a channel of their own; resolves when all of them play. */
export async function seat(
  chain: ChainNode,
  count: number,
  { clock = platformClock, group = 1n, parameters = DEFAULT_PARAMETERS }: TableOptions = {},
): Promise<Table> {
  const room = { clock, chain: chain.connect(), network: quickNetwork(), group, parameters };
  const table: Table = { room, players: [], seats: [] };
  for (let number = 1; number <= count; number++) await addPlayer(table);
  await until(clock, () => table.players.every(({ machine }) => plays(machine.phase)));
  return table;
}

export async function addPlayer({ room, players, seats }: Table): Promise<Player> {
  const place = newSeat(`member ${seats.length + 1}`);
  const player = await sitDown(room, place);
  seats.push(place);
  players.push(player);
  return player;
}

export function plays(phase: Phase): boolean {
  return phase === "leading" || phase === "following";
}

export async function leave({ players }: Table): Promise<void> {
  await Promise.all(players.map((player) => player.stop()));
}

/** Looks every other millisecond of the clock. */
export function until(clock: Clock, isDone: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (isDone()) resolve();
      else clock.after(POLL_MS, look);
    };
    look();
  });
}
