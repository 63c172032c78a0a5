// The games of the demo by name, in the order in which the page offers them.

export const GAME_NAMES = ["chat", "editor", "movecraft"] as const;

export type GameName = (typeof GAME_NAMES)[number];

export const GAME_DEFAULT: GameName = "chat";

export function isGameName(text: string): text is GameName {
  return GAME_NAMES.some((name) => name === text);
}
