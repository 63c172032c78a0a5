// The games of the demo. Each is loaded when it is played, so that none makes another's page
// heavier.
import type { AnyGame } from "./game.ts";

export const GAME_NAMES = ["chat", "editor", "movecraft"] as const;
export type GameName = (typeof GAME_NAMES)[number];
export const GAME_DEFAULT: GameName = "chat";

export interface GameEntry {
  readonly title: string;
  /** What one does in it, in a few words. */
  readonly hint: string;
  readonly load: () => Promise<AnyGame>;
}

export const GAMES: Readonly<Record<GameName, GameEntry>> = {
  chat: {
    title: "Chat",
    hint: "A group chat",
    load: async () => (await import("./chat/chat.ts")).chatGame,
  },
  editor: {
    title: "Editor",
    hint: "A document that all write, one in each paragraph",
    load: async () => (await import("./editor/editor.ts")).editorGame,
  },
  movecraft: {
    title: "MoveCraft",
    hint: "A land of blocks to build on",
    load: async () => (await import("./movecraft/movecraft.ts")).movecraftGame,
  },
};

export function isGameName(text: string): text is GameName {
  return GAME_NAMES.some((name) => name === text);
}
