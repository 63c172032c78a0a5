// Where a node keeps what it must not lose: in a folder of its own, or in memory.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type ChainStore,
  createMemoryJournal,
  createMemoryStore,
  type Journal,
  newProducerSecret,
  type ProducerSecret,
  systemEntropy,
} from "#chains";
import { openSqliteJournal, openSqliteStore } from "#chains-node";
import { readKeyFile, writeKeyFile } from "./producer-key.ts";

/** The producer's key is in there. */
const FOLDER_MODE = 0o700;

/** @param folder undefined keeps everything in memory. */
export function openStoreIn(folder: string | undefined, file: string): ChainStore {
  if (folder === undefined) return createMemoryStore();
  makeFolder(folder);
  return openSqliteStore(join(folder, file));
}

export function openJournalIn(folder: string | undefined, file: string): Journal {
  if (folder === undefined) return createMemoryJournal();
  makeFolder(folder);
  return openSqliteJournal(join(folder, file));
}

/** The key that is kept in the folder, or a new one. Throws the system's error. */
export function keyIn(folder: string | undefined, file: string): ProducerSecret {
  if (folder === undefined) return newProducerSecret(systemEntropy);
  makeFolder(folder);
  const path = join(folder, file);
  const kept = readKeyFile(path);
  if (kept !== undefined) return kept;
  writeKeyFile(path);
  return keyIn(folder, file);
}

function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
}
