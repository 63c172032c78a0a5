// The land as this tab has it: the contract's blocks and heroes, which of them are not certain yet,
// and this tab's own moves that are still on their way. Pure: knows neither node nor page.
import { AIR, type CallHandle, type ChannelEntry, type Traveller } from "holdfast";
import { bigOf, fieldsOf, numberOf } from "../../explorer/fields.ts";
import { indexOf, type Place, stepTo } from "./places.ts";

export type Move =
  /** Kind AIR takes away. */
  | { readonly type: "place"; readonly at: Place; readonly kind: number }
  | { readonly type: "walk"; readonly x: number; readonly z: number };

export interface Hero {
  readonly address: string;
  readonly at: Place;
  /** Blocks it carries, by kind. */
  readonly carried: readonly number[];
}

/** What there is to see. */
export interface Picture {
  /** Kinds by place, this tab's moves under way included. */
  readonly blocks: Uint8Array;
  /** Places whose block is not certain yet, with the kind to show there. */
  readonly faint: ReadonlyMap<number, number>;
  readonly heroes: readonly Hero[];
}

type FollowedHandle = Pick<CallHandle, "verified">;

export interface LandModel {
  /**
   * The land is about to be read: what was executed until now will be in it. Returns what takes the
   * land and its heroes.
   */
  beginReading(): (blocks: Uint8Array, travellers: ReadonlyMap<string, Traveller>) => void;
  readEntries(entries: readonly ChannelEntry[]): void;
  /** Entries above this height are void. */
  revert(height: bigint): void;
  follow(move: Move, handle: FollowedHandle): void;
  /** Undefined until the land was read. */
  picture(confirmed: bigint, isOwn: (address: string) => boolean): Picture | undefined;
}

interface OwnMove {
  readonly move: Move;
  /** What stood there before. */
  readonly was: number;
  /** It was executed, and a reading of the land that begins now has it. */
  isExecuted: boolean;
}

interface Uncertain {
  readonly height: bigint;
  /** What came, or what went. */
  readonly kind: number;
}

interface Land {
  readonly blocks: Uint8Array;
  readonly heroes: readonly Hero[];
}

export function createLandModel(): LandModel {
  const uncertain = new Map<number, Uncertain>();
  const underWay: OwnMove[] = [];
  let land: Land | undefined;

  function drop(isDone: (own: OwnMove) => boolean): void {
    const left = underWay.filter((own) => !isDone(own));
    underWay.splice(0, underWay.length, ...left);
  }

  return {
    beginReading: () => {
      const executed = new Set(underWay.filter(({ isExecuted }) => isExecuted));
      return (blocks, travellers) => {
        const heroes = [...travellers].map(
          ([
            address,
            {
              at: [x, y, z],
              carried,
            },
          ]): Hero => {
            return { address, at: { x, y, z }, carried };
          },
        );
        land = { blocks, heroes };
        drop((own) => executed.has(own));
      };
    },
    readEntries(entries) {
      for (const { height, events } of entries) {
        for (const { type, data } of events) {
          const change = changeOf(type, fieldsOf(data), land?.blocks);
          if (change !== undefined) uncertain.set(change.index, { height, kind: change.kind });
        }
      }
    },
    revert(height) {
      for (const [index, change] of uncertain) {
        if (change.height > height) uncertain.delete(index);
      }
    },
    follow(move, handle) {
      const was = move.type === "place" ? (land?.blocks[indexOf(move.at)] ?? AIR) : AIR;
      const own: OwnMove = { move, was, isExecuted: false };
      underWay.push(own);
      handle.verified.then(
        () => {
          own.isExecuted = true;
        },
        () => drop((other) => other === own),
      );
    },
    picture(confirmed, isOwn) {
      if (land === undefined) return undefined;
      for (const [index, { height }] of uncertain) {
        if (height <= confirmed) uncertain.delete(index);
      }
      return withOwn(land, uncertain, underWay, isOwn);
    },
  };
}

/** The land with what this tab has done and nobody has ordered yet. */
function withOwn(
  land: Land,
  uncertain: ReadonlyMap<number, Uncertain>,
  underWay: readonly OwnMove[],
  isOwn: (address: string) => boolean,
): Picture {
  const blocks = land.blocks.slice();
  const faint = new Map([...uncertain].map(([index, { kind }]) => [index, kind]));
  const hero = land.heroes.find(({ address }) => isOwn(address));
  let at = hero?.at;
  const carried = [...(hero?.carried ?? [])];
  const carry = (kind: number, count: number) => {
    if (kind !== AIR) carried[kind] = Math.max(0, (carried[kind] ?? 0) + count);
  };
  for (const { move, was } of underWay) {
    if (move.type === "walk") {
      at = at && (stepTo(blocks, at, move.x, move.z) ?? at);
      continue;
    }
    const index = indexOf(move.at);
    blocks[index] = move.kind;
    faint.set(index, move.kind === AIR ? was : move.kind);
    if (move.kind === AIR) carry(was, 1);
    else carry(move.kind, -1);
  }
  const heroes = land.heroes.map((other) =>
    other === hero && at !== undefined ? { ...other, at, carried } : other,
  );
  return { blocks, faint, heroes };
}

/** A place whose block changed, by an event of the contract's. */
function changeOf(
  type: string,
  fields: ReturnType<typeof fieldsOf>,
  blocks: Uint8Array | undefined,
): { readonly index: number; readonly kind: number } | undefined {
  const isPlaced = type.endsWith("::movecraft::BlockPlaced");
  if (!isPlaced && !type.endsWith("::terrain::BlockFell")) return undefined;
  const [x, y, z] = ["x", "y", "z"].map((axis) => Number(bigOf(fields?.[axis]) ?? -1n));
  if (x === undefined || y === undefined || z === undefined || x < 0) return undefined;
  const index = indexOf({ x, y, z });
  const fell = blocks?.[indexOf({ x, y: y + 1, z })] ?? AIR;
  const came = isPlaced ? (numberOf(fields?.["block"]) ?? AIR) : fell;
  return { index, kind: came === AIR ? (blocks?.[index] ?? AIR) : came };
}
