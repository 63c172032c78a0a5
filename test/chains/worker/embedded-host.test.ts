// Several workers, one chain: whoever holds the lock answers, and another takes over when it dies.
import { describe, expect, it } from "vitest";
import { type ChainClient, createChainClient, createChainNode, createMemoryStore } from "#chains";
import { pipePair } from "../../../src/chains/rpc/pipe.ts";
import { ChainStoreError } from "../../../src/chains/store/store-error.ts";
import type { BroadcastChannelLike } from "../../../src/chains/worker/broadcast-pipe.ts";
import { createEmbeddedHost } from "../../../src/chains/worker/embedded-host.ts";
import { accountNamed, START_MS } from "../fixture.ts";
import { type ManualClock, manualClock, settle } from "../manual-clock.ts";

/** The channel that all workers of one origin share. */
interface Ether {
  readonly open: Set<BroadcastChannelLike>;
  readonly channel: () => BroadcastChannelLike;
}

function createEther(): Ether {
  const open = new Set<BroadcastChannelLike>();
  return {
    open,
    channel: () => {
      const own: BroadcastChannelLike = {
        onmessage: null,
        postMessage: (message) => {
          for (const other of open) {
            if (other === own) continue;
            queueMicrotask(() => other.onmessage?.({ data: message } as MessageEvent));
          }
        },
        close: () => open.delete(own),
      };
      open.add(own);
      return own;
    },
  };
}

/** An exclusive lock; the holder may die. */
function createLock() {
  const waiting: (() => void)[] = [];
  let isHeld = false;
  const grant = () => {
    const next = waiting.shift();
    isHeld = next !== undefined;
    next?.();
  };
  return {
    take: (whileHeld: () => void) => {
      waiting.push(whileHeld);
      if (!isHeld) grant();
    },
    holderDies: grant,
  };
}

interface Origin {
  readonly clock: ManualClock;
  readonly ether: Ether;
  /** Starts a worker and returns a way to connect to it. */
  readonly worker: () => () => ChainClient;
  /** The worker that holds the lock ends, with everything in it. */
  readonly hostDies: () => Promise<void>;
}

function origin(startFails = false): Origin {
  const clock = manualClock(START_MS);
  const ether = createEther();
  const lock = createLock();
  const store = createMemoryStore();
  let running: { close(): Promise<void> } | undefined;
  let lastSeed = 0;
  const entropy = (size: number) => {
    lastSeed += 1;
    return new Uint8Array(size).fill(lastSeed);
  };
  return {
    clock,
    ether,
    worker: () => {
      const host = createEmbeddedHost({
        clock,
        entropy,
        openChannel: ether.channel,
        takeLock: lock.take,
        startNode: async () => {
          if (startFails) throw new ChainStoreError("STORE_UNAVAILABLE", "storage is blocked");
          const node = await createChainNode({ clock, entropy, store });
          running = node;
          return node;
        },
      });
      return () => {
        const [near, far] = pipePair();
        host.connect(far);
        return createChainClient(near, clock);
      };
    },
    hostDies: async () => {
      const hosting = [...ether.open].find((channel) => channel.onmessage !== null);
      if (hosting !== undefined) ether.open.delete(hosting);
      await running?.close();
      lock.holderDies();
      await settle();
    },
  };
}

describe("the embedded chain", () => {
  it("is one chain for the clients of every worker", async () => {
    const { clock, worker } = origin();
    const [first, second] = [worker(), worker()];
    await clock.advance(10);
    const [alice, bob] = [first(), second()];
    const one = await alice.ledger();
    const asking = bob.ledger();
    await clock.advance(10);
    expect(await asking).toEqual(one);
    const account = accountNamed("alice").address;
    const funding = bob.fund(account, 500n);
    await clock.advance(10);
    const hash = await funding;
    const waiting = alice.waitForTransaction(hash, 10_000);
    await clock.advance(2_000);
    expect((await waiting).receipt.status.type).toBe("executed");
  });

  it("goes on in another worker when the one that hosts it dies", async () => {
    const { clock, worker, hostDies } = origin();
    const [first, second] = [worker(), worker()];
    await clock.advance(10);
    const [alice, bob] = [first(), second()];
    const heads: bigint[] = [];
    bob.onHead(({ height }) => heads.push(height));
    await clock.advance(3_000);
    const before = await alice.ledger();
    const seen = heads.length;
    expect(seen).toBeGreaterThan(0);
    await hostDies();
    const asking = bob.ledger();
    await clock.advance(10_000);
    const after = await asking;
    expect(after.genesisHash).toEqual(before.genesisHash);
    expect(after.height).toBeGreaterThanOrEqual(before.height);
    expect(heads.length).toBeGreaterThan(seen + 2);
    expect([...heads].sort((a, b) => Number(a - b))).toEqual(heads);
  });

  it("answers a client that was there before anybody hosted", async () => {
    const clock = manualClock(START_MS);
    const ether = createEther();
    const lock = createLock();
    const entropy = (size: number) => new Uint8Array(size).fill(9);
    let begin: (() => void) | undefined;
    const host = createEmbeddedHost({
      clock,
      entropy,
      openChannel: ether.channel,
      takeLock: (whileHeld) => {
        begin = () => lock.take(whileHeld);
      },
      startNode: () => createChainNode({ clock, entropy, store: createMemoryStore() }),
    });
    const [near, far] = pipePair();
    host.connect(far);
    const client = createChainClient(near, clock);
    const asking = client.ledger();
    await clock.advance(1_000);
    begin?.();
    await clock.advance(5_000);
    expect(await asking).toMatchObject({ chainId: 4 });
  });

  it("tells every client why it cannot start", async () => {
    const { clock, worker } = origin(true);
    const [first, second] = [worker(), worker()];
    await clock.advance(10);
    for (const connect of [first, second]) {
      const asking = connect().ledger();
      asking.catch(() => undefined);
      await clock.advance(100);
      await expect(asking).rejects.toThrow(/STORE_UNAVAILABLE/);
    }
  });

  it("forgets clients that fell silent", async () => {
    const { clock, ether, worker } = origin();
    const [, second] = [worker(), worker()];
    await clock.advance(10);
    const gone = second();
    gone.onHead(() => undefined);
    await clock.advance(3_000);
    gone.close();
    await clock.advance(200_000);
    const other = second();
    const asking = other.ledger();
    await clock.advance(100);
    const { height } = await asking;
    await clock.advance(100_000);
    const later = other.ledger();
    await clock.advance(100);
    expect((await later).height).toBe(height);
    expect(ether.open.size).toBeGreaterThan(0);
  });
});
