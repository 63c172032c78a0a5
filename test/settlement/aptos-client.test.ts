// The slim client of the REST profile: it reads what the root's own client reads, signs what the
// chain's own code signs, and has a code for whatever an endpoint may answer.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRestApi, signTransaction } from "#chains";
import { addressToBytes, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { gasUnits } from "#core/gas-units.ts";
import { sha2_256 } from "#core/hash.ts";
import { parseModuleId } from "#core/identifier.ts";
import { makeStructTag, parseTypeTag } from "#core/type-tag.ts";
import { aptosLink, type Fetch, rootLink, type TransactionSummary } from "#settlement";
import { lastVersion } from "../../src/chains/ledger/block.ts";
import type { JsonValue } from "../../src/settlement/adapters/aptos/json.ts";
import type { ModuleAbis } from "../../src/settlement/adapters/aptos/module-abi.ts";
import { valueFromJson } from "../../src/settlement/adapters/aptos/move-value.ts";
import { signCall } from "../../src/settlement/adapters/aptos/transaction.ts";
import { callStatus } from "../../src/settlement/adapters/aptos/vm-status.ts";
import {
  callOf,
  EVENTS_MODULE,
  getChannel,
  getConfiguration,
  getState,
  getTime,
  NODE_TYPE,
  u64,
} from "../../src/settlement/contract/calls.ts";
import { accountNamed, START_MS } from "../chains/fixture.ts";
import { manualClock } from "../chains/manual-clock.ts";
import { producerNode, producerStore } from "../chains/producers.ts";
import { type ServedWorld, serveWorld } from "./served-world.ts";

const STAKE = 100n;
const ALICE = accountNamed("alice");
const CHAT_GROUP = makeStructTag("0x21::chat::ChatGroup");

describe("a signed call", () => {
  it("has the bytes and the hash that the chain's own code gives it", () => {
    const call = callOf(
      "0x20::state_channel::keep_alive_entry",
      [u64(7n), Uint8Array.of(0)],
      [{ kind: "struct", struct: CHAT_GROUP }],
    );
    const terms = {
      sequenceNumber: 12n,
      maxGas: 2_000_000n,
      gasUnitPrice: 3n,
      expirationSecs: 1_700_000_020n,
      chainId: 4,
    };
    const { bytes, hash } = signTransaction(
      {
        ...terms,
        sender: ALICE.address,
        payload: { type: "entryFunction", call },
        maxGas: gasUnits(terms.maxGas),
      },
      ALICE,
    );
    expect(signCall(call, terms, ALICE)).toEqual({ bytes, hash });
  });
});

describe("what a status text means", () => {
  it.each([
    [true, "Executed successfully", { type: "executed" }],
    [false, "Out of gas", { type: "failed", status: "OUT_OF_GAS" }],
    [false, "LINKER_ERROR", { type: "failed", status: "LINKER_ERROR" }],
    [false, "Execution failed in 0x1::m::f at code offset 3", { type: "failed" }],
    [false, "Move abort: code 0x7", { type: "failed" }],
  ])("is read: %s %s", (isSuccess, text, expected) => {
    expect(callStatus(isSuccess, text)).toMatchObject(expected);
  });

  it("names the module of an abort, with and without the error's own name", () => {
    const coin = present(parseModuleId("0x1::coin"), "a module");
    const aborted = { type: "aborted", code: 0x10006n, location: { module: coin } };
    const named = "Move abort in 0x1::coin: EINSUFFICIENT_BALANCE(0x10006): Not enough coins";
    expect(callStatus(false, named)).toEqual(aborted);
    expect(callStatus(false, "Move abort in 0x1::coin: 0x10006")).toEqual(aborted);
  });
});

describe("values in JSON", () => {
  const abis: ModuleAbis = {
    fields: async () => [{ name: "some", type: present(parseTypeTag("u64"), "a type") }],
    returns: () => Promise.reject(new Error("not asked")),
  };
  const read = (type: string, json: JsonValue) =>
    valueFromJson(abis, present(parseTypeTag(type), "a type"), json);

  it.each<[string, JsonValue, number[]]>([
    ["bool", true, [1]],
    ["u8", 255, [255]],
    ["u64", "258", [2, 1, 0, 0, 0, 0, 0, 0]],
    ["u16", 258, [2, 1]],
    ["vector<u8>", "0x0102", [2, 1, 2]],
    ["vector<u16>", [1, 2], [2, 1, 0, 2, 0]],
    ["0x1::string::String", "é", [2, 0xc3, 0xa9]],
    ["0x1::option::Option<u8>", { vec: [] }, [0]],
    ["0x1::option::Option<u8>", { vec: [7] }, [1, 7]],
    ["0x1::table::Table<u8, u8>", { some: "1" }, [1, 0, 0, 0, 0, 0, 0, 0]],
  ])("of %s become BCS", async (type, json, bytes) => {
    expect([...(await read(type, json))]).toEqual(bytes);
  });

  it.each<[string, JsonValue]>([
    ["bool", 1],
    ["u8", 256],
    ["u8", -1],
    ["u64", 1.5],
    ["u64", "0x10"],
    ["u64", ""],
    ["address", "0xzz"],
    ["address", null],
    ["vector<u8>", "0x1"],
    ["vector<u8>", [1]],
    ["vector<u64>", "0x00"],
    ["0x1::string::String", 1],
    ["0x1::option::Option<u8>", { vec: [1, 2] }],
    ["0x1::option::Option<u8>", null],
    ["0x1::m::S", {}],
    ["0x1::m::S", []],
    ["0x1::m::S", { other: "1" }],
    ["signer", "0x1"],
  ])("that are no %s are a bad answer: %j", async (type, json) => {
    await expect(read(type, json)).rejects.toMatchObject({ code: "BAD_ANSWER" });
  });
});

describe("a served chain", () => {
  let served: ServedWorld;
  let id: bigint;
  beforeAll(async () => {
    served = await serveWorld();
    const { world } = served;
    const alice = await world.member("alice");
    ({ id } = await world.during(alice.adapter.enter(STAKE)));
    await world.during(alice.adapter.applyLeader(id, { steps: [] }));
    await world.during((await world.member("bob")).adapter.enter(STAKE));
  });
  afterAll(() => served.close());

  it("reads as the root's own client reads it, to the byte", async () => {
    const { link, chain, world } = served;
    const views = [getChannel(id), getConfiguration(id, 0n), getState(CHAT_GROUP, id)];
    for (const call of views) {
      const direct = await world.during(chain.client.view(call));
      expect(await world.during(link.view(call))).toEqual(direct);
    }
    const node = await world.during(link.resource(ALICE.address, NODE_TYPE));
    expect(node).toEqual(await world.during(chain.client.resource(ALICE.address, NODE_TYPE)));
    expect(node).toBeDefined();
    const module = present(parseModuleId("0x21::chat"), "a module");
    const code = await world.during(link.module(module));
    expect(code).toEqual(await world.during(chain.client.module(module)));
    const start = { version: 0n, index: 0 };
    const told = [];
    for (let place = start; ; ) {
      const page = await world.during(link.events(EVENTS_MODULE, place));
      told.push(...page.events);
      if (page.next.version === place.version) break;
      place = page.next;
    }
    const { events } = await world.during(chain.client.events(EVENTS_MODULE, start, 1_000));
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(told).toEqual(
      events.map(({ version, index, eventType, data, timestampUs }) => ({
        type: eventType,
        data,
        timestampMs: timestampUs / 1_000n,
        place: { version, index },
      })),
    );
  });

  it("is known to judge fraud as soon as anything is read", async () => {
    const { link, world } = served;
    const access = link.access(ALICE);
    await world.during(access.view(getTime()));
    expect(access.canReexecute).toBe(true);
  });

  it("says nothing of what is not there", async () => {
    const { link, world } = served;
    const nobody = makeAddress("0xdead");
    expect(await world.during(link.resource(nobody, NODE_TYPE))).toBeUndefined();
    const missing = present(parseModuleId("0x21::nothing"), "a module");
    expect(await world.during(link.module(missing))).toBeUndefined();
    expect(await world.during(link.block(1_000_000n))).toBeUndefined();
    expect(await world.during(link.transactionsIn(1_000_000n))).toBeUndefined();
    const future = { version: 1_000_000n, index: 0 };
    const none = await world.during(link.events(EVENTS_MODULE, future));
    expect(none).toEqual({ events: [], next: future });
    const aborting = world.during(link.view(getChannel(999n)));
    await expect(aborting).rejects.toMatchObject({ code: "VIEW_ABORTED" });
  });

  it("shows its blocks as the root's own client does", async () => {
    const { link, chain, world } = served;
    const height = await world.during(link.height());
    const shown = present(await world.during(link.block(height)), "the newest block");
    const direct = present(await world.during(chain.client.block(height)), "the newest block");
    expect(shown).toMatchObject({
      height,
      hash: direct.hash,
      transactionsCount: direct.block.transactions.length,
      timestampMs: direct.block.header.timestampUs / 1_000n,
    });
  });

  it("shows what is in its blocks as the root's own client does", async () => {
    const { link, chain, world } = served;
    const direct = rootLink(chain.client);
    const height = await world.during(link.height());
    const told = [];
    for (let at = 1n; at <= height; at++) {
      const shown = present(await world.during(link.transactionsIn(at)), "a block");
      // The chain's own API names what aborted where it can; the rest is the same.
      const isIn = ({ statusText: _, ...rest }: TransactionSummary) => rest;
      const own = present(await world.during(direct.transactionsIn(at)), "a block");
      expect(shown.map(isIn)).toEqual(own.map(isIn));
      told.push(...shown);
    }
    const calls = told.map((one) => one.function?.name);
    expect(calls).toContain("chat_session_create");
    expect(told.every(({ isExecuted, gasUsed }) => isExecuted && gasUsed > 0n)).toBe(true);
    expect(told.some(({ sender }) => sender === ALICE.address)).toBe(true);
  });

  it("counts as final only what lies deep enough, where that is asked for", async () => {
    const { url, faucet, chain, world } = served;
    const { clock } = chain;
    const cautious = aptosLink({ url, faucet, clock, finalityDepth: 3 });
    const finalEnd = async () => {
      const height = (await world.during(chain.client.ledger())).height - 3n;
      const { block } = present(await world.during(chain.client.block(height)), "a block");
      return lastVersion(block.header) + 1n;
    };
    const least = await finalEnd();
    const end = await world.during(cautious.eventEnd());
    expect(end.version).toBeGreaterThanOrEqual(least);
    expect(end.version).toBeLessThanOrEqual(await finalEnd());
    const head = (await world.during(chain.client.ledger())).version;
    expect(end.version).toBeLessThan(head);
    const events = await world.during(cautious.events(EVENTS_MODULE, end));
    expect(events.events).toEqual([]);
  });

  it("counts as final no more than the chain itself does, where it says so", async () => {
    const clock = manualClock(START_MS);
    // One of three producers alone: its blocks become final never.
    const node = await producerNode(clock, await producerStore(3, 0));
    await clock.advance(9_000);
    const handle = createRestApi(node);
    const ask: Fetch = async (url) => {
      const target = url.replace(/^https?:\/\/[^/]+/, "");
      const { status, body } = await handle({
        method: "GET",
        target,
        headers: {},
        body: new Uint8Array(),
      });
      return new Response(body, { status });
    };
    const url = "http://chain.example/v1";
    const link = aptosLink({ url, clock, fetch: ask });
    expect(node.source.tree.head.block.header.height).toBeGreaterThan(1n);
    expect(await link.eventEnd()).toEqual({ version: 1n, index: 0 });
    await node.close();
  });

  it("pays an account no more than it lacks", async () => {
    const { link, chain, world } = served;
    const poor = accountNamed("poor").address;
    const balance = async () => {
      const coin = { kind: "struct", struct: makeStructTag("0x1::aptos_coin::AptosCoin") } as const;
      const call = callOf("0x1::coin::balance", [addressToBytes(poor)], [coin]);
      return (await world.during(chain.client.view(call)))[0];
    };
    await world.during(link.fund(poor, 500n));
    await world.during(link.fund(poor, 800n));
    await world.during(link.fund(poor, 100n));
    expect(await balance()).toEqual(u64(800n));
  });

  it("is watched while somebody listens, and no longer", async () => {
    const { link, world } = served;
    let heads = 0;
    const stop = link.onHead(() => {
      heads += 1;
    });
    await world.pass(5_000);
    expect(heads).toBeGreaterThanOrEqual(3);
    stop();
    const seen = heads;
    await world.pass(3_000);
    expect(heads).toBe(seen);
  });

  it("says that it has no money left in a purse", async () => {
    const { link, world } = served;
    const penniless = accountNamed("penniless");
    const access = link.access(penniless);
    expect(await world.during(access.sequenceNumber())).toBe(0n);
    const call = callOf("0x1::aptos_account::transfer", [addressToBytes(ALICE.address), u64(1n)]);
    const expiry = (await world.during(access.chainTimeMs())) / 1_000n + 20n;
    const signed = await world.during(access.sign(call, 0n, expiry));
    expect(await world.during(access.submit(signed))).toMatchObject({ type: "noFunds" });
    const unknown = await world.during(access.fate(sha2_256(utf8("no transaction")), 1_000));
    expect(unknown).toEqual({ type: "unknown" });
  });

  it("tells a used number, an expired transaction and one that it refuses apart", async () => {
    const { link, world } = served;
    const access = link.access(ALICE);
    const call = callOf("0x1::aptos_account::transfer", [addressToBytes(ALICE.address), u64(1n)]);
    const now = (await world.during(access.chainTimeMs())) / 1_000n;
    const next = await world.during(access.sequenceNumber());
    const handIn = async (number: bigint, expiry: bigint) =>
      world.during(access.submit(await world.during(access.sign(call, number, expiry))));
    expect(await handIn(0n, now + 20n)).toEqual({ type: "numberUsed" });
    expect(await handIn(next, now - 100n)).toMatchObject({ type: "busy" });
    const signed = await world.during(access.sign(call, next, now + 20n));
    const forged = signed.bytes.slice();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    const tried = access.submit({ ...signed, bytes: forged });
    expect(await world.during(tried)).toMatchObject({ type: "refused" });
  });
});

describe("an endpoint that is none", () => {
  const linkTo = (fetchFrom: Fetch) => {
    const clock = manualClock(0n);
    return { clock, link: aptosLink({ url: "http://example.invalid", clock, fetch: fetchFrom }) };
  };
  const answering = (status: number, body: string) => async () => new Response(body, { status });

  it.each<[string, Fetch, string]>([
    ["cannot be reached", () => Promise.reject(new TypeError("fetch failed")), "CHAIN_UNREACHABLE"],
    ["is ill", answering(503, "{}"), "CHAIN_UNREACHABLE"],
    ["has enough of us", answering(429, '{"error_code":"rate_limited"}'), "CHAIN_UNREACHABLE"],
    ["is a web page", answering(200, "<html>"), "BAD_ANSWER"],
    ["answers with nothing of use", answering(200, "{}"), "BAD_ANSWER"],
    ["answers with a list", answering(200, "[]"), "BAD_ANSWER"],
    ["knows no such path", answering(404, "not here"), "BAD_ANSWER"],
  ])("that %s", async (_, fetchFrom, code) => {
    const { link } = linkTo(fetchFrom);
    await expect(link.height()).rejects.toMatchObject({ code });
    await expect(link.view(getTime())).rejects.toMatchObject({ code });
  });

  it("that says nothing of judging fraud does not judge", async () => {
    const { link } = linkTo(async (url) => {
      const ledger = {
        chain_id: 2,
        ledger_version: "7",
        block_height: "3",
        ledger_timestamp: "9",
      };
      return new Response(JSON.stringify(url.endsWith("/v1") ? ledger : {}));
    });
    const access = link.access(ALICE);
    await expect(access.view(getTime())).rejects.toMatchObject({ code: "BAD_ANSWER" });
    expect(access.canReexecute).toBe(false);
    expect(await access.chainTimeMs()).toBe(0n);
  });

  it("that never answers is given up after ten seconds", async () => {
    const { clock, link } = linkTo((_, { signal }) => {
      return new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new Error("aborted")));
      });
    });
    const asking = link.height();
    asking.catch(() => undefined);
    await clock.advance(10_000);
    await expect(asking).rejects.toMatchObject({ code: "CHAIN_UNREACHABLE" });
  });

  it("that is no URL is refused at once", () => {
    const clock = manualClock(0n);
    expect(() => aptosLink({ url: "harbour", clock })).toThrow("BAD_ANSWER");
  });
});
