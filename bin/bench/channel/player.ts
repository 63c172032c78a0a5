/**
 * A member of a channel, composed of the library's own parts: machine, journal, transport and the
 * way to the chain. Counts what goes in and out, and how long its machine is at work.
 */
import { type AccountSigner, addressOfKey, type ChainClient } from "#chains";
import {
  type Clock,
  createDriver,
  createMemoryDisk,
  createMemoryStore,
  createPeerTransport,
  type Driver,
  type Entry,
  type Event,
  type Machine,
  type MemoryDisk,
  type MemoryNetwork,
  type NodeIdentity,
  type NodeStore,
  type Notice,
  type Parameters,
  platformEntropy,
  rememberSignatures,
  restoreMachine,
  step,
  type Transport,
  type Wire,
} from "#channel";
import { BcsWriter, parseFunctionId } from "#sandbox";
import {
  chatDapp,
  createSettlementAdapter,
  fundFromFaucet,
  type LoadedChannel,
  loadChannel,
  rootAccess,
} from "#settlement";
import { channelExecutor } from "./pinned.ts";

const STAKE = 100n;
const FUNDS = 1_000_000_000n;
/** Headers with calls that one member may lead in a bench. */
const REVEALS_COUNT = 2 ** 16;
const POST = parseFunctionId("0x21::chat::post");

/** What the members of one room share. */
export interface Room {
  readonly clock: Clock;
  readonly chain: ChainClient;
  readonly network: MemoryNetwork;
  /** Number of the chat group. */
  readonly group: bigint;
  readonly parameters: Parameters;
}

export interface Counts {
  /** Messages handed to the transport. */
  sent: number;
  /** Bytes of all frames that came in. */
  receivedSize: number;
  /** Milliseconds that the machine was at work. */
  workMs: number;
}

export interface Player {
  readonly name: string;
  readonly machine: Machine;
  /** What it loaded from the chain when it sat down. */
  readonly loaded: LoadedChannel;
  readonly counts: Counts;
  /** When its seat was on chain, and it began to look for the others. */
  readonly startedAt: number;
  /** Text of every call by its height, as this member has executed them. */
  readonly texts: ReadonlyMap<bigint, string>;
  /** Posts a message; resolves when it is confirmed here. Rejects where it is refused. */
  readonly post: (text: string) => Promise<void>;
  /** Brings what is confirmed onto the chain; resolves when this member has seen it there. */
  readonly settle: () => Promise<void>;
  /** Ends at once, without a word to anybody. What was on disk stays in `seatOf`. */
  readonly stop: () => Promise<void>;
}

/** What outlives a member's life: its keys and journals, and what it is called. */
export interface SeatOfPlayer {
  readonly name: string;
  readonly disk: MemoryDisk;
  readonly texts: Map<bigint, string>;
}

export function newSeat(name: string): SeatOfPlayer {
  return { name, disk: createMemoryDisk(), texts: new Map() };
}

/** Takes the seat, on chain too where it has none yet, and plays. */
export async function sitDown(room: Room, seat: SeatOfPlayer): Promise<Player> {
  const { clock, chain } = room;
  const store = createMemoryStore(platformEntropy, seat.disk, REVEALS_COUNT);
  const isNew = seat.disk.identity === undefined;
  const identity = await identityOf(store, isNew);
  const account = accountOf(identity);
  const access = rootAccess(chain, account);
  if (isNew) await fundFromFaucet(chain, account.address, FUNDS);
  const { signer, verify } = rememberSignatures(identity.signer);
  const { revealTip } = identity;
  const { memberKey, nodeKey } = signer;
  const signAsNode = (message: Uint8Array) => signer.signAsNode(message);
  const settlement = createSettlementAdapter({
    access,
    clock,
    dapp: chatDapp({ groupId: room.group, name: `bench ${room.group}` }),
    keys: { memberKey, nodeKey, revealTip, signAsNode },
  });
  const { id } = await settlement.enter(STAKE);
  if (isNew) await store.takeReveals();
  const startedAt = performance.now();
  const loaded = await loadChannel(access, id);
  const journal = store.journal(`${id}`);
  const records = await journal.load();
  const machine = restoreMachine(
    {
      executor: channelExecutor(loaded),
      signer,
      verify,
      parameters: room.parameters,
      chain: loaded.channel,
      now: clock.now(),
    },
    records,
  );
  const counts: Counts = { sent: 0, receivedSize: 0, workMs: 0 };
  const transport = createPeerTransport({
    wires: [countingWire(room.network.wire(seat.name), counts)],
    nodeKey,
    sign: signAsNode,
    verify,
    entropy: platformEntropy,
    clock,
  });
  const wishes = createWishes(seat);
  const driver = createDriver({
    step: (input) => timed(counts, () => step(machine, input)),
    channelId: id,
    journal,
    durable: records.at(-1)?.sequence ?? 0,
    transport: countingTransport(transport, counts),
    settlement,
    clock,
    onNotice: wishes.receive,
    onFailure: wishes.fail,
  });
  await driver.start();
  return { ...playerOf(seat, wishes, driver), machine, loaded, counts, startedAt };
}

