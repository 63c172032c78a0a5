/** A connection to another node: moves whole messages in order, and says when it has ended. */
import type { Pipe } from "../rpc/pipe.ts";

export interface PeerLink extends Pipe {
  /** Who is at the other end, by what can be held against it: an address or a URL. */
  readonly remote: string;
  /** Sets the one listener; called once when the connection has ended, whoever ended it. */
  readonly onClose: (listener: () => void) => void;
}

/** Opens a connection; rejects when nobody answers there. */
export type Dial = (url: string) => Promise<PeerLink>;
