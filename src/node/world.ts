/** Where nodes live: what a page's browser, or a process of Node, gives to `createNode`. */
import type { TabMemory } from "#channel";
import type { Host, HostEvent } from "./host.ts";

/** A node's thread, and what its tab keeps for it. */
export interface Lodging {
  readonly host: Host;
  /** The identities that this place remembers under the node's name. */
  readonly memory: TabMemory;
  /** Ends the thread, after the host was stopped. */
  readonly end: () => void;
}

export interface World {
  /**
   * Makes room for a node.
   * @param name tells apart the nodes of one tab
   * @param emit takes what the node reports, in order
   */
  lodge(name: string, emit: (event: HostEvent) => void): Promise<Lodging>;
}
