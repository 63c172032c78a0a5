// What a settlement costs on chain after so many calls: a chat of three whose members really post
// that often, off chain, in the ring of messages that the contract keeps.
import { assert } from "#core/assert.ts";
import { gasUnits, internalGas, toGasUnits } from "#core/gas-units.ts";
import { parseFunctionId, parseModuleId } from "#core/identifier.ts";
import { formatVmStatus, isExecuted } from "#core/status.ts";
import { channelProfile, createExecutor, type Executor, pinnedModules } from "#sandbox";
import { BYTECODE } from "../../../src/chains/contracts/bytecode.ts";
import { rootParameters } from "../../../src/chains/ledger/parameters.ts";
import { accountNamed } from "../fixture.ts";
import { admit, CHAT, execute, openChatChannel } from "./chat-channel.ts";
import { arg, type Ran, startContractChain } from "./contract-chain.ts";
import {
  confirm,
  nextHeader,
  order,
  type ScriptedChannel,
  seal,
  settlementData,
  vote,
} from "./scripted-channel.ts";

const CALL_GAS = internalGas(100_000_000);
/** Calls that one header of a busy channel covers. */
const CALLS_A_HEADER = 64;
/** Every message is as long, so that the state is as large whoever comes last. */
const NUMBER_DIGITS = 8;

export interface SettlementCost {
  /** Gas units of all its transactions: the proposal, the votes, the execution. */
  readonly gas: number;
  readonly transactions: number;
  /** Bytes of what is proposed. */
  readonly bytes: number;
}

/** @param calls at least as many as the contract keeps messages. */
export function settlementCost(calls: number): SettlementCost {
  const chain = startContractChain();
  const channel = openChatChannel(chain);
  const steps = ["bob", "carol"].map((name) => admit(channel, name));
  play(channel, calls);
  const confirmation = confirm(channel, calls % CALLS_A_HEADER);
  const data = settlementData(channel, confirmation, steps);
  const proposer = channel.player("alice");
  const runs: Ran[] = [
    channel.callOk(proposer, "create_proposal_entry", arg.u8(1), arg.bytes(data)),
  ];
  const proposal = channel.view().proposalCount;
  for (const name of ["bob", "carol"]) runs.push(vote(channel, channel.player(name), proposal));
  runs.push(execute(channel, proposal));
  const { intrinsicGas } = rootParameters([accountNamed("producer").publicKey]);
  const gas = runs.reduce((sum, { status, gas: used }) => {
    assert(isExecuted(status), `settling after ${calls} calls: ${formatVmStatus(status)}`);
    return sum + Number(gasUnits(intrinsicGas + toGasUnits(internalGas(used))));
  }, 0);
  return { gas, transactions: runs.length, bytes: data.length };
}

function play(channel: ScriptedChannel, calls: number): void {
  const executor = channelExecutor();
  const post = parseFunctionId(`${CHAT}::post`);
  assert(post !== undefined, "a function");
  const { address } = channel.player("alice");
  for (let number = 1; number <= calls; number++) {
    const uniqueSeed = new Uint8Array(32);
    const session = executor.begin(channel.log.state, { uniqueSeed, chainId: 4 });
    const { status } = session.execute({
      mode: "entry",
      function: post,
      typeArgs: [],
      args: [arg.text(`message ${`${number}`.padStart(NUMBER_DIGITS, "0")}`)],
      signers: [address],
      gasLimit: CALL_GAS,
    });
    assert(isExecuted(status), `call ${number}: ${formatVmStatus(status)}`);
    order(channel.log, session.changes());
    if (number % CALLS_A_HEADER === 0) seal(channel, nextHeader(channel, CALLS_A_HEADER));
  }
}

function channelExecutor(): Executor {
  const modules = BYTECODE.flatMap(({ id, hex }) => {
    const module = parseModuleId(id);
    return module === undefined
      ? []
      : [{ id: module, bytes: new Uint8Array(Buffer.from(hex, "hex")) }];
  });
  return createExecutor(channelProfile(pinnedModules(modules)));
}
