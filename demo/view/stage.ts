// How far a move has come. Plain data.

/** How far a move has come; `sent` until the leader has ordered it. */
export const STAGES = ["sent", "sequenced", "verified", "confirmed", "settled"] as const;

export type Stage = (typeof STAGES)[number];
/** What follows the sending. */

/** What follows the sending. */
export type Step = Exclude<Stage, "sent">;
