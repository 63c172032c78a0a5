// What a visitor finds who looks closer at the chain: what is in its blocks, what accounts hold and
// take up, its shards. Asked for while somebody looks; knows neither the node nor the page.
import { formatFunctionId, type JsValue, parseTypeTag, type TypeTag } from "holdfast/sandbox";
import type { BlockSummary, ChainLink, TransactionSummary } from "holdfast/settlement";
import type {
  AccountView,
  BlockDetails,
  ChainDetails,
  ResourcePrices,
  ShardView,
  TransactionView,
} from "../view/chain.ts";
import type { ContractReader } from "./contract-reader.ts";
import { bigOf, fieldsOf, hexOf, listOf, numberOf, textOf } from "./fields.ts";

/** How many blocks with transactions are looked for, how far back, and how many at a time. */
const BLOCKS_WANTED = 16;
const BLOCKS_READ_MAX = 64;
const BLOCKS_AT_ONCE = 8;
/** So deep a block is not replaced any more, and not asked for again. */
const LASTING_DEPTH = 8n;
const SHARDS_SHOWN = 8;
const NATIVE_COIN = "0x1::aptos_coin::AptosCoin";
/** What the chain says of an account's RAM where it has no limit. */
const UNLIMITED = 2n ** 64n - 1n;
/** By the contract's numbers. */
const SHARD_STATES: readonly string[] = ["created", "configured", "active", "stopping"];
const SHARD_OVER = "archived";

export interface DetailsReader {
  read(accounts: readonly string[]): Promise<ChainDetails>;
}

/** What is needed of a link. */
interface BlockLink extends Pick<ChainLink, "height" | "transactionsIn"> {
  block(
    height: bigint,
  ): Promise<(Omit<BlockSummary, "hash"> & { readonly hash: Uint8Array }) | undefined>;
}

export function createDetailsReader(link: BlockLink, contracts: ContractReader): DetailsReader {
  let known: readonly BlockDetails[] = [];
  return {
    async read(accounts) {
      const [blocks, held, shards, home, prices] = await Promise.all([
        blocksOf(link, known),
        Promise.all(accounts.map((address) => accountOf(contracts, address))),
        shardsOf(contracts),
        contracts.view("0x30::home::shard_id", [], []),
        pricesOf(contracts),
      ]);
      known = blocks;
      return { blocks, accounts: held, shards, shardId: bigOf(home?.[0]), prices };
    },
  };
}

/** From the newest back, until enough have transactions: most blocks of a quiet chain are empty. */
async function blocksOf(
  link: BlockLink,
  known: readonly BlockDetails[],
): Promise<readonly BlockDetails[]> {
  const head = await link.height();
  const blocks: BlockDetails[] = [];
  const isEnough = () =>
    blocks.filter(({ transactionsCount }) => transactionsCount > 0).length >= BLOCKS_WANTED;
  for (let back = 0; back < BLOCKS_READ_MAX && !isEnough(); back += BLOCKS_AT_ONCE) {
    const heights = Array.from({ length: BLOCKS_AT_ONCE }, (_, at) => head - BigInt(back + at));
    const wanted = heights.filter((height) => height >= 0n);
    const read = await Promise.all(wanted.map((height) => blockAt(link, height, head, known)));
    blocks.push(...read.flatMap((block) => block ?? []));
  }
  return blocks;
}

/** A block near the head may be replaced: there, what is known of it counts by its hash. */
async function blockAt(
  link: BlockLink,
  height: bigint,
  head: bigint,
  known: readonly BlockDetails[],
): Promise<BlockDetails | undefined> {
  const lasting =
    head - height >= LASTING_DEPTH ? known.find((one) => one.height === height) : undefined;
  return lasting ?? blockOf(link, height, known);
}

