// What went wrong, in the words of a player. Plain data.

/** An error as a player reads it. */
export interface Problem {
  /** The code's name. */
  readonly name: string;
  /** The code as it is looked up: the name, and before it the number if it has one. */
  readonly code: string;
  readonly what: string;
  readonly who: string;
  readonly remedy: string;
}
