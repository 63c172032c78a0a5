// Play money, as a node asks the faucet for it.
import { afterEach, describe, expect, it } from "vitest";
import { type ChainNode, createChainNode, createMemoryStore as createChainStore } from "#chains";
import { createMemoryDisk, createMemoryStore, platformClock, platformEntropy } from "#channel";
import { rootLink } from "#settlement";
import { chat } from "../../src/index.ts";
import type { Host } from "../../src/node/host.ts";
import { createNodeHost } from "../../src/node/node-host.ts";

const REVEALS_COUNT = 64;
let chain: ChainNode | undefined;
let host: Host | undefined;

afterEach(async () => {
  await host?.stop();
  await chain?.close();
});

/** A node, and the amounts that it was given. */
async function lodge() {
  const node = await createChainNode({
    clock: platformClock,
    entropy: platformEntropy,
    store: createChainStore(),
  });
  chain = node;
  const link = rootLink(node.connect());
  const given: bigint[] = [];
  const disk = createMemoryDisk();
  const lodged = createNodeHost(
    {
      clock: platformClock,
      entropy: platformEntropy,
      chain: {
        ...link,
        fund: (address, least) => {
          given.push(least);
          return link.fund(address, least);
        },
      },
      claim: async () => ({ identity: "one", isAdopted: false, release: () => {} }),
      openStore: async () => createMemoryStore(platformEntropy, disk, REVEALS_COUNT),
      wires: () => [],
    },
    () => {},
  );
  host = lodged;
  await lodged.start({ binding: chat.binding, stake: 100n, remembered: null, known: [] });
  return { lodged, given };
}

describe("a purse", () => {
  it("is filled before the first transaction, and never again", async () => {
    const { lodged, given } = await lodge();
    await lodged.open("one");
    expect(given).toHaveLength(1);
    await lodged.open("two");
    expect(given).toHaveLength(1);
  });
});
