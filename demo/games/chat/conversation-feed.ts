// The messages of the room out of three sources: the contract's state, which keeps the latest; the
// log, which adds when and where; and this tab's own calls that are still on their way.
import type { CallHandle, ChannelEntry, ChatState, Progress } from "holdfast";
import type { PlayerView } from "../../view/player.ts";
import type { Problem } from "../../view/problem.ts";
import type { Stage } from "../../view/stage.ts";
import type { GroupRecord } from "./chat-group.ts";
import type { MessageView } from "./message-view.ts";

interface Post {
  readonly number: bigint;
  /** Address. */
  readonly author: string;
  readonly text: string;
  /** Where the log holds it; for one that only the state knows, where that state stood. */
  readonly height: bigint;
  readonly atMs: number | undefined;
}

interface OwnPost {
  readonly key: string;
  readonly text: string;
  readonly handle: CallHandle;
  /** The message that it became, as soon as the log shows one like it. */
  number: bigint | undefined;
  problem: Problem | undefined;
}

export interface ConversationFeed {
  /** What the contract's state holds after `height`. */
  readState(state: ChatState, height: bigint): void;
  readEntries(entries: readonly ChannelEntry[]): void;
  /** Entries above this height are void. */
  revert(height: bigint): void;
  /** Follows a call of this tab's; what is returned is to be told why it was refused. */
  follow(text: string, handle: CallHandle): (problem: Problem) => void;
  messages(
    progress: Pick<Progress, "confirmed" | "settled">,
    stored: GroupRecord | undefined,
    player: (address: string) => PlayerView,
    own: PlayerView,
  ): readonly MessageView[];
}

/** @param isOwn whether an address is that of this tab's player */
export function createConversationFeed(isOwn: (address: string) => boolean): ConversationFeed {
  const posts = new Map<bigint, Post>();
  const own: OwnPost[] = [];
  let ownCount = 0;

  /** The log may show a message before its handle has moved: it is not shown twice. */
  function recognise({ number, author, text }: Post): void {
    const isKnown = own.some((post) => post.number === number);
    const match = own.find((post) => post.number === undefined && post.text === text);
    if (match !== undefined && !isKnown && isOwn(author)) match.number = number;
  }

  function drop(post: OwnPost): void {
    const at = own.indexOf(post);
    if (at >= 0) own.splice(at, 1);
  }

  return {
    readState(state, height) {
      for (const { number, author, text } of state.messages) {
        const known = posts.get(number);
        if (known?.author === author && known.text === text) continue;
        posts.set(number, { number, author, text, height, atMs: undefined });
      }
    },
    readEntries(entries) {
      for (const entry of entries) {
        for (const event of entry.events) {
          const post = postOf(event, entry);
          if (post === undefined) continue;
          posts.set(post.number, post);
          recognise(post);
        }
      }
    },
    revert(height) {
      for (const post of posts.values()) {
        if (post.height > height) posts.delete(post.number);
      }
      for (const post of own) {
        if (post.number !== undefined && !posts.has(post.number)) post.number = undefined;
      }
    },
    follow(text, handle) {
      ownCount += 1;
      const post: OwnPost = {
        key: `own-${ownCount}`,
        text,
        handle,
        number: undefined,
        problem: undefined,
      };
      own.push(post);
      handle.confirmed.then(() => drop(post)).catch(() => {});
      return (problem) => {
        post.problem = problem;
      };
    },
    messages(progress, stored, player, you) {
      const ordered = [...posts.values()].toSorted((a, b) => (a.number < b.number ? -1 : 1));
      const shown = ordered.map((post) => ({
        key: String(post.number),
        author: player(post.author),
        text: post.text,
        atMs: post.atMs,
        stage: stageOf(post, progress, stored),
        problem: undefined,
      }));
      return [...shown, ...own.filter(isUnderWay).map((post) => underWay(post, you))];
    },
  };
}

/** The contract's event of a message. */
function postOf(
  { type, data }: ChannelEntry["events"][number],
  entry: ChannelEntry,
): Post | undefined {
  const isPosted = type.endsWith("::chat::Posted");
  if (!isPosted || typeof data !== "object" || data === null) return undefined;
  if (!("number" in data && "author" in data && "text" in data)) return undefined;
  const { number, author, text } = data;
  const isPost =
    typeof number === "bigint" && typeof author === "string" && typeof text === "string";
  if (!isPost) return undefined;
  return { number, author, text, height: entry.height, atMs: entry.time };
}

function stageOf(
  post: Post,
  progress: Pick<Progress, "confirmed" | "settled">,
  stored: GroupRecord | undefined,
): Stage {
  const onChain = stored && storedText(stored, post.number);
  // A tab whose contract was altered may show what nobody settled.
  if (onChain !== undefined && onChain !== post.text) return "verified";
  const isStored = stored !== undefined && post.number <= stored.count;
  if (isStored || post.height <= progress.settled) return "settled";
  return post.height <= progress.confirmed ? "confirmed" : "verified";
}

/** What the chain holds under this number; undefined where it holds that no more, or not yet. */
function storedText({ count, texts }: GroupRecord, number: bigint): string | undefined {
  const back = Number(count - number);
  return back < 0 ? undefined : texts.at(-1 - back);
}

/** Once verified it shows as one of the posts. */
function isUnderWay({ handle, number, problem }: OwnPost): boolean {
  if (problem !== undefined) return true;
  return number === undefined && (handle.stage === "sent" || handle.stage === "sequenced");
}

function underWay({ key, text, handle, problem }: OwnPost, author: PlayerView): MessageView {
  return { key, author, text, atMs: undefined, stage: handle.stage, problem };
}
