/**
 * Events of a parallel chain at one of two levels. Hard: of blocks that its nodes agree on for
 * good, each event once. Soft: of its newest blocks; where they are replaced the events of the new
 * ones follow, from the fork on.
 */
import { equalBytes, toHex } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import type { ModuleId } from "#core/identifier.ts";
import type { BlockSummary, ChainLink, ChainReader, EventPlace } from "../../chain-access.ts";
import { trouble } from "../../settlement-error.ts";
import type { Agreement } from "./agreement.ts";

export type FinalityLevel = "soft" | "hard";

type Cursor = Pick<ChainLink, "eventStart" | "eventEnd" | "events" | "finalVersion">;
type Answer = Awaited<ReturnType<ChainReader["events"]>>;

/** Blocks without an event that are passed over in one look. */
const BLOCKS_AT_ONCE = 64;
/** Blocks by which a branch is followed back; beyond, reading begins at what is agreed on. */
const REMEMBERED_MAX = 256;

/** Rejects with NOT_AGREED where the node shows another block than its chain agreed on. */
export function hardEvents(para: ChainLink, agreement: Agreement): Cursor {
  async function end(): Promise<bigint> {
    const block = await agreedBlock(para, agreement);
    return block === undefined ? 0n : block.lastVersion + 1n;
  }
  return {
    async finalVersion() {
      const block = await agreedBlock(para, agreement);
      return block?.lastVersion ?? 0n;
    },
    eventStart: () => para.eventStart(),
    eventEnd: async () => ({ version: await end(), index: 0 }),
    async events(module, from) {
      const version = await end();
      if (from.version >= version) return { events: [], next: from };
      const page = await para.events(module, from);
      const events = page.events.filter(({ place }) => place.version < version);
      const next = page.next.version < version ? page.next : { version, index: 0 };
      return { events, next };
    },
  };
}

/** The newest block of the node that is agreed on for good, if it has come so far. */
export async function agreedBlock(
  para: ChainLink,
  agreement: Agreement,
): Promise<BlockSummary | undefined> {
  const agreed = await agreement.hard();
  const block = agreed && (await para.block(agreed.height));
  if (agreed === undefined || block === undefined) return undefined;
  if (equalBytes(block.hash, agreed.hash)) return block;
  throw trouble("NOT_AGREED", `${para.name} has another block ${agreed.height}`);
}

/** A place here is a block's height, and the hash of the block below it. */
export function softEvents(para: ChainLink, agreement: Agreement): Cursor {
  /** By the hex of a block's hash: where it stood, and on what. Oldest first. */
  const known = new Map<string, { readonly height: bigint; readonly below: Hash | undefined }>();

  function remember(height: bigint, hash: Hash, below: Hash | undefined): void {
    known.set(toHex(hash), { height, below });
    const [oldest] = known.keys();
    if (known.size > REMEMBERED_MAX && oldest !== undefined) known.delete(oldest);
  }

  /** The place after the newest block of the branch that ends in `tip` and still counts. */
  async function standing(from: EventPlace): Promise<EventPlace> {
    for (let tip = from.branch; tip !== undefined; ) {
      const place = known.get(toHex(tip));
      if (place === undefined) return begin();
      const block = await para.block(place.height);
      if (block !== undefined && equalBytes(block.hash, tip)) {
        return { version: place.height + 1n, index: 0, branch: tip };
      }
      tip = place.below;
    }
    return from.branch === undefined ? from : begin();
  }

  async function begin(): Promise<EventPlace> {
    const block = await agreedBlock(para, agreement);
    if (block === undefined) return { version: 0n, index: 0 };
    remember(block.height, block.hash, undefined);
    return { version: block.height + 1n, index: 0, branch: block.hash };
  }

  async function events(module: ModuleId, from: EventPlace): Promise<Answer> {
    let next = await standing(from);
    for (let count = 0; count < BLOCKS_AT_ONCE; count++) {
      const height = next.version;
      const found = await para.eventsIn(height, module);
      if (found === undefined) break;
      const { hash } = found.block;
      remember(height, hash, next.branch);
      next = { version: height + 1n, index: 0, branch: hash };
      if (found.events.length === 0) continue;
      const placed = found.events.map((event, index) => {
        return { ...event, place: { version: height, index, branch: hash } };
      });
      return { events: placed, next };
    }
    return { events: [], next };
  }

  return {
    finalVersion: () => Promise.resolve(undefined),
    eventStart: begin,
    async eventEnd() {
      const block = await para.block(await para.height());
      if (block === undefined) return begin();
      remember(block.height, block.hash, undefined);
      return { version: block.height + 1n, index: 0, branch: block.hash };
    },
    events,
  };
}
