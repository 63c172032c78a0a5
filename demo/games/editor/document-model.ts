// The document as this tab has it: the contract's state, how far each paragraph's last change has
// come, and this tab's own changes that are still on their way. Pure: knows neither node nor page.
import type { CallHandle, ChannelEntry, EditorState, Progress } from "holdfast";
import { bigOf, fieldsOf } from "../../explorer/fields.ts";
import type { PlayerView } from "../../view/player.ts";
import type { Stage } from "../../view/stage.ts";

export const PARAGRAPHS_MAX = 24;

export interface ParagraphView {
  readonly key: string;
  /** Undefined until the contract has numbered it. */
  readonly id: bigint | undefined;
  readonly text: string;
  /** Who is writing it. */
  readonly editor: PlayerView | undefined;
  /** This tab is writing it, or about to. */
  readonly isMine: boolean;
  /** How far its last change has come. */
  readonly stage: Stage;
}

/** A change that this tab has asked for. */
export type Change =
  | { readonly type: "insert"; readonly place: bigint }
  | { readonly type: "begin" | "end" | "delete"; readonly paragraph: bigint }
  | { readonly type: "edit"; readonly paragraph: bigint; readonly text: string };

type Heights = Pick<Progress, "verified" | "confirmed" | "settled">;

export interface DocumentModel {
  readState(state: EditorState, heights: Heights): void;
  readEntries(entries: readonly ChannelEntry[]): void;
  /** Changes above this height are void. */
  revert(height: bigint): void;
  follow(change: Change, handle: Pick<CallHandle, "stage" | "verified">): void;
  readonly title: string | undefined;
  paragraphs(
    heights: Pick<Heights, "confirmed" | "settled">,
    player: (address: string) => PlayerView,
  ): readonly ParagraphView[];
}

interface OwnChange {
  readonly key: string;
  readonly change: Change;
  readonly handle: Pick<CallHandle, "stage">;
}

/** @param own this tab's player, as soon as it is known */
export function createDocumentModel(own: () => PlayerView): DocumentModel {
  /** Where the log holds a paragraph's last change. */
  const changedAt = new Map<bigint, bigint>();
  const underWay: OwnChange[] = [];
  let state: EditorState | undefined;
  let changesCount = 0;

  const latest = (id: bigint): OwnChange | undefined =>
    underWay.findLast(({ change }) => change.type !== "insert" && change.paragraph === id);

  return {
    get title() {
      return state?.title;
    },
    readState(read, { verified }) {
      state = read;
      const ids = new Set(read.paragraphs.map(({ id }) => id));
      for (const id of changedAt.keys()) if (!ids.has(id)) changedAt.delete(id);
      // What is known by the state alone is as new as the state.
      for (const id of ids) if (!changedAt.has(id)) changedAt.set(id, verified);
    },
    readEntries(entries) {
      for (const entry of entries) {
        for (const id of changedBy(entry)) changedAt.set(id, entry.height);
      }
    },
    revert(height) {
      for (const [id, at] of changedAt) if (at > height) changedAt.delete(id);
    },
    follow(change, handle) {
      changesCount += 1;
      const followed: OwnChange = { key: `own-${changesCount}`, change, handle };
      underWay.push(followed);
      const drop = () => {
        const at = underWay.indexOf(followed);
        if (at >= 0) underWay.splice(at, 1);
      };
      handle.verified.then(drop, drop);
    },
    paragraphs(heights, player) {
      const views = (state?.paragraphs ?? []).map(({ id, text, editor }): ParagraphView => {
        const change = latest(id);
        const holder = editor === undefined ? undefined : player(editor);
        return {
          key: String(id),
          id,
          text: change?.change.type === "edit" ? change.change.text : text,
          editor: holder,
          isMine: isMine(holder, change?.change.type),
          stage: change?.handle.stage ?? stageAt(changedAt.get(id), heights),
        };
      });
      for (const { key, change, handle } of underWay) {
        if (change.type !== "insert") continue;
        const view = {
          key,
          id: undefined,
          text: "",
          editor: own(),
          isMine: false,
          stage: handle.stage,
        };
        views.splice(Number(change.place), 0, view);
      }
      return views;
    },
  };
}

function isMine(holder: PlayerView | undefined, wanted: Change["type"] | undefined): boolean {
  if (wanted === "begin") return true;
  if (wanted === "end" || wanted === "delete") return false;
  return holder?.isYou === true;
}

function stageAt(
  height: bigint | undefined,
  { confirmed, settled }: Pick<Heights, "confirmed" | "settled">,
): Stage {
  if (height === undefined) return "verified";
  if (height <= settled) return "settled";
  return height <= confirmed ? "confirmed" : "verified";
}

/** Paragraphs that an entry has changed. */
function changedBy({ type, outcome, function: name, args, events }: ChannelEntry): bigint[] {
  if (type !== "call" || !outcome.ok) return [];
  const told = events.flatMap(({ type: event, data }) => {
    const id = bigOf(fieldsOf(data)?.["paragraph_id"]);
    return event.endsWith("::editor::ParagraphChanged") && id !== undefined ? [id] : [];
  });
  const named = name === "paragraph_insert" ? undefined : bigOf(args?.[0]);
  return named === undefined ? told : [named, ...told];
}
