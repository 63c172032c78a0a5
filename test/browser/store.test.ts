// The node's store on a real IndexedDB.
import { describe, expect, it } from "vitest";
import { platformEntropy } from "../../src/channel/platform.ts";
import { openIndexedDbStore } from "../../src/channel/store/indexed-db.ts";
import { toHex } from "../../src/sandbox/core/bytes.ts";
import { journalSuite } from "../conformance/store.suite.ts";

const freshName = () => toHex(platformEntropy(8));

journalSuite("IndexedDB of the browser", async () => {
  const name = freshName();
  return {
    reopen: async (journal) => (await openIndexedDbStore(name, platformEntropy)).journal(journal),
  };
});

describe("IndexedDB of the browser", () => {
  it("keeps an identity and its chain of reveals over a restart", async () => {
    const name = freshName();
    const first = await openIndexedDbStore(name, platformEntropy);
    const { signer, revealTip } = await first.identity();
    await first.close();
    const again = await (await openIndexedDbStore(name, platformEntropy)).identity();
    expect(again.signer.nodeKey).toEqual(signer.nodeKey);
    expect(again.signer.reveal(revealTip)).toEqual(signer.reveal(revealTip));
  });
});
