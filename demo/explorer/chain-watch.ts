// Follows the chain as any visitor could: its newest blocks, a purse, and what the contracts hold
// and tell about one channel. Asks again with every new block; knows neither the node nor the page.
import { type JsValue, parseModuleId, parseTypeTag, type TypeTag } from "holdfast/sandbox";
import type { ChainLink, EventPlace } from "holdfast/settlement";
import type { StoredState, StoredTypes } from "../games/game.ts";
import { sameAddress } from "../session/names.ts";
import type { BlockView } from "../shell/view-model.ts";
import {
  type ChannelRecord,
  channelRecord,
  type ProposalRecord,
  proposalRecord,
} from "./chain-record.ts";
import { type ContractReader, createContractReader } from "./contract-reader.ts";
import { bigOf, type Fields, fieldsOf } from "./fields.ts";

export const BLOCKS_SHOWN = 6;
const PROPOSALS_SHOWN = 3n;
const EVENTS_MODULE = "0x20::events";
const NATIVE_COIN = "0x1::aptos_coin::AptosCoin";

/** An event of a channel, by its Move name and fields. */
export interface ChannelEvent {
  /** Unique on the chain. */
  readonly key: string;
  readonly name: string;
  readonly fields: Fields;
  readonly atMs: number;
}

export interface ChainNews {
  readonly blocks: readonly BlockView[];
  readonly balance: bigint | undefined;
  readonly record: ChannelRecord | undefined;
  readonly proposals: readonly ProposalRecord[];
  readonly stored: StoredState;
  /** Since the last news, oldest first. */
  readonly events: readonly ChannelEvent[];
}

/** What to look at; what is absent stays as it was. */
export interface Sight {
  readonly channel?: bigint | undefined;
  readonly purse?: string | undefined;
  /** What the game stores there. */
  readonly stored?: StoredTypes | undefined;
}

/** Ends with its link. */
export interface ChainWatch {
  look(at: Sight): void;
}

interface Watching {
  readonly link: ChainLink;
  readonly contracts: ContractReader;
  readonly tell: (news: ChainNews) => void;
  channel: bigint | undefined;
  purse: string | undefined;
  stored: StoredTypes | undefined;
  blocks: readonly BlockView[];
  /** The first event that was not read; undefined until the chain said where to begin. */
  place: EventPlace | undefined;
  isAsking: boolean;
  /** A block came while the last one was being looked at. */
  isStale: boolean;
}

export function watchChain(link: ChainLink, tell: (news: ChainNews) => void): ChainWatch {
  const watching: Watching = {
    link,
    contracts: createContractReader(link),
    tell,
    channel: undefined,
    purse: undefined,
    stored: undefined,
    blocks: [],
    place: undefined,
    isAsking: false,
    isStale: false,
  };
  link.onHead(() => void ask(watching));
  return {
    look({ channel, purse, stored }) {
      if (channel !== undefined && channel !== watching.channel) {
        watching.channel = channel;
        watching.place = undefined;
      }
      watching.purse = purse ?? watching.purse;
      watching.stored = stored ?? watching.stored;
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
      watching.tell(await gather(watching));
    } catch {
      // Out of reach: the next block brings the news.
    }
  }
  watching.isAsking = false;
}

async function gather(watching: Watching): Promise<ChainNews> {
  const { channel } = watching;
  const [blocks, balance, record, events] = await Promise.all([
    gatherBlocks(watching),
    balanceOf(watching),
    channel === undefined ? undefined : channelOf(watching.contracts, channel),
    channel === undefined ? [] : gatherEvents(watching, channel),
  ]);
  const proposals = record === undefined ? [] : await proposalsOf(watching.contracts, record);
  const stored = await storedOf(watching, record);
  return { blocks, balance, record, stored, events, proposals };
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

async function gatherEvents(watching: Watching, channel: bigint): Promise<ChannelEvent[]> {
  const { link, contracts } = watching;
  const module = parseModuleId(EVENTS_MODULE);
  if (module === undefined) throw new Error(`${EVENTS_MODULE} names no module`);
  const gathered: ChannelEvent[] = [];
  for (;;) {
    const place = watching.place ?? (await link.eventStart());
    const { events, next } = await link.events(module, place);
    // Meanwhile another channel may be looked at, from the beginning.
    if (watching.channel !== channel) return [];
    const hasMore = next.version !== place.version || next.index !== place.index;
    watching.place = next;
    for (const { type, data, timestampMs, place: at } of events) {
      const fields = fieldsOf(await contracts.decode(type, data));
      if (fields?.["channel"] !== channel || type.kind !== "struct") continue;
      const key = `${at.version}/${at.index}`;
      gathered.push({ key, name: type.struct.name, fields, atMs: Number(timestampMs) });
    }
    if (!hasMore) return gathered;
  }
}

function typeTag(text: string): TypeTag {
  const tag = parseTypeTag(text);
  if (tag === undefined) throw new Error(`${text} is no type`);
  return tag;
}
