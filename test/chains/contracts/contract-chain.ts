// The contracts on a bare executor: genesis, blocks and transactions without a node, so that a
// scenario is a few calls and a failure points at the contract. What a chain adds is tested with
// the chain.
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { assert, present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { utf8 } from "#core/bytes.ts";
import type { ChangeSet, Event } from "#core/effects.ts";
import { internalGas } from "#core/gas-units.ts";
import { sha2_256 } from "#core/hash.ts";
import { parseFunctionId, parseModuleId } from "#core/identifier.ts";
import { formatVmStatus, isExecuted, statusName, type VmStatus } from "#core/status.ts";
import { parseTypeTag } from "#core/type-tag.ts";
import {
  type CallMode,
  chainProfile,
  createInterpreter,
  createMemoryState,
  type Executor,
  listedModules,
  type MemoryState,
  type Session,
} from "#sandbox";
import { BYTECODE } from "../../../src/chains/contracts/bytecode.ts";
import { takeRequests } from "../../../src/chains/ledger/action-requests.ts";

export const CHAIN_ID = 4;
export const START_US = 1_700_000_000_000_000n;
export const FAUCET = makeAddress("0xfa");
export const PRODUCER = makeAddress("0xb10c");
/** The producer's, which these tests never sign with. */
const KEY = new Uint8Array(32).fill(7);
export const RESOURCES = makeAddress("0x50");
/** What genesis sets aside for block rewards, out of all there is. */
export const RESERVE = 100_000_000_000_000n;
/** Native units that a funded account starts with. */
export const FUNDS = 1_000_000n;

const GAS = internalGas(200_000_000);
/** Blocks of {@link ContractChain.passTime} come so often, so that all of it counts as active. */
const BLOCK_MS = 1_000n;

export interface CallOptions {
  readonly sender?: Address;
  /** Signs behind the sender, where the chain itself calls. */
  readonly cosigner?: Address;
  readonly typeArgs?: readonly string[];
  readonly args?: readonly Uint8Array[];
}

export interface Ran {
  readonly status: VmStatus;
  readonly events: readonly Event[];
  readonly gas: number;
  /** BCS of what it returned. */
  readonly returns: readonly Uint8Array[];
}

export interface ContractChain {
  readonly state: MemoryState;
  /**
   * An entry function as a transaction; keeps its effect when it succeeds and counts it either way.
   */
  run(name: string, options: CallOptions): Ran;
  /** {@link run} that must succeed. */
  ok(name: string, options: CallOptions): Ran;
  /** A public function, called for what it returns; changes nothing. */
  ask(name: string, options: CallOptions): Ran;
  /** {@link ask} that must succeed. */
  view(name: string, options: CallOptions): readonly Uint8Array[];
  /** Any function as the chain itself calls it. */
  system(name: string, options: CallOptions): Ran;
  /** Publishes modules of one address that are not among the contracts. */
  publish(sender: Address, modules: readonly Uint8Array[]): void;
  /** Makes blocks for so long, at most a second apart. */
  passTime(ms: bigint): void;
  /** Makes one block, so much later. */
  nextBlock(ms: bigint): void;
  /** Blocks made from now on do not become final, until they may again. */
  holdFinality(isHeld: boolean): void;
  /** Wall time in milliseconds. */
  now(): bigint;
}

export const arg = {
  u8: (value: number) => encodeBcs((writer) => writer.u8(value)),
  u32: (value: number) => encodeBcs((writer) => writer.u32(value)),
  u64: (value: bigint | number) => encodeBcs((writer) => writer.u64(BigInt(value))),
  u64s: (values: readonly bigint[]) =>
    encodeBcs((writer) => writer.vector(values, (out, value) => out.u64(value))),
  bytes: (value: Uint8Array) => encodeBcs((writer) => writer.bytes(value)),
  text: (value: string) => encodeBcs((writer) => writer.string(value)),
  address: (value: Address) => addressToBytes(value),
  addresses: (values: readonly Address[]) =>
    encodeBcs((writer) => writer.vector(values, (out, value) => out.address(value))),
};

/** Genesis takes a while: it is run once for each time that chains here begin at. */
const geneses = new Map<bigint, ChangeSet>();

/**
 * @param admits code beyond the contracts that may be published, as hex SHA-256.
 * @param startUs chains that begin at different times are different chains.
 */
export function startContractChain(
  admits: readonly string[] = [],
  startUs = START_US,
): ContractChain {
  const admitted = [...BYTECODE.map(({ sha256 }) => sha256), ...admits];
  const executor = createInterpreter(chainProfile(listedModules(admitted)));
  const state = createMemoryState();
  const genesis = geneses.get(startUs) ?? runGenesis(executor, startUs);
  geneses.set(startUs, genesis);
  state.apply(genesis);
  let height = 0n;
  let timeUs = startUs;
  let count = 0;
  let finalHeight = 0n;
  let isHeld = false;

  function begin(): Session {
    const uniqueSeed = sha2_256(utf8(`transaction ${count++}`));
    return executor.begin(state, { uniqueSeed, chainId: CHAIN_ID });
  }

  function call(mode: CallMode, name: string, options: CallOptions) {
    const session = begin();
    const outcome = session.execute(callOf(mode, name, options));
    if (mode !== "function" && isExecuted(outcome.status)) state.apply(session.changes());
    return outcome;
  }

  function ran(mode: CallMode, name: string, options: CallOptions): Ran {
    const { status, events, gasUsed, returns } = call(mode, name, options);
    // What was queued runs on a chain only; here it is asked for in vain.
    const own = takeRequests(events).events;
    return { status, events: own, gas: Number(gasUsed), returns };
  }

  function succeed(mode: CallMode, name: string, options: CallOptions): Ran {
    const result = ran(mode, name, options);
    assert(isExecuted(result.status), `${name}: ${formatVmStatus(result.status)}`);
    return result;
  }

  function nextBlock(ms: bigint): void {
    height += 1n;
    timeUs += ms * 1_000n;
    if (!isHeld) finalHeight = height - 1n;
    const final = arg.u64(finalHeight);
    const below = arg.bytes(sha2_256(arg.u64(height - 1n)));
    const args = [arg.u64(height), arg.u64(timeUs), arg.address(PRODUCER), final, below];
    succeed("system", "0x1::block::prologue", { args });
    const proposer = [arg.address(PRODUCER)];
    succeed("system", "0x50::producers::onblock", { sender: RESOURCES, args: proposer });
  }

  return {
    state,
    run: (name, options) => ran("entry", name, options),
    ok: (name, options) => succeed("entry", name, options),
    ask: (name, options) => ran("function", name, options),
    view: (name, options) => succeed("function", name, options).returns,
    system: (name, options) => ran("system", name, options),
    publish(sender, modules) {
      const session = begin();
      const { status } = session.publish(sender, modules, GAS);
      assert(isExecuted(status), formatVmStatus(status));
      state.apply(session.changes());
    },
    passTime(ms) {
      for (let left = ms; left > 0n; left -= BLOCK_MS) nextBlock(left < BLOCK_MS ? left : BLOCK_MS);
    },
    nextBlock,
    holdFinality(hold) {
      isHeld = hold;
    },
    now: () => timeUs / 1_000n,
  };
}

function callOf(mode: CallMode, name: string, options: CallOptions) {
  const { sender, cosigner, typeArgs, args } = options;
  return {
    mode,
    function: present(parseFunctionId(name), `not a function: ${name}`),
    typeArgs: (typeArgs ?? []).map((text) => present(parseTypeTag(text), `not a type: ${text}`)),
    args: args ?? [],
    signers: [sender, cosigner].filter((signer) => signer !== undefined),
    gasLimit: GAS,
  };
}

function runGenesis(executor: Executor, startUs: bigint): ChangeSet {
  const context = { uniqueSeed: sha2_256(utf8("genesis")), chainId: CHAIN_ID };
  const session = executor.begin(createMemoryState(), context);
  const run = (name: string, signers: readonly Address[], args: readonly Uint8Array[]) => {
    const { status } = session.execute({ ...callOf("system", name, { args }), signers });
    assert(isExecuted(status), `${name}: ${formatVmStatus(status)}`);
  };
  const addresses = new Set(BYTECODE.map(({ id }) => id.slice(0, id.indexOf("::"))));
  for (const address of addresses) {
    const modules = BYTECODE.filter(({ id }) => id.startsWith(`${address}::`)).map(({ hex }) =>
      Uint8Array.from(Buffer.from(hex, "hex")),
    );
    const { status } = session.publish(makeAddress(address), modules, GAS);
    assert(isExecuted(status), `publishing ${address}: ${formatVmStatus(status)}`);
    if (address === "0x1") {
      const producers = arg.addresses([PRODUCER]);
      const args = [arg.u8(CHAIN_ID), arg.u64(startUs), arg.address(FAUCET), producers];
      args.push(arg.address(RESOURCES));
      run("0x1::genesis::initialize", [makeAddress("0x1")], args);
    }
    if (address === "0x50") {
      const keys = encodeBcs((writer) => writer.vector([PRODUCER], (out) => out.bytes(KEY)));
      const args = [arg.addresses([PRODUCER]), keys, arg.u64(RESERVE)];
      run("0x50::genesis::initialize", [makeAddress("0x50"), FAUCET], args);
    }
    if (address === "0x30") {
      const args = [arg.address(FAUCET), arg.u32(4)];
      run("0x30::genesis::initialize_root", [makeAddress("0x30")], args);
    }
  }
  for (const { id } of BYTECODE) {
    const module = present(parseModuleId(id), `not a module: ${id}`);
    const call = callOf("system", `${id}::init_module`, { sender: module.address });
    const { status } = session.execute(call);
    const hasNone = statusName(status) === "FUNCTION_RESOLUTION_FAILURE";
    assert(hasNone || isExecuted(status), `${id}: ${formatVmStatus(status)}`);
  }
  return session.changes();
}
