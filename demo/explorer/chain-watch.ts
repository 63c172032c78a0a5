// Follows the chain as any visitor could: its newest blocks, a purse, and what the contracts hold
// and tell about one channel. Asks again with every new block; knows neither the node nor the page.
import type { ChainClient, EventCursor, LedgerInfo } from "holdfast/chains";
import { parseModuleId, parseTypeTag, type TypeTag } from "holdfast/sandbox";
import type { BlockView } from "../shell/view-model.ts";
import {
  type ChannelRecord,
  channelRecord,
  type GroupRecord,
  groupRecord,
  type ProposalRecord,
  proposalRecord,
} from "./chain-record.ts";
import { type ContractReader, createContractReader } from "./contract-reader.ts";
import { bigOf, type Fields, fieldsOf } from "./fields.ts";

export const BLOCKS_SHOWN = 6;
const PROPOSALS_SHOWN = 3n;
const EVENTS_PER_ASKING = 100;
const EVENTS_MODULE = "0x20::events";
const CHAT_GROUP = "0x21::chat::ChatGroup";
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
  readonly group: GroupRecord | undefined;
  /** Since the last news, oldest first. */
  readonly events: readonly ChannelEvent[];
}

/** Ends with its client. */
export interface ChainWatch {
  /** Which channel and purse to look at from now on. */
  look(at: { readonly channel?: bigint | undefined; readonly purse?: string | undefined }): void;
}

interface Watching {
  readonly client: ChainClient;
  readonly contracts: ContractReader;
  readonly tell: (news: ChainNews) => void;
  channel: bigint | undefined;
  purse: string | undefined;
  blocks: readonly BlockView[];
  cursor: EventCursor;
  isAsking: boolean;
  /** A block came while the last one was being looked at. */
  isStale: boolean;
  head: LedgerInfo | undefined;
}

export function watchChain(client: ChainClient, tell: (news: ChainNews) => void): ChainWatch {
  const watching: Watching = {
    client,
    contracts: createContractReader(client),
    tell,
    channel: undefined,
    purse: undefined,
    blocks: [],
    cursor: { version: 0n, index: 0 },
    isAsking: false,
    isStale: false,
    head: undefined,
  };
  client.onHead((head) => {
    watching.head = head;
    void ask(watching);
  });
  return {
    look({ channel, purse }) {
      if (channel !== undefined && channel !== watching.channel) {
        watching.channel = channel;
        watching.cursor = { version: 0n, index: 0 };
      }
      watching.purse = purse ?? watching.purse;
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
  const [blocks, balance, record, group, events] = await Promise.all([
    gatherBlocks(watching),
    balanceOf(watching),
    channel === undefined ? undefined : channelOf(watching.contracts, channel),
    channel === undefined ? undefined : groupOf(watching.contracts, channel),
    channel === undefined ? [] : gatherEvents(watching, channel),
  ]);
  const proposals = record === undefined ? [] : await proposalsOf(watching.contracts, record);
  return { blocks, balance, record, group, events, proposals };
}

async function gatherBlocks(watching: Watching): Promise<readonly BlockView[]> {
  const { client } = watching;
  const head = watching.head ?? (await client.ledger());
  const heights = Array.from({ length: BLOCKS_SHOWN }, (_, index) => head.height - BigInt(index));
  const wanted = heights.filter((height) => height >= 0n);
  const blocks = await Promise.all(
    wanted.map(
      async (height) =>
        watching.blocks.find((block) => block.height === height) ?? blockView(client, height),
    ),
  );
  watching.blocks = blocks.flatMap((block) => block ?? []);
  return watching.blocks;
}

async function blockView(client: ChainClient, height: bigint): Promise<BlockView | undefined> {
  const found = await client.block(height);
  if (found === undefined) return undefined;
  const hash = Array.from(found.hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return {
    height,
    hash,
    transactionsCount: found.block.transactions.length,
    atMs: Number(found.block.header.timestampUs / 1_000n),
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

/** The group in escrow, which is what the last settlement made of it. */
async function groupOf(contracts: ContractReader, id: bigint): Promise<GroupRecord | undefined> {
  const type = typeTag(CHAT_GROUP);
  const values = await contracts.view("0x20::state_channel::get_state", [type], [id]);
  const bytes = values?.[0];
  if (!(bytes instanceof Uint8Array)) return undefined;
  return groupRecord(await contracts.decode(type, bytes));
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
  const { client, contracts } = watching;
  const module = parseModuleId(EVENTS_MODULE);
  const gathered: ChannelEvent[] = [];
  for (;;) {
    const { events, next } = await client.events(module, watching.cursor, EVENTS_PER_ASKING);
    // Meanwhile another channel may be looked at, from the beginning.
    if (watching.channel !== channel) return [];
    const hasMore =
      next.version !== watching.cursor.version || next.index !== watching.cursor.index;
    watching.cursor = next;
    for (const { version, index, timestampUs, eventType, data } of events) {
      const fields = fieldsOf(await contracts.decode(eventType, data));
      if (fields?.["channel"] !== channel || eventType.kind !== "struct") continue;
      gathered.push({
        key: `${version}/${index}`,
        name: eventType.struct.name,
        fields,
        atMs: Number(timestampUs / 1_000n),
      });
    }
    if (!hasMore) return gathered;
  }
}

function typeTag(text: string): TypeTag {
  const tag = parseTypeTag(text);
  if (tag === undefined) throw new Error(`${text} is no type`);
  return tag;
}
