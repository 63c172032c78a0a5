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
import { type FunctionId, parseFunctionId, parseModuleId } from "#core/identifier.ts";
import { isExecuted } from "#core/status.ts";
import { formatTypeTag } from "#core/type-tag.ts";
import { signCall } from "../cross-chain/account-call.ts";
import { followFinalEvents } from "../cross-chain/final-events.ts";
import { provide, untilTaken } from "../cross-chain/provision.ts";
import type { AccountSigner } from "../ledger/account-signer.ts";
import { vmStatusText } from "../ledger/receipt.ts";
import type { Clock } from "../ports.ts";
import type { ChainClient } from "../rpc/client.ts";
import { type ParaConfig, paraConfig } from "./config.ts";
import { PARACROSS_ADDRESS } from "./contract.ts";
import type { Title } from "./title.ts";

const APPLICATIONS = present(parseModuleId("0x40::node_group"), "a module");
const START = { version: 0n, index: 0 };

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
  for (const address of [producer.address, ...nodes]) await provideFor(root, clock, address);
  if (!(await hasParaGroup(root, config.title))) await makeGroup(work, config.title, nodes);
  return config;
}

/** Whether the root shows nodes of the title. Rejects with `ChainError`. */
export async function hasParaGroup(root: ChainClient, title: Title): Promise<boolean> {
  const args = [encodeBcs((writer) => writer.string(title))];
  const [bytes] = await root.view({ function: paraFunction("node_list::has_group"), args });
  return new BcsReader(present(bytes, "a view that returns a bool")).bool();
}

/** Sees to it that an account has coins on the root chain. */
export function provideFor(root: ChainClient, clock: Clock, address: Address): Promise<void> {
  return provide(root, clock, address, FUNDS);
}

async function makeGroup(work: Work, title: Title, nodes: readonly Address[]): Promise<void> {
  await send(work, "manager::appoint", [addressToBytes(work.producer.address)]);
  const application = (await openApplication(work, title)) ?? (await apply(work, title, nodes));
  await send(work, "node_group::approve", [u64(application)]);
}

/** Freezes coins for each node; tells the application's number. */
async function apply(work: Work, title: Title, nodes: readonly Address[]): Promise<bigint> {
  const events = await send(work, "node_group::apply", [
    encodeBcs((writer) => writer.string(title)),
    encodeBcs((writer) => writer.vector(nodes, (out, node) => out.address(node))),
    u64(FROZEN),
    encodeBcs((writer) => writer.bool(nodes.length < SAFE_NODES_MIN)),
  ]);
  const [applied] = events.map(readApplied).filter((found) => found !== undefined);
  return present(applied, "who applies is told the number").application;
}

/**
 * What the producer applied for in a life that ended before it approved: its coins are frozen for
 * it, so it is not to apply again.
 */
async function openApplication(
  { root, producer }: Work,
  title: Title,
): Promise<bigint | undefined> {
  const { events } = await followFinalEvents(root, APPLICATIONS, START).readOn();
  const applied = events
    .map(({ eventType, data }) => readApplied({ type: eventType, data }))
    .filter((found) => found?.title === title && found.applicant === producer.address);
  return applied.at(-1)?.application;
}

interface Applied {
  readonly application: bigint;
  readonly title: string;
  readonly applicant: Address;
}

function readApplied({ type, data }: Event): Applied | undefined {
  if (formatTypeTag(type) !== `${PARACROSS_ADDRESS}::node_group::Applied`) return undefined;
  const reader = new BcsReader(data);
  return { application: reader.u64(), title: reader.string(), applicant: reader.address() };
}

async function send(
  { root, clock, producer }: Work,
  name: string,
  args: readonly Uint8Array[],
): Promise<readonly Event[]> {
  const call = { function: paraFunction(name), args };
  const { receipt } = await untilTaken(clock, async () => {
    const [{ chainId, gasUnitPrice }, { sequenceNumber }] = await Promise.all([
      root.ledger(),
      root.account(producer.address),
    ]);
    const nowMs = clock.now();
    const terms = { chainId, sequenceNumber, gasUnitPrice, nowMs, lifetimeSecs: LIFETIME_SECS };
    const { bytes } = signCall(producer, call, terms);
    return root.waitForTransaction(await root.submit(bytes), WAIT_MS);
  });
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
