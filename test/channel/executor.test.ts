// How the channel's port calls the virtual machine, looked at from the machine's side.
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { assert, present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { type ChangeSet, makeChangeSet, type StateKey } from "#core/effects.ts";
import { internalGas } from "#core/gas-units.ts";
import { domainHash } from "#core/hash.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { EXECUTED } from "#core/status.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { type Call, createStateTree, type Executor, type StateTree } from "#sandbox";
import { type ChannelSandbox, createChannelExecutor } from "../../src/channel/executor.ts";
import type { ChannelExecutor, EntryContext } from "../../src/channel/ports.ts";
import { RealLink } from "../simulation/real-link.ts";
import { World } from "../simulation/world.ts";

const ON_TICK = present(parseFunctionId("0x7::game::on_tick"), "a function");
const LAND: StateKey = {
  kind: "resource",
  address: makeAddress("0x7"),
  type: makeStructTag("0x7::game::Land"),
};
const CONTEXT: EntryContext = {
  channel: domainHash("ExecutorTest"),
  height: 7n,
  time: 1_700_000_000_000n,
  seed: domainHash("ExecutorTest"),
};

const u64 = (value: bigint) => encodeBcs((writer) => writer.u64(value));

/** A machine that notes what it is asked for, and says that it made these changes. */
function noting(changes: ChangeSet): { readonly calls: Call[]; readonly port: ChannelExecutor } {
  const calls: Call[] = [];
  const executor: Pick<Executor, "name" | "begin"> = {
    name: "interpreter",
    begin: () => ({
      execute(call) {
        calls.push(call);
        const gasUsed = internalGas(250);
        return { status: EXECUTED, gasUsed, returns: [], events: [], changes, touched: [] };
      },
      publish: () => unasked(),
      changes: () => unasked(),
      rollback: () => unasked(),
      mark: () => unasked(),
      tables: () => unasked(),
    }),
  };
  const sandbox: ChannelSandbox<StateTree> = {
    executor,
    chainId: 4,
    onTick: ON_TICK,
    createState: createStateTree,
    snapshot: () => unasked(),
    prove: () => unasked(),
    restore: () => unasked(),
  };
  return { calls, port: createChannelExecutor(sandbox) };
}

function unasked(): never {
  throw new Error("a tick asks for nothing else");
}

describe("a tick", () => {
  it("is given the header's time and its number, nobody's signer, and its gas", () => {
    const changes = makeChangeSet([{ key: LAND, op: { type: "new", value: u64(1n) } }]);
    const { calls, port } = noting(changes);
    const receipt = port.tick(3n, 100_000n, CONTEXT);
    expect(calls).toEqual([
      {
        mode: "function",
        function: ON_TICK,
        typeArgs: [],
        args: [u64(CONTEXT.time), u64(3n)],
        signers: [],
        gasLimit: internalGas(10_000_000),
      },
    ]);
    // 250 internal gas are begun units of a hundred.
    expect(receipt).toEqual({ status: EXECUTED, gasUsed: 3n, events: [], changes });
    expect(port.read(LAND)).toEqual(u64(1n));
  });

  it("of a contract that has none fails by itself, and changes nothing", async () => {
    const { chain } = await World.begin({ seed: 61, chain: "real" });
    assert(chain instanceof RealLink, "the real chain");
    const port = chain.makeExecutor();
    const before = port.stateRoot();
    const { status, changes } = port.tick(1n, 100_000n, CONTEXT);
    expect(status).not.toEqual(EXECUTED);
    expect(changes).toEqual([]);
    expect(port.stateRoot()).toEqual(before);
  });
});
