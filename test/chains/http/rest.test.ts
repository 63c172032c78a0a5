// The REST API's answers: errors, headers, paging, waiting, history. Values are in
// move-json.test.ts and with the official SDK in ../sdk.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHexPrefixed } from "#core/bytes.ts";
import { accountNamed, commit, fund, START_MS, transferTo } from "../fixture.ts";
import { settle } from "../manual-clock.ts";
import { get, post, type RestChain, SIGNED, startRest } from "./rest.ts";

const alice = accountNamed("alice");
const bob = accountNamed("bob");
const COIN_STORE = "0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>";

async function fundedChain(): Promise<RestChain> {
  const chain = await startRest();
  await fund(chain, alice.address, 100_000_000n);
  return chain;
}

describe("a request that cannot be answered", () => {
  const cases: [string, string, number, string][] = [
    ["GET", "/nowhere", 404, "web_framework_error"],
    ["DELETE", "/transactions", 405, "web_framework_error"],
    ["GET", "/view", 405, "web_framework_error"],
    ["GET", "/accounts/%zz", 404, "web_framework_error"],
    ["GET", "/accounts/alice", 400, "invalid_input"],
    ["GET", "/accounts/0x1/resource/coin", 400, "invalid_input"],
    ["GET", "/accounts/0x1/resource/0x1::coin::None", 404, "resource_not_found"],
    ["GET", "/accounts/0x1/resources?limit=0", 400, "invalid_input"],
    ["GET", "/accounts/0x1/resources?start=zz", 400, "invalid_input"],
    ["GET", "/accounts/0x1/module/none", 404, "module_not_found"],
    ["GET", "/accounts/0x1/module/no-name", 400, "invalid_input"],
    ["GET", "/accounts/0x1/balance/gold", 400, "invalid_input"],
    ["GET", "/accounts/0x1?ledger_version=x", 400, "invalid_input"],
    ["GET", "/accounts/0x1?ledger_version=999", 404, "version_not_found"],
    ["GET", "/transactions?limit=0", 400, "invalid_input"],
    ["GET", "/transactions?start=-1", 400, "invalid_input"],
    ["GET", "/transactions?start=999", 404, "version_not_found"],
    ["GET", "/transactions/by_version/999", 404, "version_not_found"],
    ["GET", "/transactions/by_version/18446744073709551616", 400, "invalid_input"],
    ["GET", "/transactions/by_hash/0x12", 400, "invalid_input"],
    ["GET", `/transactions/by_hash/0x${"1".repeat(64)}`, 404, "transaction_not_found"],
    ["GET", `/transactions/wait_by_hash/0x${"1".repeat(64)}`, 404, "transaction_not_found"],
    ["GET", "/blocks/by_height/999", 404, "block_not_found"],
    ["GET", "/blocks/by_version/999", 404, "version_not_found"],
    ["POST", "/view", 400, "invalid_input"],
    ["POST", "/tables/0x1/item", 400, "invalid_input"],
    ["POST", "/transactions", 400, "invalid_input"],
    ["POST", "/transactions/simulate", 400, "invalid_input"],
  ];

  it.each(cases)("%s %s is answered with %i %s", async (method, target, status, code) => {
    const { handle } = await startRest();
    const body = new Uint8Array();
    const answer = await handle({ method, target: `/v1${target}`, headers: {}, body });
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(answer.headers["x-aptos-chain-id"]).toBe("4");
    const { message, error_code, vm_error_code, ...rest } = JSON.parse(answer.body) as Record<
      string,
      unknown
    >;
    expect({ error_code, vm_error_code, rest }).toEqual({
      error_code: code,
      vm_error_code: null,
      rest: {},
    });
    expect(message).toMatch(/\S/);
  });

  it("never ends in an internal error, whatever it is", async () => {
    const chain = await startRest();
    const segment = fc.constantFrom(
      "accounts",
      "0x1",
      "resource",
      "resources",
      "module",
      "coin",
      "transactions",
      "by_hash",
      "blocks",
      "by_height",
      "0",
      "view",
      "tables",
      "item",
      "%00",
      "..",
      "0x1::coin::CoinInfo",
    );
    const path = fc.array(fc.oneof(segment, fc.string()), { maxLength: 5 });
    const query = fc.webQueryParameters();
    const types = fc.constantFrom(
      "application/json",
      SIGNED,
      "application/x.aptos.view_function+bcs",
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(
        path,
        query,
        types,
        bytes,
        fc.boolean(),
        async (parts, asked, type, body, gets) => {
          const { status } = await chain.handle({
            method: gets ? "GET" : "POST",
            target: `/v1/${parts.join("/")}?${asked}`,
            headers: { "content-type": type },
            body: Uint8Array.from(body),
          });
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 400, seed: 7 },
    );
  });

  it("leaves the state as it was", async () => {
    const chain = await fundedChain();
    const { bytes } = transferTo(alice, 0n, bob.address, 5n);
    const before = chain.node.source.tree.head.hash;
    for (let at = 0; at < bytes.length; at += 7) {
      const altered = bytes.slice();
      altered[at] = (altered[at] ?? 0) ^ 0x41;
      expect((await post(chain, "/transactions", SIGNED, altered)).status).toBe(400);
    }
    expect(chain.node.source.tree.head.hash).toEqual(before);
  });
});

describe("headers", () => {
  it("say where the ledger is", async () => {
    const chain = await fundedChain();
    const { json, headers } = await get(chain, "");
    const ledger = json as Record<string, string>;
    expect(headers).toMatchObject({
      "x-aptos-ledger-version": ledger["ledger_version"],
      "x-aptos-ledger-oldest-version": "0",
      "x-aptos-block-height": ledger["block_height"],
      "x-aptos-ledger-timestampusec": ledger["ledger_timestamp"],
    });
    expect((await get(chain, "/")).json).toEqual(json);
  });

  it("let any page call and see them", async () => {
    const chain = await startRest();
    const origin = "https://game.example";
    const { headers } = await get(chain, "", { origin });
    expect(headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      vary: "Origin",
    });
    expect(headers["access-control-expose-headers"]).toContain("x-aptos-cursor");
    const asked = { method: "OPTIONS", target: "/v1/view", headers: { origin } };
    const answer = await chain.handle({ ...asked, body: new Uint8Array() });
    expect(answer.status).toBe(204);
    expect(answer.headers["access-control-allow-headers"]).toContain("x-aptos-client");
  });
});

