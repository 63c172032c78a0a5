// Follows the chain as any visitor could: its newest blocks, a purse, and what the contracts hold
// and tell about one channel. Asks again with every new block; knows neither the node nor the page.
import { type JsValue, parseTypeTag, type TypeTag } from "holdfast/sandbox";
import type { ChainLink } from "holdfast/settlement";
import type { StoredTypes } from "../games/game.ts";
import { sameAddress } from "../session/names.ts";
import type { BlockView } from "../view/chain.ts";
import { type ChainDetails } from "../view/chain.ts";
import type { StoredState } from "../view/stored.ts";
import { createDetailsReader, type DetailsReader } from "./chain-details.ts";
import {
  type ChannelRecord,
  channelRecord,
  type ProposalRecord,
  proposalRecord,
} from "./chain-record.ts";
import { type ContractReader, createContractReader } from "./contract-reader.ts";
import { type ChannelEvent, createEventFeed, type EventFeed } from "./event-feed.ts";
import { type ExitRecord, exitRecords } from "./exit-record.ts";
import { bigOf } from "./fields.ts";

export const BLOCKS_SHOWN = 6;
const PROPOSALS_SHOWN = 3n;
const NATIVE_COIN = "0x1::aptos_coin::AptosCoin";

export interface ChainNews {
  readonly blocks: readonly BlockView[];
  readonly balance: bigint | undefined;
  readonly record: ChannelRecord | undefined;
  readonly proposals: readonly ProposalRecord[];
  readonly exits: readonly ExitRecord[];
  readonly stored: StoredState;
  /** While somebody looks closer. */
  readonly details: ChainDetails | undefined;
  /** Since the last news, oldest first. */
  readonly events: readonly ChannelEvent[];
}

/** What to look at; what is absent stays as it was. */
export interface Sight {
  readonly channel?: bigint | undefined;
  readonly purse?: string | undefined;
  /** What the game stores there. */
  readonly stored?: StoredTypes | undefined;
  /** Somebody looks closer. */
  readonly isExploring?: boolean | undefined;
}

/** Why there is no news. */
export interface ChainTrouble {
  readonly code: string;
  readonly message: string;
}

export interface ChainListeners {
  readonly onNews: (news: ChainNews) => void;
  readonly onTrouble: (trouble: ChainTrouble) => void;
}

/** Ends with its link. */
export interface ChainWatch {
  look(at: Sight): void;
}

interface Watching {
  readonly link: ChainLink;
  readonly contracts: ContractReader;
  readonly details: DetailsReader;
  readonly listeners: ChainListeners;
  channel: bigint | undefined;
  purse: string | undefined;
  stored: StoredTypes | undefined;
  isExploring: boolean;
  blocks: readonly BlockView[];
  readonly events: EventFeed;
  isAsking: boolean;
  /** A block came while the last one was being looked at. */
  isStale: boolean;
}

export function watchChain(link: ChainLink, listeners: ChainListeners): ChainWatch {
  const contracts = createContractReader(link);
  const watching: Watching = {
    link,
    contracts,
    details: createDetailsReader(link, contracts),
    listeners,
    channel: undefined,
    purse: undefined,
    stored: undefined,
    isExploring: false,
    blocks: [],
    events: createEventFeed(link, contracts),
    isAsking: false,
    isStale: false,
  };
  link.onHead(() => void ask(watching));
  return {
    look({ channel, purse, stored, isExploring }) {
      if (channel !== undefined && channel !== watching.channel) {
        watching.channel = channel;
      }
      watching.purse = purse ?? watching.purse;
      watching.stored = stored ?? watching.stored;
      watching.isExploring = isExploring ?? watching.isExploring;
      void ask(watching);
    },
  };
}

/** One asking at a time; a block that comes meanwhile leads to one more. */
async function ask(watching: Watching): Promise<void> {
  watching.isStale = true;
  if (watching.isAsking) return;
  watching.isAsking = true;
  while (watching.isStale) {
    watching.isStale = false;
    try {
      watching.listeners.onNews(await gather(watching));
    } catch (error) {
      // The next block, or the next look, brings the news.
      watching.listeners.onTrouble(troubleOf(error));
    }
  }
  watching.isAsking = false;
}

function troubleOf(error: unknown): ChainTrouble {
  const message = error instanceof Error ? error.message : String(error);
  const isCoded = error instanceof Error && "code" in error && typeof error.code === "string";
  return { code: isCoded ? String(error.code) : "INTERNAL", message };
}

