// What a message of the conversation shows.
import type { PlayerView } from "../../view/player.ts";
import type { Problem } from "../../view/problem.ts";
import type { Stage } from "../../view/stage.ts";

export interface MessageView {
  readonly key: string;
  readonly author: PlayerView;
  readonly text: string;
  /** Milliseconds since 1970; undefined while only this tab knows the message. */
  readonly atMs: number | undefined;
  readonly stage: Stage;
  /** The contract or the channel refused it; it changed nothing. */
  readonly problem: Problem | undefined;
}
