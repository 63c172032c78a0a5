// Leads a store in a file through a life and kills its own process at the nth call into SQLite:
// `crash-writer.ts PATH N`. Prints a line for each change that the store says it has.
import { writeSync } from "node:fs";
import process from "node:process";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { openSqliteStore } from "../../../src/chains/store/sqlite-node.ts";
import { GENESIS_BLOCK, STORE_LIFE, TEST_IDENTITY } from "../../conformance/chain-blocks.ts";

const [, , path = "", killAtText = ""] = process.argv;
const killAt = Number(killAtText);
let calls = 0;

/** Counts the calls of a method and dies before the nth, which is to die after the one before. */
function count(prototype: object, name: string): void {
  const method: unknown = Reflect.get(prototype, name);
  if (typeof method !== "function") throw new Error(`SQLite has no ${name}`);
  Reflect.set(prototype, name, function (this: unknown, ...args: unknown[]): unknown {
    calls += 1;
    if (calls === killAt) process.kill(process.pid, "SIGKILL");
    return Reflect.apply(method, this, args);
  });
}

count(DatabaseSync.prototype, "exec");
count(StatementSync.prototype, "run");

function tell(changes: number): void {
  writeSync(1, `${changes}\n`);
}

const store = openSqliteStore(path);
await store.create(TEST_IDENTITY, GENESIS_BLOCK);
tell(0);
for (const [index, change] of STORE_LIFE.entries()) {
  await store.extend(change);
  tell(index + 1);
}
await store.close();
