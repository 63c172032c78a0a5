/**
 * A pipe moves whole messages, as bytes and in order, to one other end; it may go silent without
 * notice. Whatever can do that can carry a client to a node: a message port, a channel between
 * tabs, a transport to another browser.
 */

export interface Pipe {
  readonly post: (message: Uint8Array) => void;
  /** Sets the one listener; messages that came before it are kept for it. */
  readonly listen: (listener: (message: Uint8Array) => void) => void;
  readonly close: () => void;
}

/** What this file uses of a `MessagePort`. */
export interface MessagePortLike {
  postMessage(message: Uint8Array): void;
  onmessage: ((event: MessageEvent) => void) | null;
  start(): void;
  close(): void;
}

export function portPipe(port: MessagePortLike): Pipe {
  return {
    post: (message) => port.postMessage(message),
    listen: (listener) => {
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (data instanceof Uint8Array) listener(data);
      };
      port.start();
    },
    close: () => {
      port.onmessage = null;
      port.close();
    },
  };
}

interface End {
  listener: ((message: Uint8Array) => void) | undefined;
  readonly early: Uint8Array[];
  closed: boolean;
}

/** Two ends in one process; a message arrives in a task of its own, after the one that sent it. */
export function pipePair(): readonly [Pipe, Pipe] {
  const left: End = { listener: undefined, early: [], closed: false };
  const right: End = { listener: undefined, early: [], closed: false };
  return [pipeBetween(left, right), pipeBetween(right, left)];
}

function pipeBetween(own: End, other: End): Pipe {
  return {
    post: (message) => {
      const copy = message.slice();
      if (own.closed) return;
      queueMicrotask(() => deliver(other, copy));
    },
    listen: (listener) => {
      own.listener = listener;
      for (const message of own.early.splice(0)) queueMicrotask(() => deliver(own, message));
    },
    close: () => {
      own.closed = true;
      own.listener = undefined;
      own.early.length = 0;
    },
  };
}

function deliver(end: End, message: Uint8Array): void {
  if (end.closed) return;
  if (end.listener === undefined) end.early.push(message);
  else end.listener(message);
}
