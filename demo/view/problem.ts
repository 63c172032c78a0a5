// What went wrong, in the words of a player. Plain data.

/** An error as a player reads it. */
export interface Problem {
  readonly code: string;
  readonly what: string;
  readonly who: string;
  readonly remedy: string;
}
