// What a player can do.
import type { Request } from "./view.ts";

/** Everything a player can do. Each returns at once; what comes of it shows in the view. */
export interface Actions {
  request(request: Request): void;
  /** Copies the invite link; where devices elsewhere can come in, shows it for them to take. */
  invite(): void;
  /** Somebody begins, or ends, to look closer at the chain. */
  explore(isOpen: boolean): void;
  /** Restarts this tab's node with an altered contract, or with the real one again. */
  setCheating(isCheating: boolean): void;
  setOffline(isOffline: boolean): void;
  /** Ends the node where it stands, without a goodbye. */
  crash(): void;
  /** Starts the node again: after a crash, a ban or a goodbye. */
  restart(): void;
  /** Asks which chain to play on, and opens the page again on it. */
  chooseChain(): void;
}
