/**
 * A few named values that a node must not lose: what it has signed, how far it has passed messages
 * on. A write counts whole or not at all, and is durable when it resolves.
 */

export interface Journal {
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, value: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Outlives the node that writes to it, so that a restart can be played through. */
export function createMemoryJournal(): Journal {
  const values = new Map<string, Uint8Array>();
  return {
    read: (name) => Promise.resolve(values.get(name)?.slice()),
    write: (name, value) => {
      values.set(name, value.slice());
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
