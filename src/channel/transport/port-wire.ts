/**
 * Carries a wire over a MessagePort: the page serves one that only it can have (WebRTC), and the
 * node's worker uses it as its own. Trusts the other end of the port, which is our own code. Knows
 * no medium.
 */
import { assertNever } from "#core/assert.ts";
import { TransportError, type TransportErrorCode } from "./transport-error.ts";
import type { LinkId, Wire, WireListener } from "./wire.ts";

/** What is used of `MessagePort`. */
export interface PortLike {
  postMessage(message: unknown, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

type Order =
  | { readonly type: "open" | "close" }
  | { readonly type: "send"; readonly link: LinkId; readonly bytes: Uint8Array }
  | { readonly type: "drop"; readonly link: LinkId };

type Report =
  | { readonly type: "opened" }
  | { readonly type: "failed"; readonly code: TransportErrorCode; readonly detail: string }
  | { readonly type: "linkUp"; readonly link: LinkId; readonly binding: Uint8Array }
  | { readonly type: "linkDown"; readonly link: LinkId }
  | { readonly type: "frame"; readonly link: LinkId; readonly bytes: Uint8Array };

/** Serves `wire` to the other end of `port`, until that end closes it. */
export function serveWire(wire: Wire, port: PortLike): void {
  const report = (message: Report, transfer: Transferable[] = []) =>
    port.postMessage(message, transfer);
  const listener: WireListener = {
    linkUp: (link, binding) => report({ type: "linkUp", link, binding }),
    linkDown: (link) => report({ type: "linkDown", link }),
    frame(link, bytes) {
      const own = owned(bytes);
      report({ type: "frame", link, bytes: own }, [own.buffer]);
    },
  };

  async function open(): Promise<void> {
    try {
      await wire.open(listener);
      report({ type: "opened" });
    } catch (error) {
      const code = error instanceof TransportError ? error.code : "MEDIUM_UNAVAILABLE";
      const detail = error instanceof Error ? error.message : String(error);
      report({ type: "failed", code, detail });
    }
  }

  port.onmessage = ({ data }: MessageEvent<Order>) => {
    switch (data.type) {
      case "open":
        return void open();
      case "send":
        return wire.send(data.link, data.bytes);
      case "drop":
        return wire.drop(data.link);
      case "close":
        port.close();
        return void wire.close();
      default:
        return assertNever(data);
    }
  };
}

/** The wire that the other end of `port` serves. */
export function createPortWire(port: PortLike): Wire {
  const order = (message: Order, transfer: Transferable[] = []) =>
    port.postMessage(message, transfer);
  return {
    open(listener) {
      return new Promise((resolve, reject) => {
        port.onmessage = ({ data }: MessageEvent<Report>) => {
          switch (data.type) {
            case "opened":
              return resolve();
            case "failed":
              return reject(new TransportError(data.code, data.detail));
            case "linkUp":
              return listener.linkUp(data.link, data.binding);
            case "linkDown":
              return listener.linkDown(data.link);
            case "frame":
              return listener.frame(data.link, data.bytes);
            default:
              return assertNever(data);
          }
        };
        order({ type: "open" });
      });
    },
    send(link, bytes) {
      const own = owned(bytes);
      order({ type: "send", link, bytes: own }, [own.buffer]);
    },
    drop: (link) => order({ type: "drop", link }),
    async close() {
      port.onmessage = null;
      order({ type: "close" });
    },
  };
}

/** Bytes whose buffer can be given away whole. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return isWhole ? new Uint8Array(buffer) : bytes.slice();
}
