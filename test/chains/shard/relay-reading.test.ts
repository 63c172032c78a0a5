// What a node has begun to read of its shard and could not finish is read again: nothing that the
// shard has decided stays untold.
import { describe, expect, it } from "vitest";
import { type ChainClient, createMemoryJournal } from "#chains";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { concatBytes } from "#core/bytes.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { parseTypeTag } from "#core/type-tag.ts";
import { SHARD_EVENT } from "../../../src/chains/shard/contract.ts";
import { startRelay } from "../../../src/chains/shard/relay.ts";
import { accountNamed, START_MS, u64 } from "../fixture.ts";
import { manualClock } from "../manual-clock.ts";

const TYPE = present(parseTypeTag("0x30::shard_event::ShardEventState"), "a type");

/** The end of an epoch, whose block's hash has to be asked for. */
function epochEnd(): Uint8Array {
  const places = concatBytes(u64(1n), u64(0n), u64(20n));
  const payload = concatBytes(places, u64(1n), u64(500n));
  return encodeBcs((writer) => {
    writer.u32(1).u32(SHARD_EVENT.commitDpos).u64(0n).u64(20n).bytes(payload);
  });
}

describe("a relay", () => {
  it("reads again what it could not finish reading", async () => {
    const clock = manualClock(START_MS);
    let isAway = true;
    const place = { version: 20n, index: 0, height: 20n, timestampUs: 0n };
    const shard = {
      ledger: () => Promise.resolve({ finalHeight: 25n, finalVersion: 25n }),
      events: (_module: unknown, from: { version: bigint }) => {
        const events = from.version > 20n ? [] : [{ ...place, eventType: TYPE, data: epochEnd() }];
        return Promise.resolve({ events, next: { version: 26n, index: 0 } });
      },
      block: () =>
        isAway ? Promise.reject(new Error("away")) : Promise.resolve({ hash: ZERO_HASH }),
      onHead: () => () => undefined,
    } as unknown as ChainClient;
    const root = {
      ledger: () => Promise.reject(new Error("nobody there")),
      account: () => Promise.reject(new Error("nobody there")),
      onHead: () => () => undefined,
    } as unknown as ChainClient;
    const signer = accountNamed("member");
    const journal = createMemoryJournal();
    const relay = await startRelay({
      shardId: 1n,
      shard,
      root,
      clock,
      journal,
      signer,
      isInOffice: () => true,
    });
    await clock.advance(3_000);
    expect(relay.standing().waiting).toBe(0);
    isAway = false;
    await clock.advance(2_000);
    expect(relay.standing()).toMatchObject({ waiting: 1, trouble: "nobody there" });
    relay.close();
  });
});