describe("a list of what an account holds", () => {
  it("comes page by page, each thing once", async () => {
    const chain = await startRest();
    for (const kind of ["resources", "modules"]) {
      const whole = (await get(chain, `/accounts/0x1/${kind}`)).json as unknown[];
      const pages: unknown[] = [];
      let start = "";
      for (;;) {
        const { json, headers } = await get(chain, `/accounts/0x1/${kind}?limit=4${start}`);
        pages.push(...(json as unknown[]));
        const cursor = headers["x-aptos-cursor"];
        if (cursor === undefined) break;
        start = `&start=${cursor}`;
      }
      expect(pages).toEqual(whole);
      expect(whole.length).toBeGreaterThan(4);
    }
  });
});

describe("a transaction", () => {
  it("is pending with 202, again with 202, and found by its hash", async () => {
    const chain = await fundedChain();
    const { bytes, hash } = transferTo(alice, 1n, bob.address, 5n);
    const first = await post(chain, "/transactions", SIGNED, bytes);
    expect(first.status).toBe(202);
    expect(first.json).toMatchObject({ type: "pending_transaction", hash: toHexPrefixed(hash) });
    expect(await post(chain, "/transactions", SIGNED, bytes)).toEqual(first);
    const found = await get(chain, `/transactions/by_hash/${toHexPrefixed(hash)}`);
    expect(found.json).toEqual(first.json);
    const other = transferTo(alice, 1n, bob.address, 6n);
    expect((await post(chain, "/transactions", SIGNED, other.bytes)).json).toMatchObject({
      error_code: "invalid_transaction_update",
    });
  });

  it("is waited for until it is committed, or answered as pending after a second", async () => {
    const chain = await fundedChain();
    const early = transferTo(alice, 1n, bob.address, 5n);
    await post(chain, "/transactions", SIGNED, early.bytes);
    const path = `/transactions/wait_by_hash/${toHexPrefixed(early.hash)}`;
    const waiting = get(chain, path);
    await chain.clock.advance(1_000);
    expect(await waiting).toMatchObject({ status: 200, json: { type: "pending_transaction" } });
    const again = get(chain, path);
    await post(chain, "/transactions", SIGNED, transferTo(alice, 0n, bob.address, 1n).bytes);
    await chain.clock.advance(500);
    expect(await again).toMatchObject({
      status: 200,
      json: { type: "user_transaction", success: true },
    });
  });

  it("is not known any more once it has expired", async () => {
    const chain = await fundedChain();
    const expirationSecs = START_MS / 1_000n + 5n;
    const early = transferTo(alice, 3n, bob.address, 5n, { expirationSecs });
    await post(chain, "/transactions", SIGNED, early.bytes);
    await chain.clock.advance(10_000);
    await commit(chain, transferTo(alice, 0n, bob.address, 1n));
    const path = `/transactions/by_hash/${toHexPrefixed(early.hash)}`;
    expect((await get(chain, path)).status).toBe(404);
  });

  it("is listed by version, by block and by sender", async () => {
    const chain = await fundedChain();
    for (let number = 0n; number < 3n; number++) {
      await commit(chain, transferTo(alice, number, bob.address, 1n));
    }
    const own = (await get(chain, `/accounts/${alice.address}/transactions`)).json as Listed[];
    expect(own.map(({ sequence_number }) => sequence_number)).toEqual(["0", "1", "2"]);
    const rest = await get(chain, `/accounts/${alice.address}/transactions?start=1&limit=1`);
    expect(rest.json).toEqual([own[1]]);
    const all = (await get(chain, "/transactions?start=0&limit=100")).json as Listed[];
    expect(all.map(({ version }) => Number(version))).toEqual(all.map((_, index) => index));
    expect(all[0]?.type).toBe("genesis_transaction");
    expect(all.filter(({ type }) => type === "user_transaction").slice(-3)).toEqual(own);
    const last = (await get(chain, "/transactions?limit=2")).json as Listed[];
    expect(last).toEqual(all.slice(-2));
    const version = own[1]?.version ?? "";
    const block = await get(chain, `/blocks/by_version/${version}?with_transactions=true`);
    const { transactions, first_version, block_height } = block.json as {
      readonly transactions: readonly Listed[];
      readonly first_version: string;
      readonly block_height: string;
    };
    expect(transactions).toEqual(
      all.filter((item) => transactions.some((other) => other.version === item.version)),
    );
    expect(transactions[0]).toMatchObject({
      type: "block_metadata_transaction",
      version: first_version,
    });
    const plain = await get(chain, `/blocks/by_height/${block_height}`);
    expect(plain.json).toEqual({ ...(block.json as object), transactions: null });
  });

  it("is not simulated when it could be sent", async () => {
    const chain = await fundedChain();
    const { bytes } = transferTo(alice, 0n, bob.address, 5n);
    const answer = await post(chain, "/transactions/simulate", SIGNED, bytes);
    expect(answer).toMatchObject({ status: 400, json: { error_code: "invalid_input" } });
  });
});

