// Appends blocks to a store in a file and kills its own process at the nth call into SQLite:
// `crash-writer.ts PATH N BLOCKS`. Prints a line for each block that the store says it has.
import { writeSync } from "node:fs";
import process from "node:process";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { openSqliteStore } from "../../../src/chains/store/sqlite-node.ts";
import { countingBlock, GENESIS_BLOCK, TEST_IDENTITY } from "../../conformance/chain-blocks.ts";

const [, , path = "", killAtText = "", blocksText = ""] = process.argv;
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

function tell(height: number): void {
  writeSync(1, `${height}\n`);
}

const store = openSqliteStore(path);
await store.create(TEST_IDENTITY, GENESIS_BLOCK);
tell(0);
for (let height = 1; height <= Number(blocksText); height++) {
  await store.append(countingBlock(height));
  tell(height);
}
await store.close();
