// What one call may change, in both executors and whatever was called before it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addressToBytes, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { domainHash } from "#core/hash.ts";
import { parseFunctionId, parseModuleId } from "#core/identifier.ts";
import { statusName } from "#core/status.ts";
import {
  channelProfile,
  createCompiler,
  createInterpreter,
  createStateTree,
  type Executor,
  pinnedModules,
  proveKeys,
  type StateTree,
} from "#sandbox";
import { BYTECODE } from "../../../src/chains/contracts/bytecode.ts";
import {
  CALL_PENDING_SIZE_MAX,
  PENDING_SIZE_MAX,
  RECORDS_PENDING_SIZE_MAX,
} from "../../../src/channel/codec/limits.ts";
import { settledSize } from "../../../src/channel/codec/settled-size.ts";
import { createChannelExecutor } from "../../../src/channel/executor.ts";

const OWNER = makeAddress("0x7e57");
const TRIAL = join(import.meta.dirname, "..", "..", "chains", "contracts", "trial", "bytecode");

function modules() {
  const contracts = BYTECODE.map(({ id, hex }) => ({
    id: present(parseModuleId(id), "a module"),
    bytes: Uint8Array.from(Buffer.from(hex, "hex")),
  }));
  const id = present(parseModuleId("0x7e57::pages"), "a module");
  return [...contracts, { id, bytes: Uint8Array.from(readFileSync(join(TRIAL, "pages.mv"))) }];
}

function portOf(executor: Executor) {
  const never = (): never => {
    throw new Error("nobody asks for it");
  };
  const port = createChannelExecutor<StateTree>({
    executor,
    chainId: 4,
    onTick: present(parseFunctionId("0x7e57::pages::write"), "a function"),
    createState: createStateTree,
    prove: proveKeys,
    snapshot: never,
    restore: never,
  });
  let height = 0n;
  return {
    port,
    call(name: string, ...args: readonly Uint8Array[]) {
      height += 1n;
      const channel = domainHash("SettledSize");
      const called = present(parseFunctionId(`0x7e57::pages::${name}`), "a function");
      const shape = { channel, seat: 1n, nonce: height, typeArgs: [], expiry: 100n };
      const context = { channel, height, time: 0n, seed: channel };
      return port.execute({ ...shape, function: called, args, maxGas: 1_000_000n }, OWNER, context);
    },
  };
}

const u64 = (value: number) => encodeBcs((writer) => writer.u64(BigInt(value)));
const write = (count: number, size: number, byte: number) => [
  addressToBytes(OWNER),
  u64(count),
  u64(size),
  Uint8Array.of(byte),
];

describe("what a call changes", () => {
  const profile = channelProfile(pinnedModules(modules()));
  const sides = [createInterpreter(profile), createCompiler(profile)].map(portOf);
  const both = (name: string, ...args: readonly Uint8Array[]) => {
    const [one, other] = sides.map((side) => {
      const { status, gasUsed, events, changes } = side.call(name, ...args);
      const root = side.port.stateRoot();
      return { status: statusName(status), gasUsed, events, changes, root };
    });
    expect(other).toEqual(one);
    return present(one, "two executors");
  };

  it("[EX14] is at most what a settlement has room for, in both executors", () => {
    expect(both("open").status).toBe("EXECUTED");
    const small = both("write", ...write(2, 8_000, 1));
    expect(small.status).toBe("EXECUTED");
    // The same pages again have old values too: each takes its size twice.
    const twice = both("write", ...write(2, 8_000, 2));
    expect(settledSize(twice.changes)).toBeLessThanOrEqual(CALL_PENDING_SIZE_MAX);
    expect(settledSize(twice.changes)).toBeGreaterThan(32_000);
    const before = twice.root;
    const much = both("write", ...write(3, 9_000, 3));
    expect(much).toMatchObject({ status: "IO_LIMIT_REACHED", events: [], changes: [] });
    expect(much.gasUsed).toBeGreaterThan(twice.gasUsed);
    expect(much.root).toEqual(before);
    // What was given up is not what the next call finds.
    const after = both("write", ...write(2, 8_000, 4));
    expect(after.status).toBe("EXECUTED");
    expect(after.changes.map(({ op }) => op.type)).toEqual(["modify", "modify"]);
    expect(both("write", ...write(60, 100, 5)).status).toBe("IO_LIMIT_REACHED");
    expect(both("write", ...write(10, 1_000, 6)).status).toBe("EXECUTED");
  });

  it("[EX14] leaves room for the channel's own records", () => {
    expect(CALL_PENDING_SIZE_MAX + RECORDS_PENDING_SIZE_MAX).toBe(PENDING_SIZE_MAX);
  });
});
