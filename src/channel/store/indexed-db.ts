/**
 * A node's store in IndexedDB, through `idb`: one database per identity, so that tabs never wait
 * for each other's transactions. Every commit is `durability: "strict"`, because signatures rely on
 * it. The only file that knows `idb`.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
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
import { StoreError, storeErrorOf } from "./store-error.ts";

/**
 * Version of the layout below; a change adds a step to `upgrade`. The database is
 * `holdfast:node:<identity>`.
 * 1: `identity` holds one `Secrets` under "node"; `records` holds a record's bytes under [journal,
 * sequence].
 */
const SCHEMA_VERSION = 1;
const DATABASE_PREFIX = "holdfast:node:";
const IDENTITY_KEY = "node";

interface Schema extends DBSchema {
  identity: { key: string; value: Secrets };
  records: { key: [journal: string, sequence: number]; value: Uint8Array };
}

type Database = IDBPDatabase<Schema>;

/**
 * Opens, or makes, the store of an identity.
 * @param identity a name without secrets; one node at a time may open it (`tab/owner.ts` sees to
 * that)
 * @throws StoreError STORE_UNAVAILABLE, STORE_NEWER or STORE_FAILED
 */
export async function openIndexedDbStore(identity: string, entropy: Entropy): Promise<NodeStore> {
  if (typeof indexedDB === "undefined") {
    throw new StoreError("STORE_UNAVAILABLE", "There is no IndexedDB here.");
  }
  const database = await openDatabase(DATABASE_PREFIX + identity);
  return {
    identity: async () => identityOf(await loadSecrets(database, entropy)),
    async identityForJoin() {
      const known = await loadSecrets(database, entropy);
      const secrets = withFreeReveals(known, entropy);
      if (secrets !== known) await saveSecrets(database, secrets);
      return identityOf(secrets);
    },
    async takeReveals() {
      const secrets = await loadSecrets(database, entropy);
      await saveSecrets(database, { ...secrets, isTaken: true });
    },
    journal: (name) => openJournal(database, name),
    async removeJournal(name) {
      const transaction = database.transaction("records", "readwrite", { durability: "strict" });
      await Promise.all([transaction.store.delete(rangeOf(name)), transaction.done]);
    },
    close: async () => database.close(),
  };
}

async function openDatabase(name: string): Promise<Database> {
  try {
    return await openDB<Schema>(name, SCHEMA_VERSION, {
      upgrade(database, oldVersion) {
        if (oldVersion < 1) {
          database.createObjectStore("identity");
          database.createObjectStore("records");
        }
      },
    });
  } catch (error) {
    throw storeErrorOf(error);
  }
}

async function loadSecrets(database: Database, entropy: Entropy): Promise<Secrets> {
  try {
    const known = await database.get("identity", IDENTITY_KEY);
    if (known !== undefined) return known;
  } catch (error) {
    throw storeErrorOf(error);
  }
  const made = makeSecrets(entropy);
  await saveSecrets(database, made);
  return made;
}

async function saveSecrets(database: Database, secrets: Secrets): Promise<void> {
  try {
    const transaction = database.transaction("identity", "readwrite", { durability: "strict" });
    await Promise.all([transaction.store.put(secrets, IDENTITY_KEY), transaction.done]);
  } catch (error) {
    throw storeErrorOf(error);
  }
}

function openJournal(database: Database, name: string): Journal {
  const commits = createGroupCommit<JournalRecord>(async (group) => {
    const transaction = database.transaction("records", "readwrite", { durability: "strict" });
    const { store } = transaction;
    // `add`, so that a sequence is never written twice.
    const added = group.map(({ sequence, bytes }) => store.add(owned(bytes), [name, sequence]));
    await Promise.all([...added, transaction.done]);
  });
  return {
    load: () => loadRecords(database, name),
    append: (records) => commits.add(records),
    async prune(sequence) {
      await commits.idle();
      const transaction = database.transaction("records", "readwrite", { durability: "relaxed" });
      await Promise.all([transaction.store.delete(rangeOf(name, sequence)), transaction.done]);
    },
    close: () => commits.idle(),
  };
}

async function loadRecords(database: Database, name: string): Promise<JournalRecord[]> {
  const transaction = database.transaction("records");
  const range = rangeOf(name);
  const [keys, values] = await Promise.all([
    transaction.store.getAllKeys(range),
    transaction.store.getAll(range),
  ]);
  const records = keys.map(([, sequence], index) => {
    const bytes = values[index];
    if (bytes === undefined) throw new StoreError("STORE_CORRUPT", "A record has no bytes.");
    return { sequence, bytes };
  });
  checkContinuous(records);
  return records;
}

function rangeOf(name: string, lastSequence = Number.MAX_SAFE_INTEGER): IDBKeyRange {
  return IDBKeyRange.bound([name, 0], [name, lastSequence]);
}

/** Cloning a view would store the whole buffer behind it. */
function owned(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
