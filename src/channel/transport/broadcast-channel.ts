/**
 * A wire between the tabs of one browser, with nothing to configure. Tabs find each other by a
 * hello on the room's channel; every pair of them talks on a channel of its own, named by both
 * ends' sessions, so that frames reach only their receiver and never a tab that was reloaded. A tab
 * holds a Web Lock while it lives: the others wait for it, and learn of a death at once. Where
 * there are no locks, silence decides. Knows no node; all it trusts is the browser's origin, and it
 * checks every shape it reads all the same.
 */
import { assert } from "#core/assert.ts";
import { toHex, utf8 } from "#core/bytes.ts";
import type { Clock, Entropy } from "../ports.ts";
import { TransportError } from "./transport-error.ts";
import { FRAME_SIZE_MAX, type LinkId, makeLinkId, type Wire, type WireListener } from "./wire.ts";

/** A tab says hello this often, so that one that missed a hello catches up. */
export const HELLO_INTERVAL_MS = 2_000;
/** A tab not heard of for so long is taken for dead, even if it still holds its lock. */
export const SILENCE_MS_MAX = 10_000;
/** More tabs than any room seats; further ones are ignored. */
export const TABS_MAX = 64;

const SESSION_SIZE = 16;
const SESSION_TEXT = /^[0-9a-f]{32}$/;
const NAME_PREFIX = "holdfast:tabs";

