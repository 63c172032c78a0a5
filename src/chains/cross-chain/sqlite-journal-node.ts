/**
 * A journal in a file, by Node's own SQLite: each write is on disk when it resolves, so that a node
 * that is killed at any moment comes back with the value before it or after it.
 */
import { DatabaseSync } from "node:sqlite";
import type { Journal } from "./journal.ts";

const OPENING = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS journal (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
`;

/** Opens the journal in the file `path`, or begins one. Throws SQLite's error where it cannot. */
export function openSqliteJournal(path: string): Journal {
  const database = new DatabaseSync(path);
  database.exec(OPENING);
  const reading = database.prepare("SELECT value FROM journal WHERE name = ?");
  const writing = database.prepare(
    "INSERT INTO journal VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
  );
  const answer = <T>(work: () => T): Promise<T> => {
    return new Promise((resolve) => {
      resolve(work());
    });
  };
  return {
    read: (name) =>
      answer(() => {
        const value = reading.get(name)?.["value"];
        return value instanceof Uint8Array ? value : undefined;
      }),
    write: (name, value) => answer(() => void writing.run(name, value)),
    close: () => {
      if (database.isOpen) database.close();
      return Promise.resolve();
    },
  };
}
