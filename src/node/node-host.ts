/**
 * A node's thread: its identity and store, its money, and the channels it plays in. Composes
 * channel, settlement and chain; all of the platform comes in from outside, so that a worker and
 * Node run the same code.
 */

import { type AccountSigner, addressOfKey } from "#chains";
import type {
  Clock,
  Entropy,
  NodeIdentity,
  NodeStore,
  Ownership,
  VerifyLater,
  Wire,
} from "#channel";
import { formatAddress } from "#core/address.ts";
import type { ChainAccess, ChainLink } from "#settlement";
import { type ChannelNode, openChannelNode } from "./channel-node.ts";
import { HoldfastError, plainErrorOf } from "./holdfast-error.ts";
import type { Host, HostEvent, HostReady, HostSetup, OpenedChannel } from "./host.ts";

/** An identity was removed for its silence, and what its seat left is not settled yet. */
const STRANDED: ReadonlySet<string> = new Set(["ALREADY_MEMBER", "NOT_SETTLED"]);

/** Units for fees, beside the stake, that an account is given before it opens a channel. */
const PURSE = 100_000_000n;

export interface HostEnvironment {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly chain: ChainLink;
  /** Makes sure that no other node has this identity. */
  readonly claim: (remembered: string | null, known: readonly string[]) => Promise<Ownership>;
  readonly openStore: (identity: string) => Promise<NodeStore>;
  /** The ways to the other nodes of a channel, by a name that they share. */
  readonly wires: (room: string) => readonly Wire[];
  /**
   * Opens an engine that checks signatures in another thread, where there is one and none that
   * answers at once.
   */
  readonly openVerifier?: () => Promise<VerifyLater | undefined>;
}

/** What a started node has. */
interface Started {
  readonly setup: HostSetup;
  readonly ownership: Ownership;
  readonly store: NodeStore;
  readonly identity: NodeIdentity;
  /** Shared by all rooms, whose commands take turns. */
  readonly access: ChainAccess;
}

export function createNodeHost(
  environment: HostEnvironment,
  emit: (event: HostEvent) => void,
): Host {
  const channels = new Map<number, ChannelNode>();
  /** How each room was last opened, so that opening one twice is opening it once. */
  const rooms = new Map<string, Promise<OpenedChannel>>();
  let started: Started | undefined;
  let handlesCount = 0;
  let turn: Promise<unknown> = Promise.resolve();

  function node(): Started {
    if (started !== undefined) return started;
    throw new HoldfastError({ code: "NOT_STARTED", message: "The node was not started." });
  }

  function channel(handle: number): ChannelNode {
    const found = channels.get(handle);
    if (found !== undefined) return found;
    const message = "This node does not play in that channel any more.";
    throw new HoldfastError({ code: "NO_CHANNEL", message, number: 100_001 });
  }

  async function enter(room: string): Promise<OpenedChannel> {
    const { setup, store, access } = node();
    await fillPurse(environment.chain, access, setup.stake + PURSE);
    const handle = ++handlesCount;
    const opened = await openChannelNode({
      ...environment,
      ...setup,
      room,
      store,
      access,
      emit: (event) => emit({ handle, event }),
    });
    channels.set(handle, opened);
    return { handle, id: opened.id, room, player: playerOf(node()) };
  }

  async function open(room: string): Promise<OpenedChannel> {
    try {
      return await enter(room);
    } catch (error) {
      const { ownership, setup } = node();
      const { code } = plainErrorOf(error);
      const isStranded = STRANDED.has(code) || (code === "BANNED" && ownership.isAdopted);
      if (!isStranded || channels.size > 0) throw error;
      // Play goes on as another player; the old one's stake waits for a tab that takes it over
      // after the next settlement.
      await leaveIdentity(node());
      started = await start(environment, { ...setup, remembered: null, known: [] });
      return enter(room);
    }
  }

  /** A channel that this node is out of makes way for another stay. */
  async function reopen(room: string, last: Promise<OpenedChannel> | undefined) {
    const { handle } = (await last?.catch(() => undefined)) ?? {};
    const known = handle === undefined ? undefined : channels.get(handle);
    if (last !== undefined && known?.isOver() === false) return last;
    if (handle !== undefined) channels.delete(handle);
    await known?.stop();
    return open(room);
  }

  return {
    start: async (setup) => {
      started = await start(environment, setup);
      return playerOf(started);
    },
    open(room) {
      // One after the other: each may spend the account's money and take its next reveals.
      const last = rooms.get(room);
      const opening = turn.then(() => reopen(room, last));
      turn = opening.catch(() => undefined);
      rooms.set(room, opening);
      return opening;
    },
    call: async (handle, request) => channel(handle).call(request),
    wish: async (handle, request, kind) => channel(handle).wish(request, kind),
    view: async (handle, request) => channel(handle).view(request),
    status: async (handle) => channel(handle).status(),
    async stop() {
      // What is being opened fails, so that nothing waits for it.
      environment.chain.close();
      await turn;
      await Promise.all([...channels.values()].map((one) => one.stop()));
      channels.clear();
      rooms.clear();
      if (started !== undefined) await leaveIdentity(started);
      started = undefined;
    },
  };
}

async function start(environment: HostEnvironment, setup: HostSetup): Promise<Started> {
  const ownership = await environment.claim(setup.remembered, setup.known);
  const store = await environment.openStore(ownership.identity);
  const identity = await store.identity();
  const access = environment.chain.access(accountOf(identity));
  return { setup, ownership, store, identity, access };
}

/**
 * Play money for an account that has never sent anything. What it spends or loses after that stays
 * spent: a fine that the faucet made good would be none.
 */
async function fillPurse(chain: ChainLink, access: ChainAccess, least: bigint): Promise<void> {
  if ((await access.sequenceNumber()) > 0n) return;
  await chain.fund(access.account, least);
}

async function leaveIdentity({ store, ownership }: Started): Promise<void> {
  await store.close();
  ownership.release();
}

function playerOf({ ownership, identity }: Started): HostReady {
  return { identity: ownership.identity, address: formatAddress(accountOf(identity).address) };
}

/** The player's account: its key stays in the signer. */
function accountOf({ signer }: NodeIdentity): AccountSigner {
  const { memberKey: publicKey } = signer;
  return {
    address: addressOfKey(publicKey),
    publicKey,
    sign: (bytes) => signer.signAsMember(bytes),
  };
}