async function blockOf(
  link: BlockLink,
  height: bigint,
  known: readonly BlockDetails[],
): Promise<BlockDetails | undefined> {
  const found = await link.block(height);
  if (found === undefined) return undefined;
  const hash = hexOf(found.hash) ?? "";
  const same = known.find((block) => block.hash === hash);
  if (same !== undefined) return same;
  const isEmpty = found.transactionsCount === 0;
  const summaries = isEmpty ? [] : ((await link.transactionsIn(height)) ?? []);
  return {
    height,
    hash,
    transactionsCount: found.transactionsCount,
    atMs: Number(found.timestampMs),
    transactions: summaries.map(transactionView),
  };
}

function transactionView(summary: TransactionSummary): TransactionView {
  const { version, hash, sender, isExecuted, statusText, gasUsed } = summary;
  return {
    version,
    hash: hexOf(hash) ?? "",
    sender,
    function: summary.function && shortened(formatFunctionId(summary.function)),
    isExecuted,
    status: statusText,
    gasUsed,
  };
}

/** Without the zeros of its address. */
function shortened(name: string): string {
  return name.replace(/^0x0+(?=.)/, "0x");
}

async function accountOf(contracts: ContractReader, address: string): Promise<AccountView> {
  const ask = async (name: string, types: readonly TypeTag[] = []) =>
    bigOf((await contracts.view(name, types, [address]))?.[0]);
  const coin = parseTypeTag(NATIVE_COIN);
  const [balance, ramUsed, quota, staked] = await Promise.all([
    coin === undefined ? undefined : ask("0x1::coin::balance", [coin]),
    ask("0x50::ram::used"),
    ask("0x50::ram::quota"),
    ask("0x50::vault::staked"),
  ]);
  return { address, balance, ramUsed, ramQuota: quota === UNLIMITED ? undefined : quota, staked };
}

async function shardsOf(contracts: ContractReader): Promise<readonly ShardView[] | undefined> {
  const count = bigOf((await contracts.view("0x30::shard_mgmt::get_shard_count", [], []))?.[0]);
  if (count === undefined) return undefined;
  const ids = Array.from({ length: Math.min(Number(count), SHARDS_SHOWN) }, (_, at) => at + 1);
  const shards = await Promise.all(ids.map((id) => shardOf(contracts, BigInt(id))));
  return shards.flatMap((shard) => shard ?? []);
}

async function shardOf(contracts: ContractReader, id: bigint): Promise<ShardView | undefined> {
  const [found, gas] = await Promise.all([
    contracts.view("0x30::shard_mgmt::get_shard", [], [id]),
    contracts.view("0x30::shard_gas::get_shard_gas_balance", [], [id]),
  ]);
  return shardView(found?.[0], bigOf(gas?.[0]));
}

/** @param value a `0x30::shard_mgmt::Shard` */
export function shardView(
  value: JsValue | undefined,
  gas: bigint | undefined,
): ShardView | undefined {
  const shard = fieldsOf(value);
  const id = bigOf(shard?.["id"]);
  if (shard === undefined || id === undefined) return undefined;
  return {
    id,
    state: SHARD_STATES[numberOf(shard["state"]) ?? 0] ?? SHARD_OVER,
    creator: textOf(shard["creator"]) ?? "",
    epoch: bigOf(shard["epoch"]) ?? 0n,
    seatsCount: numberOf(fieldsOf(shard["config"])?.["k"]) ?? 0,
    peersCount: listOf(shard["peers"]).length,
    gas,
  };
}

async function pricesOf(contracts: ContractReader): Promise<ResourcePrices | undefined> {
  const ask = async (name: string) => (await contracts.view(`0x50::config::${name}`, [], []))?.[0];
  const [cpu, net, ram, isLimited] = await Promise.all(
    ["cpu_fee", "net_fee", "free_ram", "is_ram_limited"].map(ask),
  );
  const [cpuMicroseconds, netBytes, freeRamBytes] = [bigOf(cpu), bigOf(net), bigOf(ram)];
  if (cpuMicroseconds === undefined || netBytes === undefined || freeRamBytes === undefined) {
    return undefined;
  }
  return { cpuMicroseconds, netBytes, freeRamBytes, isRamLimited: isLimited === true };
}
