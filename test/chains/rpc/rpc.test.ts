// The line between clients and nodes: bytes that mean one thing, hostile bytes that mean nothing.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChainError, createChainClient } from "#chains";
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { parseFunctionId, parseModuleId } from "#core/identifier.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { decodeWith, encodeWith } from "../../../src/chains/rpc/codec.ts";
import {
  clientMessageCodec,
  type NodeMessage,
  nodeMessageCodec,
  type RpcRequest,
  requestCodec,
} from "../../../src/chains/rpc/messages.ts";
import { type Pipe, pipePair } from "../../../src/chains/rpc/pipe.ts";
import { accountNamed, balanceOf, fund, START_MS, startChain, transferTo } from "../fixture.ts";
import { manualClock, settle } from "../manual-clock.ts";

const module = present(parseModuleId("0x1::coin"), "a module");
const COIN_STORE = makeStructTag("0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>");
const OWNER = makeAddress("0xabc");

const VIEW = { module, name: "balance", typeArgs: [{ kind: "u8" as const }], args: [] };
const REQUESTS: RpcRequest[] = [
  { type: "ledger" },
  { type: "submit", bytes: Uint8Array.of(1, 2) },
  { type: "transaction", hash: ZERO_HASH },
  { type: "waitTransaction", hash: ZERO_HASH, timeoutMs: 5 },
  { type: "account", address: OWNER },
  { type: "view", call: VIEW, version: undefined },
  { type: "view", call: VIEW, version: 12n },
  { type: "resource", address: OWNER, resourceType: COIN_STORE },
  { type: "resources", address: OWNER, after: undefined, limit: 3 },
  { type: "resources", address: OWNER, after: COIN_STORE, limit: 3 },
  { type: "tableItem", handle: OWNER, key: Uint8Array.of(9) },
  { type: "module", module },
  { type: "block", height: 7n },
  { type: "events", module, from: { version: 3n, index: 1 }, limit: 9 },
  { type: "events", module: undefined, from: { version: 0n, index: 0 }, limit: 9 },
  { type: "fund", address: OWNER, amount: 5n },
  { type: "subscribe" },
];

describe("requests", () => {
  it.each(REQUESTS.map((request) => [request.type, request] as const))(
    "%s survives the line",
    (_type, request) => {
      expect(decodeWith(requestCodec, encodeWith(requestCodec, request))).toEqual({
        ok: true,
        value: request,
      });
    },
  );
});