async function gather(watching: Watching): Promise<ChainNews> {
  const { channel } = watching;
  const [blocks, balance, record, exits, events] = await Promise.all([
    gatherBlocks(watching),
    balanceOf(watching),
    channel === undefined ? undefined : channelOf(watching.contracts, channel),
    channel === undefined ? [] : exitsOf(watching.contracts, channel),
    channel === undefined ? [] : watching.events.read(channel),
  ]);
  const proposals = record === undefined ? [] : await proposalsOf(watching.contracts, record);
  const [stored, details] = await Promise.all([
    storedOf(watching, record),
    detailsOf(watching, record),
  ]);
  return { blocks, balance, record, exits, stored, details, events, proposals };
}

/** Of the members' accounts, and of the player's own. */
async function detailsOf(
  { details, isExploring, purse }: Watching,
  record: ChannelRecord | undefined,
): Promise<ChainDetails | undefined> {
  if (!isExploring) return undefined;
  const members = record?.members.map(({ address }) => address) ?? [];
  const others = members.filter((address) => !sameAddress(address, purse ?? ""));
  return details.read(purse === undefined ? others : [purse, ...others]);
}

async function gatherBlocks(watching: Watching): Promise<readonly BlockView[]> {
  const { link } = watching;
  const head = await link.height();
  const heights = Array.from({ length: BLOCKS_SHOWN }, (_, index) => head - BigInt(index));
  const wanted = heights.filter((height) => height >= 0n);
  const blocks = await Promise.all(
    wanted.map(
      async (height) =>
        watching.blocks.find((block) => block.height === height) ?? blockView(link, height),
    ),
  );
  watching.blocks = blocks.flatMap((block) => block ?? []);
  return watching.blocks;
}

async function blockView(link: ChainLink, height: bigint): Promise<BlockView | undefined> {
  const found = await link.block(height);
  if (found === undefined) return undefined;
  const hash = Array.from(found.hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return {
    height,
    hash,
    transactionsCount: found.transactionsCount,
    atMs: Number(found.timestampMs),
  };
}

async function balanceOf({ contracts, purse }: Watching): Promise<bigint | undefined> {
  if (purse === undefined) return undefined;
  const values = await contracts.view("0x1::coin::balance", [typeTag(NATIVE_COIN)], [purse]);
  return bigOf(values?.[0]);
}

async function channelOf(
  contracts: ContractReader,
  id: bigint,
): Promise<ChannelRecord | undefined> {
  return channelRecord((await contracts.view("0x20::state_channel::get_channel", [], [id]))?.[0]);
}

async function exitsOf(contracts: ContractReader, id: bigint): Promise<readonly ExitRecord[]> {
  const [view, time] = await Promise.all([
    contracts.view("0x20::exit::get_exits", [], [id]),
    contracts.view("0x20::state_channel::get_time", [], []),
  ]);
  return exitRecords(view?.[0], bigOf(time?.[0]));
}

/** What is in escrow, which is what the last settlement made of it. */
async function storedOf(
  { contracts, stored, purse }: Watching,
  record: ChannelRecord | undefined,
): Promise<StoredState> {
  if (stored === undefined || record === undefined) return { state: undefined, asset: undefined };
  const { asset } = stored;
  const own = record.members.findLast(({ address }) => sameAddress(address, purse ?? ""));
  const [state, brought] = await Promise.all([
    escrowed(contracts, "get_state", typeTag(stored.state), [record.id]),
    asset === undefined || own === undefined
      ? undefined
      : escrowed(contracts, "get_asset", typeTag(asset), [record.id, own.seat]),
  ]);
  return { state, asset: brought };
}

async function escrowed(
  contracts: ContractReader,
  view: "get_state" | "get_asset",
  type: TypeTag,
  args: readonly JsValue[],
): Promise<JsValue | undefined> {
  const values = await contracts.view(`0x20::state_channel::${view}`, [type], args);
  const bytes = values?.[0];
  return bytes instanceof Uint8Array ? contracts.decode(type, bytes) : undefined;
}

async function proposalsOf(
  contracts: ContractReader,
  { id, proposalCount }: ChannelRecord,
): Promise<readonly ProposalRecord[]> {
  const newest = Array.from({ length: Number(PROPOSALS_SHOWN) }, (_, back) => BigInt(back))
    .map((back) => proposalCount - back)
    .filter((number) => number > 0n);
  const read = await Promise.all(
    newest.map(async (number) =>
      proposalRecord(
        (await contracts.view("0x20::state_channel::get_proposal", [], [id, number]))?.[0],
      ),
    ),
  );
  return read.flatMap((proposal) => proposal ?? []);
}

function typeTag(text: string): TypeTag {
  const tag = parseTypeTag(text);
  if (tag === undefined) throw new Error(`${text} is no type`);
  return tag;
}
