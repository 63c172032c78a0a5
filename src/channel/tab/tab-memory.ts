/**
 * What a browser remembers of its nodes, by name only: in `sessionStorage` the identity of each
 * tab, which a duplicated tab copies; in `localStorage` those that ever played here, for a tab to
 * take over when nobody lives by them (`owner.ts` deals with both). Where nothing may be stored, a
 * tab is a new player every time.
 */

const TAB_KEY = "holdfast:identity";
const BROWSER_KEY = "holdfast:identities";
/** More than anybody has tabs; the oldest are forgotten. */
const KNOWN_MAX = 32;

/** What is used of `Storage`. */
export interface TabStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export interface TabMemory {
  /** The tab's own identity; null for none. */
  readonly remembered: string | null;
  /** The browser's, the latest first. */
  readonly known: readonly string[];
  /** Keeps the identity that the tab plays by. */
  remember(identity: string): void;
  /** Nobody is to take this identity over: it has left, or was thrown out. */
  forget(identity: string): void;
}

/**
 * @param tab `sessionStorage`, undefined where it is forbidden
 * @param browser `localStorage`, likewise
 * @param name tells apart several nodes of one page
 */
export function openTabMemory(
  tab: TabStorage | undefined,
  browser: TabStorage | undefined,
  name: string,
): TabMemory {
  const [tabKey, browserKey] = [`${TAB_KEY}:${name}`, `${BROWSER_KEY}:${name}`];
  const known = () => (read(browser, browserKey) ?? "").split(" ").filter((text) => text !== "");
  const others = (identity: string) => known().filter((one) => one !== identity);
  return {
    remembered: read(tab, tabKey),
    known: known(),
    remember(identity) {
      write(tab, tabKey, identity);
      write(browser, browserKey, [identity, ...others(identity)].slice(0, KNOWN_MAX).join(" "));
    },
    forget: (identity) => write(browser, browserKey, others(identity).join(" ")),
  };
}

function read(storage: TabStorage | undefined, key: string): string | null {
  try {
    return storage?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

function write(storage: TabStorage | undefined, key: string, value: string): void {
  try {
    storage?.setItem(key, value);
  } catch {
    // Storage is full or forbidden.
  }
}
