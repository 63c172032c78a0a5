// Stand-ins for the machines of a simulated channel: the same state, changed where a test says, so
// that what such a machine decides can be looked at. Nothing of theirs leaves the test; the state
// tree alone they share with the node that they stand for.

import { present } from "#core/assert.ts";
import type { ChainChannel, ChainMember } from "../../../src/channel/chain-view.ts";
import { decode, decodeMessage } from "../../../src/channel/codec.ts";
import type { Effect, SettlementCommand } from "../../../src/channel/core/effect.ts";
import { memberOf, peerOfSeat, peerState } from "../../../src/channel/core/members.ts";
import { type JournalEntry, journalEntry } from "../../../src/channel/core/records.ts";
import type { Leadership, Machine } from "../../../src/channel/core/state.ts";
import type { Message } from "../../../src/channel/messages/wire.ts";
import type { Epoch } from "../../../src/channel/messages.ts";
import type { PeerId } from "../../../src/channel/ports.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import { World } from "../../simulation/world.ts";

/** A channel of this many members that has come to rest. */
export async function worldOf(count: number, seed: number): Promise<World> {
  const world = await World.begin({ seed });
  await world.gather(count);
  await world.run(2_000);
  return world;
}

export function standIn(node: SimNode, changes: Partial<Machine> = {}): Machine {
  const { running } = node;
  const { log, promises, peers, leadership, sync, watch, early } = running;
  return {
    ...running,
    effects: [],
    log: { ...log, items: [...log.items] },
    promises: { ...promises },
    peers: new Map([...peers].map(([peer, state]) => [peer, { ...state }])),
    leadership: leadership === undefined ? undefined : copyOf(leadership),
    watch: { ...watch },
    early: new Map(early),
    pool: new Map(),
    ordered: new Map(running.ordered),
    commands: new Map(),
    sync: { ...sync },
    wishes: new Map(),
    lapses: new Map(),
    ...changes,
  };
}

function copyOf(leadership: Leadership): Leadership {
  const { viewChanges, acks } = leadership;
  return { ...leadership, viewChanges: new Map(viewChanges), acks: new Map(acks) };
}

/** Changes what it knows of the chain. */
export function see(machine: Machine, changes: Partial<ChainChannel>): void {
  machine.chain = { ...machine.chain, ...changes };
}

/** Changes what it knows of one member of the chain. */
export function seeMember(machine: Machine, seat: bigint, changes: Partial<ChainMember>): void {
  const members = machine.chain.members.map((member) =>
    member.seat === seat ? { ...member, ...changes } : member,
  );
  see(machine, { members });
}

/** The last sign of a seat came this long ago: here, and on chain. */
export function quieten(
  machine: Machine,
  seat: bigint,
  { hereMs, chainMs }: { readonly hereMs?: bigint; readonly chainMs?: bigint },
): void {
  const peer = peerOfSeat(machine, seat);
  if (hereMs !== undefined && peer !== undefined) {
    peerState(machine, peer).heardAt = machine.now - hereMs;
  }
  if (chainMs !== undefined) seeMember(machine, seat, { lastAlive: machine.chain.now - chainMs });
}

/** Has a seat say an epoch in the heartbeat that was heard just now. */
export function hear(machine: Machine, seat: bigint, epoch: Epoch): void {
  const peer = present(peerOfSeat(machine, seat), "a peer");
  const state = peerState(machine, peer);
  const heartbeat = present(state.heartbeat, "it was heard before");
  state.heartbeat = { ...heartbeat, epoch };
  state.heartbeatAt = machine.now;
}

/** When the chain last heard of a seat. */
export function lastAliveOf(machine: Machine, seat: bigint): bigint | undefined {
  return memberOf(machine, seat)?.lastAlive;
}

/** A machine by what it has asked for. */
export interface Deeds {
  readonly effects: readonly Effect[];
}

/** What it has asked of the chain. */
export function commandsOf({ effects }: Deeds): readonly SettlementCommand[] {
  return effects.flatMap((effect) => (effect.type === "submit" ? effect.command : []));
}

export interface Sent {
  readonly to: readonly PeerId[];
  readonly message: Message;
  /** The last journal record that has to be durable before. */
  readonly after: number;
}

/** What it has sent. */
export function sentBy({ effects }: Deeds): readonly Sent[] {
  return effects.flatMap((effect) => {
    if (effect.type !== "send") return [];
    const decoded = decodeMessage(effect.bytes);
    return decoded.ok ? [{ to: effect.to, message: decoded.value, after: effect.after }] : [];
  });
}

export interface Written {
  readonly sequence: number;
  readonly entry: JournalEntry;
}

/** What it has written, with the numbers of the records. */
export function writtenBy({ effects }: Deeds): readonly Written[] {
  return effects.flatMap((effect) =>
    effect.type === "persist"
      ? [{ sequence: effect.record.sequence, entry: decode(journalEntry, effect.record.bytes) }]
      : [],
  );
}
