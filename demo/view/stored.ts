// What the chain stores of a game, as its last settlement left it. Plain data.
import type { JsValue } from "holdfast/sandbox";

/** What the chain stores of the game, as its last settlement left it. */
export interface StoredState {
  readonly state: JsValue | undefined;
  /** What this tab's player brought in. */
  readonly asset: JsValue | undefined;
}

/** What the chain stores of a game, in a line. */
export interface StoredLine {
  /** Counts what was settled: tells that it moved. */
  readonly count: bigint | number;
  readonly text: string;
}
