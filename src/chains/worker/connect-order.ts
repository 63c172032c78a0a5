/** What a page says to the worker of the embedded chain. */

/** The worker's name, and how the names of everything begin that belongs to the chain. */
export const CHAIN_NAME = "holdfast-chain";

/** Serve the client at the other end of this port. */
export interface ConnectOrder {
  readonly type: "connect";
  readonly port: MessagePort;
}

export function isConnectOrder(data: unknown): data is ConnectOrder {
  if (typeof data !== "object" || data === null) return false;
  const { type, port } = data as Readonly<Record<string, unknown>>;
  return type === "connect" && port instanceof MessagePort;
}