async function identityOf(store: NodeStore, isNew: boolean): Promise<NodeIdentity> {
  return isNew ? store.identityForJoin() : store.identity();
}

function accountOf({ signer }: NodeIdentity): AccountSigner {
  const { memberKey: publicKey } = signer;
  return {
    address: addressOfKey(publicKey),
    publicKey,
    sign: (bytes) => signer.signAsMember(bytes),
  };
}

function timed<T>(counts: Counts, work: () => T): T {
  const start = performance.now();
  const result = work();
  counts.workMs += performance.now() - start;
  return result;
}

function countingTransport(transport: Transport, counts: Counts): Transport {
  return {
    ...transport,
    send(to, bytes) {
      counts.sent += 1;
      transport.send(to, bytes);
    },
  };
}

function countingWire(wire: Wire, counts: Counts): Wire {
  return {
    ...wire,
    open: (listener) =>
      wire.open({
        ...listener,
        frame(link, bytes) {
          counts.receivedSize += bytes.length;
          listener.frame(link, bytes);
        },
      }),
  };
}

interface Wish {
  readonly resolve: () => void;
  readonly reject: (failure: Error) => void;
}

/** What the member's client waits for, by request. */
interface Wishes {
  readonly receive: (notice: Notice) => void;
  readonly fail: (failure: Error) => void;
  /** Resolves when the request that `feed` hands in has got what it wanted. */
  readonly make: (feed: (request: number) => void) => Promise<void>;
}

function createWishes({ texts }: SeatOfPlayer): Wishes {
  const open = new Map<number, Wish>();
  let count = 0;

  function end(request: number, failure?: Error): void {
    const wish = open.get(request);
    open.delete(request);
    if (failure === undefined) wish?.resolve();
    else wish?.reject(failure);
  }

  return {
    receive(notice) {
      switch (notice.type) {
        case "call":
          if (notice.stage === "confirmed" || notice.stage === "settled") end(notice.request);
          return;
        case "done":
          return end(notice.request);
        case "refused":
          return end(notice.request, new Error(`${notice.error.name}: ${notice.error.detail}`));
        case "applied":
          return notice.entries.forEach((entry, index) => {
            const text = textOf(entry);
            if (text !== undefined) texts.set(notice.firstHeight + BigInt(index), text);
          });
        case "reverted":
          for (const height of texts.keys()) if (height > notice.height) texts.delete(height);
          return;
        default:
          return;
      }
    },
    fail(failure) {
      for (const request of open.keys()) end(request, failure);
    },
    make: (feed) =>
      new Promise((resolve, reject) => {
        const request = ++count;
        open.set(request, { resolve, reject });
        feed(request);
      }),
  };
}

/** The chat's messages are its calls' only arguments. */
function textOf(entry: Entry): string | undefined {
  const [argument] = "call" in entry ? entry.call.call.args : [];
  return argument === undefined ? undefined : new TextDecoder().decode(argument.subarray(1));
}

/** As the contract takes a message: at most 127 bytes here, so that its length is one byte. */
export function textArgument(text: string): Uint8Array {
  return new BcsWriter().string(text).finish();
}

function playerOf(
  { name, texts }: SeatOfPlayer,
  wishes: Wishes,
  driver: Driver,
): Pick<Player, "name" | "texts" | "post" | "settle" | "stop"> {
  const feed = (event: Event) => driver.feed(event);
  if (POST === undefined) throw new TypeError("a function has a name");
  return {
    name,
    texts,
    post: (text) =>
      wishes.make((request) => {
        const args = [textArgument(text)];
        feed({ type: "propose", request, function: POST, typeArgs: [], args });
      }),
    settle: () => wishes.make((request) => feed({ type: "settle", request })),
    stop: () => driver.stop(),
  };
}
