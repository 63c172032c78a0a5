/** A node's store in memory, for Node and for tests: the same promises, without a disk. */
import { assert } from "#core/assert.ts";
import type { Entropy, Journal, JournalRecord } from "../ports.ts";
import { createGroupCommit } from "./group-commit.ts";
import {
  checkContinuous,
  identityOf,
  makeSecrets,
  type NodeStore,
  withFreeReveals,
} from "./node-store.ts";
import type { Secrets } from "./signer.ts";

/** What outlives a node: hand it to the next one to play a restart. */
export interface MemoryDisk {
  identity: Secrets | undefined;
  readonly journals: Map<string, JournalRecord[]>;
}

/** What outlives the stores that are opened on it, as a disk outlives a process. */
export function createMemoryDisk(): MemoryDisk {
  return { identity: undefined, journals: new Map() };
}

/** @param revealsCount length of the chain of reveals of a new identity */
export function createMemoryStore(
  entropy: Entropy,
  disk: MemoryDisk = createMemoryDisk(),
  revealsCount?: number,
): NodeStore {
  let isClosed = false;

  function secrets(): Secrets {
    disk.identity ??= makeSecrets(entropy, revealsCount);
    return disk.identity;
  }

  function recordsOf(name: string): JournalRecord[] {
    assert(!isClosed, "a closed store is not used");
    const records = disk.journals.get(name) ?? [];
    disk.journals.set(name, records);
    return records;
  }

  function journal(name: string): Journal {
    const commits = createGroupCommit<JournalRecord>(async (group) => {
      const records = recordsOf(name);
      const next = [...records, ...group.map(copy)];
      checkContinuous(next);
      records.splice(0, records.length, ...next);
    });
    return {
      load: async () => recordsOf(name).map(copy),
      append: (records) => commits.add(records),
      async prune(sequence) {
        await commits.idle();
        const records = recordsOf(name);
        const kept = records.filter((record) => record.sequence > sequence);
        records.splice(0, records.length, ...kept);
      },
      close: () => commits.idle(),
    };
  }

  return {
    identity: async () => identityOf(secrets()),
    async identityForJoin() {
      disk.identity = withFreeReveals(secrets(), entropy, revealsCount);
      return identityOf(disk.identity);
    },
    async takeReveals() {
      disk.identity = { ...secrets(), isTaken: true };
    },
    journal,
    async removeJournal(name) {
      disk.journals.delete(name);
    },
    async close() {
      isClosed = true;
    },
  };
}

function copy(record: JournalRecord): JournalRecord {
  return { sequence: record.sequence, bytes: record.bytes.slice() };
}
