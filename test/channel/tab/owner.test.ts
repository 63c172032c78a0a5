import { describe, expect, it } from "vitest";
import {
  claimIdentity,
  type OwnerContext,
  type Ownership,
  RELEASE_MS_MAX,
} from "../../../src/channel/tab/owner.ts";
import { openTabMemory, type TabStorage } from "../../../src/channel/tab/tab-memory.ts";
import { createTabs, type FakeTab } from "../transport/tabs.ts";

function world() {
  const tabs = createTabs();
  let chance = 0;
  const entropy = (size: number) => new Uint8Array(size).fill(++chance);

  async function claim(
    tab: FakeTab,
    remembered: string | null,
    change: Partial<OwnerContext> = {},
    known: readonly string[] = [],
  ) {
    let ownership: Ownership | undefined;
    const context: OwnerContext = {
      openChannel: tab.openChannel,
      locks: tab.locks,
      clock: tab.clock,
      entropy,
      ...change,
    };
    void claimIdentity(context, remembered, known).then((claimed) => {
      ownership = claimed;
    });
    await tabs.settle();
    return { get: () => ownership };
  }

  return { tabs, claim };
}

const KNOWN = "ab".repeat(16);

describe("identity of a tab", () => {
  it("is new in a tab that remembers none, and at hand at once", async () => {
    const { tabs, claim } = world();
    const first = await claim(tabs.tab(), null);
    const second = await claim(tabs.tab(), "not an identity");
    expect(first.get()?.identity).toBe("01".repeat(16));
    expect(second.get()?.identity).toBe("02".repeat(16));
  });

  it("is the remembered one when nobody has it", async () => {
    const { tabs, claim } = world();
    expect((await claim(tabs.tab(), KNOWN)).get()?.identity).toBe(KNOWN);
  });

  it("is a new one in a duplicated tab, while the first keeps its own", async () => {
    const { tabs, claim } = world();
    const [first, copy] = [tabs.tab(), tabs.tab()];
    await claim(first, KNOWN);
    const claimed = await claim(copy, KNOWN);
    expect(claimed.get()).toBeUndefined();
    await tabs.advance(1_000);
    expect(claimed.get()?.identity).toBe("01".repeat(16));
    // The copy waits no longer: when the first goes, the identity is free again.
    first.kill();
    await tabs.settle();
    expect((await claim(tabs.tab(), KNOWN)).get()?.identity).toBe(KNOWN);
  });

  it("is kept over a reload, however slowly the old page lets go", async () => {
    const { tabs, claim } = world();
    const old = tabs.tab();
    await claim(old, KNOWN);
    // Torn down but not gone: it answers nothing and still holds its lock.
    old.freeze();
    const reloaded = await claim(tabs.tab(), KNOWN);
    await tabs.advance(RELEASE_MS_MAX - 1_000);
    expect(reloaded.get()).toBeUndefined();
    old.kill();
    await tabs.settle();
    expect(reloaded.get()?.identity).toBe(KNOWN);
  });

  it("is kept over a reload when the old page gave a last answer", async () => {
    const { tabs, claim } = world();
    const old = tabs.tab();
    await claim(old, KNOWN);
    const reloaded = await claim(tabs.tab(), KNOWN);
    old.kill();
    await tabs.advance(1_000);
    expect(reloaded.get()?.identity).toBe(KNOWN);
  });

  it("is given up for a new one when its holder hangs", async () => {
    const { tabs, claim } = world();
    const old = tabs.tab();
    await claim(old, KNOWN);
    old.freeze();
    const claimed = await claim(tabs.tab(), KNOWN);
    await tabs.advance(RELEASE_MS_MAX + 1_000);
    expect(claimed.get()?.identity).toBe("01".repeat(16));
  });

  it("is one of the browser's that nobody lives by, for a tab that remembers none", async () => {
    const { tabs, claim } = world();
    const other = "cd".repeat(16);
    await claim(tabs.tab(), KNOWN);
    const known = [KNOWN, "junk", other];
    const second = await claim(tabs.tab(), null, {}, known);
    expect(second.get()).toMatchObject({ identity: other, isAdopted: true });
    const third = await claim(tabs.tab(), null, {}, known);
    expect(third.get()).toMatchObject({ identity: "01".repeat(16), isAdopted: false });
    second.get()?.release();
    await tabs.settle();
    expect((await claim(tabs.tab(), null, {}, known)).get()?.identity).toBe(other);
  });

  it("can be released for another tab", async () => {
    const { tabs, claim } = world();
    const first = await claim(tabs.tab(), KNOWN);
    first.get()?.release();
    await tabs.settle();
    expect((await claim(tabs.tab(), KNOWN)).get()?.identity).toBe(KNOWN);
  });

  for (const [name, locks] of Object.entries({
    missing: undefined,
    refused: { request: () => Promise.reject(new Error("no locks here")) },
  })) {
    it(`is told apart by the owner's answer where locks are ${name}`, async () => {
      const { tabs, claim } = world();
      const first = await claim(tabs.tab(), KNOWN, { locks });
      await tabs.advance(RELEASE_MS_MAX + 1_000);
      expect(first.get()?.identity).toBe(KNOWN);
      const copy = await claim(tabs.tab(), KNOWN, { locks });
      await tabs.advance(2 * RELEASE_MS_MAX + 2_000);
      expect(copy.get()?.identity).toBe("01".repeat(16));
    });
  }
});

describe("what a browser remembers", () => {
  function storage(): TabStorage & { readonly values: Map<string, string> } {
    const values = new Map<string, string>();
    return {
      values,
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => void values.set(key, value),
    };
  }

  it("is each tab's own identity and the latest of all, by name", () => {
    const browser = storage();
    const [one, two] = [storage(), storage()];
    openTabMemory(one, browser, "chat").remember("a");
    openTabMemory(two, browser, "chat").remember("b");
    openTabMemory(one, browser, "chat").remember("a");
    expect(openTabMemory(one, browser, "chat")).toMatchObject({
      remembered: "a",
      known: ["a", "b"],
    });
    expect(openTabMemory(storage(), browser, "chat")).toMatchObject({ remembered: null });
    expect(openTabMemory(one, browser, "editor")).toMatchObject({ remembered: null, known: [] });
    openTabMemory(one, browser, "chat").forget("a");
    expect(openTabMemory(one, browser, "chat")).toMatchObject({ remembered: "a", known: ["b"] });
  });

  it("is bounded", () => {
    const browser = storage();
    for (let count = 0; count < 40; count++) {
      openTabMemory(undefined, browser, "chat").remember(`${count}`);
    }
    const { known } = openTabMemory(undefined, browser, "chat");
    expect([known.length, known[0]]).toEqual([32, "39"]);
  });

  it("is nothing where storage is missing or forbidden", () => {
    const forbidden: TabStorage = {
      getItem: () => {
        throw new Error("SecurityError");
      },
      setItem: () => {
        throw new Error("QuotaExceededError");
      },
    };
    for (const nothing of [forbidden, undefined]) {
      openTabMemory(nothing, nothing, "chat").remember(KNOWN);
      expect(openTabMemory(nothing, nothing, "chat")).toMatchObject({
        remembered: null,
        known: [],
      });
    }
  });
});
