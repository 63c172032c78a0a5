/**
 * Wires between nodes of one process, for tests and for Node. Deterministic: frames travel through
 * one queue in the order of sending, emptied by the `defer` that the caller gives. Knows no loss;
 * links are cut by hand.
 */
import { assert } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { FRAME_SIZE_MAX, type LinkId, makeLinkId, type Wire, type WireListener } from "./wire.ts";

/** Runs a task after the current one. */
export type Defer = (task: () => void) => void;

export interface MemoryNetwork {
  /**
   * A wire of this network under a name; every two open wires are linked while both names are
   * connected.
   */
  wire(name: string): Wire;
  /** Cuts the link between two names, or joins them again. */
  setConnected(first: string, second: string, isConnected: boolean): void;
}

interface End {
  readonly name: string;
  readonly listener: WireListener;
  readonly others: Map<LinkId, End>;
  /** Links that the listener has been told of. */
  readonly up: Set<LinkId>;
}

/** A network without wires; every `wire` of it reaches all others. */
export function createMemoryNetwork(defer: Defer): MemoryNetwork {
  const ends = new Map<string, End>();
  const cut = new Set<string>();
  const pair = (a: string, b: string) => (a < b ? `${a}|${b}` : `${b}|${a}`);
  let linkCount = 0;

  function link(a: End, b: End): void {
    const id = makeLinkId(`memory-${++linkCount}`);
    a.others.set(id, b);
    b.others.set(id, a);
    const binding = utf8(id);
    for (const end of [a, b]) {
      defer(() => {
        if (!end.others.has(id)) return;
        end.up.add(id);
        end.listener.linkUp(id, binding);
      });
    }
  }

  function unlink(end: End, id: LinkId): void {
    const other = end.others.get(id);
    if (other === undefined) return;
    for (const side of [end, other]) {
      side.others.delete(id);
      defer(() => {
        const wasUp = side.up.delete(id);
        if (wasUp && ends.get(side.name) === side) side.listener.linkDown(id);
      });
    }
  }

  function enter(end: End): void {
    assert(!ends.has(end.name), `one wire named ${end.name} at a time`);
    for (const other of ends.values()) {
      if (!cut.has(pair(end.name, other.name))) link(end, other);
    }
    ends.set(end.name, end);
  }

  function leave(end: End): void {
    ends.delete(end.name);
    for (const id of end.others.keys()) unlink(end, id);
  }

  function transmit(end: End, id: LinkId, bytes: Uint8Array): void {
    assert(bytes.length <= FRAME_SIZE_MAX, "a frame is within the limit");
    const other = end.others.get(id);
    if (other === undefined) return;
    const copy = bytes.slice();
    defer(() => {
      if (other.others.has(id)) other.listener.frame(id, copy);
    });
  }

  return {
    wire: (name) => createMemoryWire(name, { enter, leave, transmit, unlink }),
    setConnected(first, second, isConnected) {
      const [a, b] = [ends.get(first), ends.get(second)];
      const wasCut = cut.has(pair(first, second));
      if (isConnected) cut.delete(pair(first, second));
      else cut.add(pair(first, second));
      if (a === undefined || b === undefined || wasCut === !isConnected) return;
      if (isConnected) link(a, b);
      else for (const [id, other] of a.others) if (other === b) unlink(a, id);
    },
  };
}

interface Hub {
  enter(end: End): void;
  leave(end: End): void;
  transmit(end: End, id: LinkId, bytes: Uint8Array): void;
  unlink(end: End, id: LinkId): void;
}

function createMemoryWire(name: string, hub: Hub): Wire {
  let end: End | undefined;
  return {
    async open(listener) {
      assert(end === undefined, "a wire is opened once");
      end = { name, listener, others: new Map(), up: new Set() };
      hub.enter(end);
    },
    send(link, bytes) {
      if (end !== undefined) hub.transmit(end, link, bytes);
    },
    drop(link) {
      if (end !== undefined) hub.unlink(end, link);
    },
    async close() {
      if (end !== undefined) hub.leave(end);
    },
  };
}
