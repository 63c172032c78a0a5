// One life of a parallel chain, from a seed: root nodes that part and reorganise, nodes that crash
// at their writes, change their root node and lose their wallet, one that says what it pleases, and
// people who move coins to and fro. Checkers look on; then everything works again.
import { faucetSigner, signTransaction } from "#chains";
import { type Address, addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { toHex } from "#core/bytes.ts";
import { gasUnits } from "#core/gas-units.ts";
import { sha2_256 } from "#core/hash.ts";
import { parseFunctionId, parseModuleId } from "#core/identifier.ts";
import { formatTypeTag } from "#core/type-tag.ts";
import { createStateTree } from "#sandbox";
import { readAccount } from "../../../src/chains/ledger/framework.ts";
import type { Receipt } from "../../../src/chains/ledger/receipt.ts";
import { commitCall, readTitleEvent } from "../../../src/chains/para/contract.ts";
import { encodeStatus, statusOf } from "../../../src/chains/para/node-status.ts";
import { accountNamed, rawTransaction, u64 } from "../fixture.ts";
import { coinsIn } from "../peer/peer-world.ts";
import { COIN, CONFIG, paraAccount, TITLE, text } from "./para-chain.ts";
import {
  closeWorld,
  consensusOf,
  createParaWorld,
  foundGroup,
  hashAt,
  headOf,
  type ParaWorld,
  paraNode,
  pass,
  rootNode,
  startPara,
  stopPara,
} from "./para-world.ts";

const ROOTS = 3;
const HONEST = [0, 1, 2];
/** The node that says what it pleases. */
const LIAR = 3;
const ROUNDS = 10;
const HEAL_MS = 90_000;

const faucet = faucetSigner();
const people = ["alice", "bob", "carol"].map(accountNamed);

export interface ParaLife {
  /** What was found to be broken. */
  readonly broken: readonly string[];
  readonly done: number;
  readonly settled: number;
  readonly crashes: number;
  readonly reorganisations: number;
}

interface Life {
  readonly world: ParaWorld;
  readonly broken: string[];
  /** Done heights by height, as hex of the block's hash. */
  readonly done: Map<bigint, string>;
  crashes: number;
}

export async function liveParaLife(seed: number): Promise<ParaLife> {
  const world = await createParaWorld({ roots: ROOTS, seed });
  const life: Life = { world, broken: [], done: new Map(), crashes: 0 };
  await foundGroup(world);
  for (const index of [...HONEST, LIAR]) await startPara(world, index);
  for (const person of people) {
    await onRoot(world, faucet, "0x1::aptos_account::transfer", [
      addressToBytes(person.address),
      u64(1_000n * COIN),
    ]);
    await pass(world, 1_000);
  }
  for (let round = 0; round < ROUNDS; round++) await suffer(life);
  await heal(life);
  const settled = await checkEnd(life);
  const reorganisations = HONEST.reduce((sum, index) => {
    return sum + paraNode(world, index).source.tree.reorganisations;
  }, 0);
  await closeWorld(world);
  const { broken, done, crashes } = life;
  return { broken, done: done.size, settled, crashes, reorganisations };
}

/** One round of whatever can go wrong, at times that the seed chooses. */
async function suffer(life: Life): Promise<void> {
  const { world } = life;
  const { prng, links, paras } = world;
  const alone = prng.below(ROOTS);
  const isSplit = prng.permille(400);
  links.passes = (from, to) => !isSplit || (from === alone) === (to === alone);
  for (const index of HONEST) {
    const site = present(paras[index], "a node");
    const chance = prng.pick([0, 0, 150]);
    site.crashAt = () => (prng.permille(chance) ? prng.pick(["before", "after"] as const) : "none");
    site.wallet = prng.permille(150) ? "locked" : "ready";
    site.isLinked = !prng.permille(100);
    if (prng.permille(150)) {
      site.root = prng.below(ROOTS);
      site.client = undefined;
    }
  }
  if (prng.permille(500)) await lie(life);
  for (let count = prng.below(3); count > 0; count--) await move(world);
  await pass(world, 2_000 + prng.below(6_000));
  await revive(life);
  await noteDone(life);
}

/** Whoever died at a write comes back from what is on its disk. */
async function revive(life: Life): Promise<void> {
  for (const [index, site] of life.world.paras.entries()) {
    if (!site.hasDied) continue;
    life.crashes += 1;
    await stopPara(life.world, index);
    site.crashAt = () => "none";
    site.isLinked = true;
    await startPara(life.world, index);
  }
}

/** Votes for a block that is none, beside what the liar's own process sends. */
async function lie({ world }: Life): Promise<void> {
  const { prng } = world;
  const { store, tree } = paraNode(world, LIAR).source;
  const top = tree.head.block.header.height;
  const height = top - BigInt(prng.below(Number(top < 5n ? top : 5n) + 1));
  const stored = await store.blockAt(height);
  if (stored === undefined) return;
  const status = statusOf(CONFIG.title, stored);
  const field = prng.pick(["blockHash", "stateHash", "preStateHash"] as const);
  const wrong = encodeStatus({ ...status, [field]: sha2_256(status[field]) });
  const { function: called, args } = commitCall([wrong], world.clock.now());
  const name = `0x40::${called.module.name}::${called.name}`;
  await onRoot(world, paraAccount(LIAR), name, args);
}

/** Somebody moves coins over, back, or about, with too many of them now and then. */
async function move(world: ParaWorld): Promise<void> {
  const { prng } = world;
  const [from, to] = [prng.pick(people), prng.pick(people)];
  const amount = BigInt(1 + prng.below(200)) * COIN;
  const kind = prng.pick(["transfer", "transfer", "withdraw", "pay"] as const);
  if (kind === "pay") {
    const { state } = paraNode(world, prng.pick(HONEST)).source.tree.head;
    const { sequenceNumber } = readAccount(state, from.address);
    const bytes = signed(
      world,
      from,
      sequenceNumber,
      CONFIG.chainId,
      PAY,
      payArgs(to.address, amount),
    );
    await paraNode(world, prng.pick(HONEST)).ask({ type: "submit", bytes });
    return;
  }
  const args = [text(TITLE), ...payArgs(to.address, amount)];
  await onRoot(world, from, `0x40::cross_asset::${kind}`, args);
}

const PAY = "0x1::aptos_account::transfer";

function payArgs(to: Address, amount: bigint): readonly Uint8Array[] {
  return [addressToBytes(to), u64(amount)];
}

function signed(
  world: ParaWorld,
  signer: typeof faucet,
  number: bigint,
  chainId: number,
  target: string,
  args: readonly Uint8Array[],
): Uint8Array {
  const expirationSecs = world.clock.now() / 1_000n + 60n;
  const changes = { expirationSecs, chainId, maxGas: gasUnits(200_000n) };
  return signTransaction(rawTransaction(signer.address, number, target, args, changes), signer)
    .bytes;
}

/** Hands a root transaction to some root node; what becomes of it is for the checkers to see. */
async function onRoot(
  world: ParaWorld,
  signer: typeof faucet,
  target: string,
  args: readonly Uint8Array[],
): Promise<void> {
  const root = present(world.prng.pick(world.roots).node, "root nodes run");
  const { sequenceNumber } = readAccount(root.source.tree.head.state, signer.address);
  const bytes = signed(world, signer, sequenceNumber, 4, target, args);
  await root.ask({ type: "submit", bytes });
}

/** One done hash per height, whichever root node says so, once it is final there. */
async function noteDone({ world, done, broken }: Life): Promise<void> {
  for (const { node } of world.roots) {
    let next = 0n;
    for (const event of await finalEvents(node, "0x40::consensus")) {
      const found = readTitleEvent(CONFIG.title, event);
      if (found?.type !== "done") continue;
      const { height, blockHash } = found.agreed;
      if (height !== next) broken.push(`${height} is done where ${next} is next`);
      next = height + 1n;
      const standing = done.get(height) ?? toHex(blockHash);
      if (standing !== toHex(blockHash)) broken.push(`height ${height} is done with two blocks`);
      done.set(height, standing);
    }
  }
}

async function finalEvents(node: ParaWorld["roots"][number]["node"], module: string) {
  const client = present(node, "root nodes run").connect();
  const id = present(parseModuleId(module), "a module");
  const { events } = await client.events(id, { version: 0n, index: 0 }, 1_000);
  client.close();
  return events.map(({ eventType, data }) => ({ type: eventType, data }));
}

/** Lets everything work again, and time enough pass for it. */
async function heal(life: Life): Promise<void> {
  const { world } = life;
  world.links.passes = () => true;
  for (const site of world.paras) {
    Object.assign(site, { crashAt: () => "none", wallet: "ready", isLinked: true });
  }
  await pass(world, 2_000);
  await revive(life);
  await pass(world, HEAL_MS);
  await noteDone(life);
}

/** Returns how many crossings were settled. */
async function checkEnd({ world, broken, done }: Life): Promise<number> {
  const agreed = await consensusOf(world);
  const heads = HONEST.map((index) => headOf(paraNode(world, index)));
  if (heads.some((head) => head - agreed > 3n)) {
    broken.push(`only ${agreed} of ${heads.join()} is agreed`);
  }
  const hashes = new Set(HONEST.map((index) => hashAt(paraNode(world, index), agreed)));
  if (hashes.size !== 1) broken.push(`honest nodes differ at ${agreed}`);
  const [own] = hashes;
  const last = done.get(agreed);
  if (last !== undefined && last !== own) broken.push("what is agreed on is not what is built");
  for (const index of HONEST) {
    const { alarms } = paraNode(world, index).standing();
    if (alarms.length > 0) broken.push(`node ${index}: ${alarms.map(({ code }) => code).join()}`);
  }
  const settled = await releasesOf(world, broken);
  await checkCoins(world, broken);
  return settled;
}

async function releasesOf(world: ParaWorld, broken: string[]): Promise<number> {
  const released = new Set<string>();
  for (const { type, data } of await finalEvents(rootNode(world), "0x40::cross_asset")) {
    if (!formatTypeTag(type).endsWith("::AssetSettled")) continue;
    const reader = new BcsReader(data);
    const hash = toHex(reader.bytes());
    if (released.has(hash)) broken.push(`${hash} is settled twice`);
    released.add(hash);
  }
  return released.size;
}

/** What circulates on the parallel chain is what the root chain has locked for it. */
async function checkCoins(world: ParaWorld, broken: string[]): Promise<void> {
  const node = paraNode(world, 0);
  const genesis = present(await node.source.store.blockAt(0n), "a genesis");
  const first = genesis.receipts[0];
  const there = coinsIn(node.source.tree.head.state) - coinsAtGenesis(present(first, "a receipt"));
  const client = rootNode(world).connect();
  const id = present(parseFunctionId("0x40::vault::locked"), "a function");
  const [value] = await client.view({ function: id, args: [text(TITLE)] });
  client.close();
  const locked = new BcsReader(present(value, "a number")).u64();
  if (locked !== there) broken.push(`${there} coins are there for ${locked} that are locked`);
}

function coinsAtGenesis({ changes }: Receipt): bigint {
  const state = createStateTree();
  state.apply(changes);
  return coinsIn(state);
}
