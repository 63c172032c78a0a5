/** What keeps a parallel chain's node from doing its part, for whoever runs it. */

export type AlarmCode =
  /** The wallet is locked: nothing is committed until it is unlocked. */
  | "WALLET_LOCKED"
  /** The wallet has no key of this node's account. */
  | "WALLET_EMPTY"
  /** The root chain refuses this node's commits, and will go on to. */
  | "COMMIT_REFUSED"
  /** The root node does not answer. */
  | "ROOT_UNREACHABLE"
  /** The root node is on another branch than what this chain takes for final. */
  | "ROOT_FOREIGN"
  /** So many blocks wait for a consensus that no more are made. */
  | "PRODUCTION_HALTED"
  /** The nodes agree on another block than this node's. */
  | "CONSENSUS_DIFFERS";

export interface Alarm {
  readonly code: AlarmCode;
  /** One sentence: what happened and what to do. */
  readonly message: string;
}

export const WALLET_LOCKED: Alarm = {
  code: "WALLET_LOCKED",
  message: "The wallet is locked; unlock it, and this node commits again.",
};

export const WALLET_EMPTY: Alarm = {
  code: "WALLET_EMPTY",
  message: "The wallet has no key of this node's account; import it to commit blocks.",
};
