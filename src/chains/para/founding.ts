/**
 * Begins a parallel chain on a network for development, where one producer makes the root's blocks
 * and gives play money away: pays its nodes, has itself appointed, and makes the title's group.
 * Each step is taken only if the root does not show it done, so that what was cut short goes on.
 */
import { type Address, addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import type { PublicKey } from "#core/ed25519.ts";
import type { Event } from "#core/effects.ts";
import { type FunctionId, parseFunctionId } from "#core/identifier.ts";
import { isExecuted } from "#core/status.ts";
import { formatTypeTag, parseTypeTag } from "#core/type-tag.ts";
import { signCall } from "../cross-chain/account-call.ts";
import type { AccountSigner } from "../ledger/account-signer.ts";
import { vmStatusText } from "../ledger/receipt.ts";
import type { Clock } from "../ports.ts";
import type { ChainClient } from "../rpc/client.ts";
import { type ParaConfig, paraConfig } from "./config.ts";
import { PARACROSS_ADDRESS } from "./contract.ts";

/** Units that each account gets: what it freezes, and commits for a long time. */
const FUNDS = 1_000_000_000n;
/** Units that a node freezes: the least, unless the super manager has set more. */
const FROZEN = 1_000_000n;
const SAFE_NODES_MIN = 4;
const WAIT_MS = 30_000;
const LIFETIME_SECS = 60n;

export interface ParaFounding {
  readonly title: string;
  /** j: its chain id is 100 + j. */
  readonly number: number;
  readonly owner: PublicKey;
  /** The accounts that its nodes commit by. */
  readonly nodes: readonly Address[];
}

interface Work {
  readonly root: ChainClient;
  readonly clock: Clock;
  readonly producer: AccountSigner;
}

/**
 * Resolves with what the chain's nodes begin with when the root shows the title's group. Rejects
 * with `ChainError`, or with an `Error` that says which step the root has refused.
 *
 * @param producer the one that makes the root's blocks.
 */
export async function beginParaChain(
  root: ChainClient,
  clock: Clock,
  producer: AccountSigner,
  { title, number, owner, nodes }: ParaFounding,
): Promise<ParaConfig> {
  const work = { root, clock, producer };
  const first = present(await root.block(0n), "a root chain has a genesis");
  const { timestampUs } = first.block.header;
  const config = paraConfig(title, number, owner, { height: 0n, timestampUs });
  if (config === undefined) throw new Error(`"${title}" is no title: user.p.NAME.`);
  for (const address of [producer.address, ...nodes]) await provideFor(root, address);
  const name = encodeBcs((writer) => writer.string(title));
  if (!(await isSo(work, "node_list::has_group", [name]))) await makeGroup(work, name, nodes);
  return config;
}

/** Sees to it that an account has coins on the root chain. */
export async function provideFor(root: ChainClient, address: Address): Promise<void> {
  const [bytes] = await root.view({
    function: functionId("0x1::coin::balance"),
    typeArgs: [present(parseTypeTag("0x1::aptos_coin::AptosCoin"), "the coin")],
    args: [addressToBytes(address)],
  });
  if (new BcsReader(present(bytes, "a balance")).u64() >= FUNDS / 2n) return;
  await root.waitForTransaction(await root.fund(address, FUNDS), WAIT_MS);
}

async function makeGroup(work: Work, title: Uint8Array, nodes: readonly Address[]): Promise<void> {
  await send(work, "manager::appoint", [addressToBytes(work.producer.address)]);
  const applied = await send(work, "node_group::apply", [
    title,
    encodeBcs((writer) => writer.vector(nodes, (out, node) => out.address(node))),
    u64(FROZEN),
    encodeBcs((writer) => writer.bool(nodes.length < SAFE_NODES_MIN)),
  ]);
  await send(work, "node_group::approve", [u64(applicationIn(applied))]);
}

/** The number of the application that these events tell of. */
function applicationIn(events: readonly Event[]): bigint {
  const type = `${PARACROSS_ADDRESS}::node_group::Applied`;
  const event = events.find((candidate) => formatTypeTag(candidate.type) === type);
  return new BcsReader(present(event, "who applies is told the number").data).u64();
}

async function isSo({ root }: Work, name: string, args: readonly Uint8Array[]): Promise<boolean> {
  const [bytes] = await root.view({ function: paraFunction(name), args });
  return new BcsReader(present(bytes, "a view that returns a bool")).bool();
}

async function send(
  { root, clock, producer }: Work,
  name: string,
  args: readonly Uint8Array[],
): Promise<readonly Event[]> {
  const [{ chainId, gasUnitPrice }, { sequenceNumber }] = await Promise.all([
    root.ledger(),
    root.account(producer.address),
  ]);
  const call = { function: paraFunction(name), args };
  const nowMs = clock.now();
  const terms = { chainId, sequenceNumber, gasUnitPrice, nowMs, lifetimeSecs: LIFETIME_SECS };
  const { bytes } = signCall(producer, call, terms);
  const { receipt } = await root.waitForTransaction(await root.submit(bytes), WAIT_MS);
  if (isExecuted(receipt.status)) return receipt.events;
  throw new Error(`0x40::${name} was refused: ${vmStatusText(receipt.status)}`);
}

function paraFunction(name: string): FunctionId {
  return functionId(`0x40::${name}`);
}

function functionId(name: string): FunctionId {
  return present(parseFunctionId(name), `not a function: ${name}`);
}

function u64(value: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u64(value));
}