/** What is used of `BroadcastChannel`. */
export interface BroadcastChannelLike {
  postMessage(data: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

/** What is used of `LockManager`. */
export interface LocksLike {
  request(
    name: string,
    options: { mode?: "exclusive" | "shared"; signal?: AbortSignal },
    granted: () => Promise<void> | void,
  ): Promise<unknown>;
}

export interface BroadcastChannelWireOptions {
  /** Tabs of one origin that name the same room meet. */
  readonly room: string;
  readonly openChannel: (name: string) => BroadcastChannelLike;
  readonly locks: LocksLike | undefined;
  readonly entropy: Entropy;
  readonly clock: Clock;
}

type Notice = { readonly type: "hello" | "bye"; readonly session: string };

type PairMessage =
  | { readonly type: "open" | "opened" | "close" }
  | { readonly type: "frame"; readonly bytes: Uint8Array };

type Tab = {
  readonly session: string;
  readonly link: LinkId;
  readonly channel: BroadcastChannelLike;
  /** Ends the wait for this tab's lock. */
  readonly watch: AbortController;
  heardAt: bigint;
  /** Both ends listen on the pair's channel. */
  isUp: boolean;
};

/** Reaches every tab of this origin that names the same room. */
export function createBroadcastChannelWire(options: BroadcastChannelWireOptions): Wire {
  const { clock, locks } = options;
  const room = `${NAME_PREFIX}:${options.room}`;
  const session = toHex(options.entropy(SESSION_SIZE));
  const tabs = new Map<string, Tab>();
  const byLink = new Map<LinkId, Tab>();
  let endLife = () => {};
  const life = new Promise<void>((resolve) => {
    endLife = resolve;
  });
  let listener: WireListener | undefined;
  let bus: BroadcastChannelLike | undefined;
  let cancelBeat = () => {};
  let beatAt = 0n;

  const lockName = (tab: string) => `${room}:${tab}`;
  const announce = (type: Notice["type"]) => bus?.postMessage({ type, session } satisfies Notice);

  function meet(other: string): void {
    if (tabs.size >= TABS_MAX) return;
    const [first, second] = session < other ? [session, other] : [other, session];
    const link = makeLinkId(`${room}:${first}:${second}`);
    const channel = options.openChannel(link);
    const watch = new AbortController();
    const tab: Tab = { session: other, link, channel, watch, heardAt: clock.now(), isUp: false };
    tabs.set(other, tab);
    byLink.set(link, tab);
    channel.onmessage = (event) => receive(tab, event.data);
    post(tab, { type: "open" });
    announce("hello");
    watchLock(tab);
  }

  function watchLock(tab: Tab): void {
    const waiting = locks?.request(
      lockName(tab.session),
      { mode: "shared", signal: tab.watch.signal },
      () => forget(tab),
    );
    // Rejects when the wait is given up, and where locks are not allowed: then silence decides.
    waiting?.catch(() => {});
  }

  function forget(tab: Tab): void {
    if (tabs.get(tab.session) !== tab) return;
    tabs.delete(tab.session);
    byLink.delete(tab.link);
    tab.watch.abort();
    post(tab, { type: "close" });
    tab.channel.onmessage = null;
    tab.channel.close();
    setDown(tab);
  }

  function post(tab: Tab, message: PairMessage): void {
    tab.channel.postMessage(message);
  }

  function setUp(tab: Tab): void {
    tab.isUp = true;
    listener?.linkUp(tab.link, utf8(tab.link));
  }

  function setDown(tab: Tab): void {
    if (!tab.isUp) return;
    tab.isUp = false;
    listener?.linkDown(tab.link);
  }

  function receive(tab: Tab, data: unknown): void {
    const message = parsePairMessage(data);
    if (message === undefined || tabs.get(tab.session) !== tab) return;
    tab.heardAt = clock.now();
    switch (message.type) {
      case "open":
        // The other end starts anew: what it sent or was sent before is gone.
        setDown(tab);
        post(tab, { type: "opened" });
        return setUp(tab);
      case "opened":
        if (!tab.isUp) setUp(tab);
        return;
      case "close":
        return forget(tab);
      case "frame":
        if (tab.isUp) listener?.frame(tab.link, message.bytes);
    }
  }

  function hear(data: unknown): void {
    const notice = parseNotice(data);
    if (notice === undefined || notice.session === session) return;
    const tab = tabs.get(notice.session);
    if (notice.type === "bye") {
      if (tab !== undefined) forget(tab);
    } else if (tab === undefined) meet(notice.session);
    else tab.heardAt = clock.now();
  }

  function beat(): void {
    const now = clock.now();
    // A tab that was itself suspended has heard nobody; that is no silence of the others.
    const wasSuspended = now - beatAt > BigInt(2 * HELLO_INTERVAL_MS);
    beatAt = now;
    for (const tab of tabs.values()) {
      if (wasSuspended) tab.heardAt = now;
      else if (now - tab.heardAt > BigInt(SILENCE_MS_MAX)) forget(tab);
    }
    announce("hello");
    cancelBeat = clock.after(HELLO_INTERVAL_MS, beat);
  }

  function holdOwnLock(): Promise<void> {
    if (locks === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const granted = () => {
        resolve();
        return life;
      };
      // Refused, as in an opaque origin: presence then rests on hellos alone.
      locks.request(lockName(session), {}, granted).catch(() => resolve());
    });
  }

  return {
    async open(given) {
      assert(listener === undefined, "a wire is opened once");
      listener = given;
      await holdOwnLock();
      try {
        bus = options.openChannel(room);
      } catch (error) {
        throw new TransportError("MEDIUM_UNAVAILABLE", "BroadcastChannel cannot be used.", error);
      }
      bus.onmessage = (event) => hear(event.data);
      beatAt = clock.now();
      beat();
    },
    send(link, bytes) {
      assert(bytes.length <= FRAME_SIZE_MAX, "a frame is within the limit");
      const tab = byLink.get(link);
      if (tab?.isUp) post(tab, { type: "frame", bytes });
    },
    drop(link) {
      const tab = byLink.get(link);
      // Later, as every callback comes in a task of its own.
      if (tab !== undefined) clock.after(0, () => forget(tab));
    },
    async close() {
      listener = undefined;
      cancelBeat();
      announce("bye");
      for (const tab of tabs.values()) forget(tab);
      if (bus !== undefined) bus.onmessage = null;
      bus?.close();
      bus = undefined;
      endLife();
    },
  };
}

function parseNotice(data: unknown): Notice | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  if (!("type" in data) || !("session" in data)) return undefined;
  const { type, session } = data;
  if (type !== "hello" && type !== "bye") return undefined;
  if (typeof session !== "string" || !SESSION_TEXT.test(session)) return undefined;
  return { type, session };
}

function parsePairMessage(data: unknown): PairMessage | undefined {
  if (typeof data !== "object" || data === null || !("type" in data)) return undefined;
  switch (data.type) {
    case "open":
    case "opened":
    case "close":
      return { type: data.type };
    case "frame": {
      if (!("bytes" in data) || !(data.bytes instanceof Uint8Array)) return undefined;
      const { bytes } = data;
      return bytes.length <= FRAME_SIZE_MAX ? { type: "frame", bytes } : undefined;
    }
    default:
      return undefined;
  }
}
