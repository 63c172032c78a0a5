// What every journal promises (`Journal` in src/channel/ports.ts), as tests that each store runs.
import { describe, expect, it } from "vitest";
import type { Journal, JournalRecord } from "../../src/channel/ports.ts";

export interface StoreWorld {
  /** The journal of a name on the one disk of this world, as a freshly started node opens it. */
  reopen(name: string): Promise<Journal>;
}

const record = (sequence: number, ...bytes: number[]): JournalRecord => ({
  sequence,
  bytes: Uint8Array.from(bytes),
});

const run = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => record(from + index, index % 256));

export function journalSuite(name: string, createWorld: () => Promise<StoreWorld>): void {
  describe(`${name}: journal`, () => {
    it("is empty at first", async () => {
      const world = await createWorld();
      expect(await (await world.reopen("a")).load()).toEqual([]);
    });

    it("gives back what was appended, in order, after a restart", async () => {
      const world = await createWorld();
      const journal = await world.reopen("a");
      await journal.append([record(1, 7), record(2)]);
      await journal.append([record(3, 1, 2, 3)]);
      const again = await world.reopen("a");
      expect(await again.load()).toEqual([record(1, 7), record(2), record(3, 1, 2, 3)]);
    });

    it("keeps appends in order though nobody waits for them", async () => {
      const world = await createWorld();
      const journal = await world.reopen("a");
      const all = run(1, 300);
      await Promise.all(all.map((one) => journal.append([one])));
      expect(await (await world.reopen("a")).load()).toEqual(all);
    });

    it("has written an append durably before it resolves, and needs no later one", async () => {
      const world = await createWorld();
      const journal = await world.reopen("a");
      const first = journal.append([record(1, 1)]);
      const later = journal.append([record(2, 2)]);
      await first;
      expect((await (await world.reopen("a")).load())[0]).toEqual(record(1, 1));
      await later;
    });

    it("stores the content of a view, and not of the buffer behind it", async () => {
      const world = await createWorld();
      const journal = await world.reopen("a");
      const buffer = Uint8Array.of(1, 2, 3, 4);
      await journal.append([{ sequence: 1, bytes: buffer.subarray(1, 3) }]);
      const [loaded] = await (await world.reopen("a")).load();
      expect(loaded).toEqual(record(1, 2, 3));
      expect(loaded?.bytes.buffer.byteLength).toBe(2);
    });

    it("drops what is pruned and goes on", async () => {
      const world = await createWorld();
      const journal = await world.reopen("a");
      await journal.append(run(1, 10));
      await journal.prune(7);
      await journal.append([record(11, 9)]);
      const sequences = (await (await world.reopen("a")).load()).map(({ sequence }) => sequence);
      expect(sequences).toEqual([8, 9, 10, 11]);
    });

    it("keeps journals of different names apart", async () => {
      const world = await createWorld();
      const [a, b] = [await world.reopen("a"), await world.reopen("b")];
      await Promise.all([a.append([record(1, 1)]), b.append([record(1, 2)])]);
      await a.prune(1);
      expect(await (await world.reopen("a")).load()).toEqual([]);
      expect(await (await world.reopen("b")).load()).toEqual([record(1, 2)]);
    });

    it("takes no record after one it could not write", async () => {
      const world = await createWorld();
      const journal = await world.reopen("a");
      await journal.append([record(1)]);
      const twice = journal.append([record(1, 1)]);
      await expect(twice).rejects.toMatchObject({ code: expect.stringMatching(/^STORE_/) });
      await expect(journal.append([record(2)])).rejects.toMatchObject({
        code: expect.stringMatching(/^STORE_/),
      });
      expect(await (await world.reopen("a")).load()).toEqual([record(1)]);
    });
  });
}
