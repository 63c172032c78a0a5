// Where a node keeps what it must not lose: in a folder of its own, or in memory.
import { existsSync, linkSync, mkdirSync, rmSync } from "node:fs";
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
import { KeyFileError, readKeyFile, writeKeyFile } from "./producer-key.ts";

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

/**
 * The key that is kept in the folder, or a new one: the same to all processes that ask, and there
 * as a whole or not at all, whenever one of them is killed. Throws the system's error, and
 * `KeyFileError` where the file holds no key.
 */
export function keyIn(folder: string | undefined, file: string): ProducerSecret {
  if (folder === undefined) return newProducerSecret(systemEntropy);
  makeFolder(folder);
  const path = join(folder, file);
  const kept = readKeyFile(path);
  if (kept !== undefined) return kept;
  if (!existsSync(path)) makeKey(path);
  const made = readKeyFile(path);
  if (made === undefined) throw new KeyFileError(path);
  return made;
}

/** Under another name first: a file that has its name is finished. */
function makeKey(path: string): void {
  const draft = `${path}.${process.pid}`;
  rmSync(draft, { force: true });
  writeKeyFile(draft);
  try {
    linkSync(draft, path);
  } catch (error) {
    // Another process was first; its key is the one.
    if (!existsSync(path)) throw error;
  } finally {
    rmSync(draft);
  }
}

function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
}
