// The games of the demo. Each is loaded when it is played, so that none makes another's page
// heavier.
import type { GameName } from "../view/game-name.ts";
import type { AnyGame } from "./game.ts";

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
