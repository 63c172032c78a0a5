// What a member of a channel runs: the contract's calls over the channel's state, under the
// channel's profile, in both executors, which must agree to the byte.
import { expect } from "vitest";
import type { Address } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import type { ChangeSet, Event, StateKey } from "#core/effects.ts";
import { internalGas } from "#core/gas-units.ts";
import { sha2_256 } from "#core/hash.ts";
import { parseFunctionId, parseModuleId } from "#core/identifier.ts";
import { isExecuted, type VmStatus } from "#core/status.ts";
import {
  channelProfile,
  createCompiler,
  createInterpreter,
  createMemoryState,
  type Executor,
  pinnedModules,
} from "#sandbox";
import { BYTECODE } from "../../../src/chains/contracts/bytecode.ts";
import { arg } from "./contract-chain.ts";

/** As much as the channel gives one call, and one tick. */
const GAS = internalGas(100_000_000);
const TICK_GAS = internalGas(10_000_000);

export interface Played {
  readonly status: VmStatus;
  readonly events: readonly Event[];
  readonly changes: ChangeSet;
}

export interface MemberSandbox {
  /** Calls an entry function; keeps its effect when it succeeds. */
  call(sender: Address, name: string, ...args: readonly Uint8Array[]): Played;
  /** @param nowMs the time of the batch that it is ordered in. */
  tick(name: string, nowMs: number): Played;
  get(key: StateKey): Uint8Array | undefined;
}

let executors: readonly [Executor, Executor] | undefined;

function channelExecutors(): readonly [Executor, Executor] {
  const modules = BYTECODE.map(({ id, hex }) => ({
    id: present(parseModuleId(id), "a module"),
    bytes: Uint8Array.from(Buffer.from(hex, "hex")),
  }));
  const profile = channelProfile(pinnedModules(modules));
  return [createInterpreter(profile), createCompiler(profile)];
}

/** @param initial what the channel has taken from escrow. */
export function startMember(initial: ChangeSet): MemberSandbox {
  executors ??= channelExecutors();
  const sides = executors.map((executor) => ({ executor, state: createMemoryState() }));
  for (const { state } of sides) state.apply(initial);
  let height = 0;

  function play(run: Omit<Parameters<ReturnType<Executor["begin"]>["execute"]>[0], "typeArgs">) {
    height += 1;
    const context = { uniqueSeed: sha2_256(utf8(`height ${height}`)), chainId: 4 };
    const results = sides.map(({ executor, state }) => {
      const session = executor.begin(state, context);
      const { status, events, gasUsed } = session.execute({ ...run, typeArgs: [] });
      const changes = isExecuted(status) ? session.changes() : [];
      state.apply(changes);
      return { status, events, gasUsed, changes };
    });
    const [interpreted, compiled] = results;
    expect(compiled).toEqual(interpreted);
    return present(interpreted, "two executors");
  }

  const named = (name: string) => present(parseFunctionId(name), `not a function: ${name}`);
  return {
    call: (sender, name, ...args) =>
      play({
        mode: "entry",
        function: named(name),
        args,
        signers: [sender],
        gasLimit: GAS,
      }),
    tick: (name, nowMs) =>
      play({
        mode: "function",
        function: named(name),
        args: [arg.u64(nowMs), arg.u64(height)],
        signers: [],
        gasLimit: TICK_GAS,
      }),
    get: (key) => present(sides[0], "two executors").state.get(key),
  };
}