describe("hostile bytes", () => {
  it("never make a decoder throw, and read back only as themselves", () => {
    const seeds = REQUESTS.map((request) => encodeWith(clientMessageCodec, { id: 1, request }));
    const mutated = fc.tuple(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }),
      fc.nat(60),
    );
    fc.assert(
      fc.property(mutated, ([seed, edits, cut]) => {
        const bytes = seed.slice(0, seed.length - Math.min(cut % 7, seed.length));
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
        const decoded = decodeWith(clientMessageCodec, bytes);
        const reencoded = decoded.ok ? encodeWith(clientMessageCodec, decoded.value) : bytes;
        expect(toHex(reencoded)).toBe(toHex(bytes));
        decodeWith(nodeMessageCodec, bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it("are answered with a coded refusal, and the node goes on", async () => {
    const chain = await startChain();
    const [near, far] = pipePair();
    chain.node.serve(far);
    const answers: NodeMessage[] = [];
    near.listen((message) => {
      const decoded = decodeWith(nodeMessageCodec, message);
      if (decoded.ok) answers.push(decoded.value);
    });
    near.post(Uint8Array.of(7, 0, 0, 0, 99));
    near.post(Uint8Array.of(1));
    near.post(new Uint8Array(5 * 1024 * 1024));
    await settle();
    expect(answers).toMatchObject([
      { type: "refusal", id: 7, refusal: { code: "invalid_input" } },
      { type: "refusal", id: 0, refusal: { code: "invalid_input" } },
    ]);
    expect(await chain.client.ledger()).toMatchObject({ height: 0n });
  });

  it("cannot open more requests than one client may have", async () => {
    const chain = await startChain();
    await fund(chain, accountNamed("alice").address, 1_000_000n);
    // A gap in the sequence: it waits in the pool.
    const waiting = transferTo(accountNamed("alice"), 5n, OWNER, 1n);
    const hash = await chain.client.submit(waiting.bytes);
    const [near, far] = pipePair();
    chain.node.serve(far);
    const codes: string[] = [];
    near.listen((message) => {
      const decoded = decodeWith(nodeMessageCodec, message);
      if (decoded.ok && decoded.value.type === "refusal") codes.push(decoded.value.refusal.code);
    });
    for (let id = 1; id <= 130; id++) {
      const request: RpcRequest = { type: "waitTransaction", hash, timeoutMs: 1_000 };
      near.post(encodeWith(clientMessageCodec, { id, request }));
    }
    await settle();
    expect(codes).toEqual(["rate_limited", "rate_limited"]);
  });
});

describe("a client", () => {
  it("reads what the chain holds, and undefined where it holds nothing", async () => {
    const chain = await startChain();
    const { client } = chain;
    await fund(chain, OWNER, 77n);
    expect(await client.resource(OWNER, COIN_STORE)).toBeDefined();
    expect(await client.resource(makeAddress("0xdead"), COIN_STORE)).toBeUndefined();
    expect(await client.module(module)).toBeDefined();
    const nowhere = present(parseModuleId("0x1::nowhere"), "a module");
    expect(await client.module(nowhere)).toBeUndefined();
    expect(await client.tableItem(OWNER, Uint8Array.of(1))).toBeUndefined();
    expect(await client.block(99n)).toBeUndefined();
    expect(await client.transaction(ZERO_HASH)).toBeUndefined();
    expect((await client.account(makeAddress("0xdead"))).exists).toBe(false);
    const all = await client.resources(OWNER, undefined, 10);
    expect(all.length).toBe(2);
    const [first] = await client.resources(OWNER, undefined, 1);
    const rest = await client.resources(OWNER, present(first, "one").resourceType, 10);
    expect(rest).toEqual(all.slice(1));
  });

  it("pages through events without losing or repeating one", async () => {
    const chain = await startChain();
    for (let round = 1n; round <= 3n; round++) await fund(chain, OWNER, round);
    const whole = await chain.client.events(module, { version: 1n, index: 0 }, 100);
    const names = whole.events.map(({ version, index }) => `${version}/${index}`);
    const paged: string[] = [];
    let from = { version: 1n, index: 0 };
    for (let page = 0; page < 30; page++) {
      const { events, next } = await chain.client.events(module, from, 1);
      paged.push(...events.map(({ version, index }) => `${version}/${index}`));
      from = next;
    }
    expect(names.length).toBeGreaterThanOrEqual(9);
    expect(paged).toEqual(names);
    expect(from).toEqual(whole.next);
    const everything = await chain.client.events(undefined, { version: 0n, index: 0 }, 1_000);
    expect(everything.events.length).toBeGreaterThan(names.length);
  });

  it("hears why a view fails", async () => {
    const { client } = await startChain();
    const asking = client.view({
      function: present(parseFunctionId("0x1::account::get_sequence_number"), "a function"),
      args: [new Uint8Array(32).fill(3)],
    });
    await expect(asking).rejects.toMatchObject({ code: "invalid_input" });
    await expect(asking).rejects.toThrow(/Move abort in 0x1::account/);
  });

  it("asks again when an answer is lost, and gives up in the end", async () => {
    const clock = manualClock(START_MS);
    const chain = await startChain({ clock });
    const [near, far] = pipePair();
    chain.node.serve(far);
    let lost = 2;
    const lossy: Pipe = {
      ...near,
      post: (message) => {
        lost -= 1;
        if (lost < 0) near.post(message);
      },
    };
    const client = createChainClient(lossy, clock);
    const asking = client.ledger();
    await clock.advance(6_000);
    expect(await asking).toMatchObject({ chainId: 4 });
    const dead = createChainClient({ ...near, post: () => undefined }, clock);
    const hopeless = dead.ledger();
    hopeless.catch(() => undefined);
    await clock.advance(30_000);
    await expect(hopeless).rejects.toMatchObject({ code: "chain_timeout" });
  });

  it("refuses what is asked after it was closed, and what was open then", async () => {
    const chain = await startChain();
    const client = chain.node.connect();
    const open = client.ledger();
    client.close();
    await expect(open).rejects.toBeInstanceOf(ChainError);
    await expect(client.ledger()).rejects.toMatchObject({ code: "chain_closed" });
    expect(await balanceOf(chain, OWNER)).toBe(0n);
  });
});
