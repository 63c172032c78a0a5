/**
 * Which identity this tab's node has, and that no other node has it: an identity is held by an
 * exclusive Web Lock named by it, from the node's worker, so that the lock falls with the node and
 * not a moment before. A reload asks for the identity that the tab remembers and gets it as soon as
 * the old worker is gone; a duplicated tab remembers the same one, hears that its owner lives, and
 * takes another. A tab that remembers none takes over an identity of this browser that nobody lives
 * by, so that seats outlive closed tabs and crashes. Knows no keys: an identity is a name, and the
 * store behind it holds the rest.
 */
import { toHex } from "#core/bytes.ts";
import type { Clock, Entropy } from "../ports.ts";

/** A living owner answers far sooner. */
const ANSWER_MS_MAX = 250;
/**
 * An owner must answer twice, so far apart: a page that is being torn down may still answer once.
 */
const ASK_AGAIN_MS = 250;
/** How long to wait for an owner that neither answers nor lets go; then a new identity is made. */
export const RELEASE_MS_MAX = 10_000;

const NAME_PREFIX = "holdfast:identity";
const IDENTITY_SIZE = 16;
const IDENTITY_TEXT = /^[0-9a-f]{32}$/;
const QUESTION = "who";
const ANSWER = "mine";

/** What is used of the browser. */
export interface OwnerContext {
  readonly openChannel: (name: string) => {
    postMessage(data: unknown): void;
    onmessage: ((event: MessageEvent) => void) | null;
    close(): void;
  };
  /** Undefined where there are none (insecure contexts): then the owner's answer alone decides. */
  readonly locks:
    | {
        request(
          name: string,
          options: { signal?: AbortSignal; ifAvailable?: boolean },
          granted: (lock: unknown) => Promise<void> | void,
        ): Promise<unknown>;
      }
    | undefined;
  readonly entropy: Entropy;
  readonly clock: Clock;
}

export interface Ownership {
  /** 32 hex digits. */
  readonly identity: string;
  /** It was another tab's once, which may have left it in a state that is of no use. */
  readonly isAdopted: boolean;
  /** Lets another tab have it; without a call it is let go when the thread ends. */
  release(): void;
}

/**
 * Claims the identity that the tab remembers; where it remembers none or another tab lives by it,
 * one of the browser's that nobody lives by; and else a new one.
 * @param remembered as found in the tab's storage; anything but an identity counts as none
 * @param known identities of this browser, those to try first in front
 */
export async function claimIdentity(
  context: OwnerContext,
  remembered: string | null,
  known: readonly string[] = [],
): Promise<Ownership> {
  if (remembered !== null && IDENTITY_TEXT.test(remembered)) {
    const ownership = await claim(context, remembered);
    if (ownership !== undefined) return ownership;
  }
  for (const identity of known) {
    const ownership = IDENTITY_TEXT.test(identity) ? await adopt(context, identity) : undefined;
    if (ownership !== undefined) return ownership;
  }
  for (;;) {
    const ownership = await claim(context, toHex(context.entropy(IDENTITY_SIZE)));
    if (ownership !== undefined) return ownership;
  }
}

async function claim(context: OwnerContext, identity: string): Promise<Ownership | undefined> {
  const name = lockName(identity);
  const giveUp = new AbortController();
  const held = hold(context.locks, name, giveUp.signal);
  const owner = findOwner(context, name, context.locks ? RELEASE_MS_MAX : ANSWER_MS_MAX);
  const lock = await Promise.race([held, owner.isAlive.then(() => undefined)]);
  const isFree = lock !== undefined && (lock.isReal || !(await owner.isAlive));
  owner.stop();
  if (!isFree) {
    giveUp.abort();
    void held.then((late) => late.release());
    return undefined;
  }
  return own(context, identity, lock, false);
}

/** Takes an identity if its lock is free at this moment. */
function adopt(context: OwnerContext, identity: string): Promise<Ownership | undefined> {
  const { locks } = context;
  if (locks === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const granted = (lock: unknown) => {
      if (lock === null) return resolve(undefined);
      return new Promise<void>((end) => {
        resolve(own(context, identity, { isReal: true, release: end }, true));
      });
    };
    locks.request(lockName(identity), { ifAvailable: true }, granted).catch(() => {
      resolve(undefined);
    });
  });
}

function own(context: OwnerContext, identity: string, lock: Lock, isAdopted: boolean): Ownership {
  const stopAnswering = answer(context, lockName(identity));
  return {
    identity,
    isAdopted,
    release() {
      stopAnswering();
      lock.release();
    },
  };
}

function lockName(identity: string): string {
  return `${NAME_PREFIX}:${identity}`;
}

interface Lock {
  /** False where there are no locks: it then says nothing. */
  readonly isReal: boolean;
  release(): void;
}

/** Resolves once the lock is held; never when the wait is given up. */
function hold(locks: OwnerContext["locks"], name: string, signal: AbortSignal): Promise<Lock> {
  const noLock: Lock = { isReal: false, release: () => {} };
  if (locks === undefined) return Promise.resolve(noLock);
  return new Promise((resolve) => {
    const granted = () =>
      new Promise<void>((end) => {
        resolve({ isReal: true, release: end });
      });
    // Refused in opaque origins.
    locks.request(name, { signal }, granted).catch(() => {
      if (!signal.aborted) resolve(noLock);
    });
  });
}

/**
 * Asks whether the identity's owner lives: true after two answers, false after `waitMs` without.
 */
function findOwner(context: OwnerContext, name: string, waitMs: number) {
  const channel = context.openChannel(name);
  const cancels: (() => void)[] = [];
  let answersCount = 0;
  const isAlive = new Promise<boolean>((resolve) => {
    channel.onmessage = (event) => {
      if (event.data !== ANSWER) return;
      answersCount++;
      if (answersCount > 1) resolve(true);
      else cancels.push(context.clock.after(ASK_AGAIN_MS, () => channel.postMessage(QUESTION)));
    };
    cancels.push(context.clock.after(waitMs + ASK_AGAIN_MS, () => resolve(false)));
  });
  channel.postMessage(QUESTION);
  return {
    isAlive,
    stop() {
      for (const cancel of cancels) cancel();
      channel.onmessage = null;
      channel.close();
    },
  };
}

function answer(context: OwnerContext, name: string): () => void {
  const channel = context.openChannel(name);
  channel.onmessage = (event) => {
    if (event.data === QUESTION) channel.postMessage(ANSWER);
  };
  return () => {
    channel.onmessage = null;
    channel.close();
  };
}