interface Listed {
  readonly type: string;
  readonly version: string;
  readonly sequence_number?: string;
}

describe("the past", () => {
  it("is read as it was, at every version", async () => {
    const chain = await fundedChain();
    const known = new Map<string, unknown>();
    for (let number = 0n; number < 4n; number++) {
      const { receipt } = await commit(
        chain,
        transferTo(alice, number, bob.address, 10n ** number),
      );
      const path = `/accounts/${bob.address}/resource/${COIN_STORE}`;
      known.set(receipt.version.toString(), (await get(chain, path)).json);
      await settle();
    }
    for (const [version, json] of known) {
      const path = `/accounts/${bob.address}/resource/${COIN_STORE}?ledger_version=${version}`;
      expect((await get(chain, path)).json).toEqual(json);
    }
    const before = `/accounts/${bob.address}/resource/${COIN_STORE}?ledger_version=0`;
    expect(await get(chain, before)).toMatchObject({ json: { error_code: "resource_not_found" } });
    const listed = await get(chain, `/accounts/${bob.address}/resources?ledger_version=0`);
    expect(listed.json).toEqual([]);
  });

  it("is pruned where its blocks were forgotten", async () => {
    const chain = await fundedChain();
    for (let number = 0n; number < 3n; number++) {
      await commit(chain, transferTo(alice, number, bob.address, 1n));
    }
    await chain.store.pruneBelow(3n);
    await commit(chain, transferTo(alice, 3n, bob.address, 1n));
    for (const path of [
      "/accounts/0x1?ledger_version=1",
      "/transactions/by_version/1",
      "/transactions?start=1",
      "/blocks/by_version/1",
    ]) {
      expect(await get(chain, path)).toMatchObject({
        status: 410,
        json: { error_code: "version_pruned" },
      });
    }
    expect(await get(chain, "/blocks/by_height/1")).toMatchObject({
      status: 410,
      json: { error_code: "block_pruned" },
    });
    const { headers } = await get(chain, "");
    expect(headers["x-aptos-oldest-block-height"]).toBe("3");
  });
});

describe("a view", () => {
  it("takes JSON, and is refused unless it is one", async () => {
    const chain = await fundedChain();
    const view = (json: object) => post(chain, "/view", "application/json", JSON.stringify(json));
    const balance = {
      function: "0x1::coin::balance",
      type_arguments: ["0x1::aptos_coin::AptosCoin"],
      arguments: [alice.address],
    };
    expect((await view(balance)).json).toEqual(["100000000"]);
    const wrong: object[] = [
      { ...balance, arguments: [] },
      { ...balance, arguments: [5] },
      { ...balance, type_arguments: [] },
      { ...balance, type_arguments: ["gold"] },
      { ...balance, function: "0x1::coin::zero", arguments: [] },
      { ...balance, function: "0x1::coin::nothing" },
      { ...balance, function: "balance" },
    ];
    for (const json of wrong) {
      expect(await view(json)).toMatchObject({
        status: 400,
        json: { error_code: "invalid_input" },
      });
    }
  });
});
