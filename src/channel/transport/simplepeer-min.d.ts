/** The prebuilt bundle of simple-peer, which brings no types of its own and needs no Node shims. */
declare module "simple-peer/simplepeer.min.js" {
  interface PeerOptions {
    initiator: boolean;
    /** Keeps one chunk per message. */
    objectMode: boolean;
    config: RTCConfiguration;
  }
  interface Peer {
    on(event: "signal", listener: (data: unknown) => void): void;
    on(event: "data", listener: (chunk: Uint8Array) => void): void;
    on(event: "connect" | "drain" | "close", listener: () => void): void;
    on(event: "error", listener: (error: Error) => void): void;
    signal(data: unknown): void;
    /** False once the other end is behind; `drain` follows. */
    write(chunk: Uint8Array): boolean;
    destroy(): void;
  }
  const Peer: new (options: PeerOptions) => Peer;
  export default Peer;
}
