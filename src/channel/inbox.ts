/**
 * What comes from peers on its way to the machine: some of it waits for something, and nothing of
 * one peer overtakes what came from it before. Knows no message.
 */
import type { PeerId } from "./ports.ts";

export interface Inbox<Item> {
  /**
   * Delivers `item` once `ready` has resolved and everything before it of this peer is delivered:
   * at once where there is nothing to wait for.
   * @param ready never rejects.
   * @param size bytes that it holds while it waits.
   */
  put(peer: PeerId, item: Item, ready?: Promise<void>, size?: number): void;
  /** Items that wait. */
  count(): number;
  /** Bytes of them. */
  size(): number;
  /** Forgets what waits, for good. */
  close(): void;
}

interface Waiting<Item> {
  readonly item: Item;
  readonly size: number;
  isReady: boolean;
}

export function createInbox<Item>(deliver: (item: Item) => void): Inbox<Item> {
  const lines = new Map<PeerId, Waiting<Item>[]>();
  let count = 0;
  let totalSize = 0;

  function advance(peer: PeerId): void {
    const line = lines.get(peer) ?? [];
    for (let first = line[0]; first?.isReady === true; first = line[0]) {
      line.shift();
      count--;
      totalSize -= first.size;
      deliver(first.item);
    }
    // Delivering may have brought more, and ended this line meanwhile.
    if (line.length === 0 && lines.get(peer) === line) lines.delete(peer);
  }

  return {
    put(peer, item, ready, size = 0) {
      if (ready === undefined && !lines.has(peer)) return deliver(item);
      const line = lines.get(peer) ?? [];
      const waiting: Waiting<Item> = { item, size, isReady: ready === undefined };
      line.push(waiting);
      lines.set(peer, line);
      count++;
      totalSize += size;
      void ready?.then(() => {
        waiting.isReady = true;
        advance(peer);
      });
    },
    count: () => count,
    size: () => totalSize,
    close() {
      for (const line of lines.values()) line.length = 0;
      lines.clear();
      count = 0;
      totalSize = 0;
    },
  };
}
