// A served chain under clients that want it to stand still: blocks go on, and whoever behaves is
// served.
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountNamed, transferTo } from "../fixture.ts";
import { type ServedChain, serveChain } from "../sdk/served-chain.ts";
import { SIGNED } from "./rest.ts";

const FLOOD_MS = 4_000;
const CONNECTIONS = 60;
const SLOW_SOCKETS = 100;

let chain: ServedChain;
beforeAll(async () => {
  chain = await serveChain();
});
afterAll(() => chain.close());

/** Posts the same body again and again over one connection, until time is up. */
async function flood(
  path: string,
  contentType: string,
  body: Uint8Array | string,
  untilMs: number,
): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(chain.url);
  const statuses: number[] = [];
  while (performance.now() < untilMs) {
    const sent = request({
      agent,
      hostname,
      port,
      path: `/v1${path}`,
      method: "POST",
      headers: { "content-type": contentType },
    });
    sent.end(body);
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    answer.resume();
    await once(answer, "end");
    statuses.push(answer.statusCode ?? 0);
  }
  agent.destroy();
  return statuses;
}

async function slowSockets(count: number): Promise<readonly Socket[]> {
  const { hostname, port } = new URL(chain.url);
  const sockets = Array.from({ length: count }, () => connect(Number(port), hostname));
  for (const socket of sockets) {
    socket.on("error", () => undefined);
    socket.write("POST /v1/transactions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nab");
  }
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  return sockets;
}

describe("a served chain", () => {
  it("makes blocks and serves others while clients flood it with work", async () => {
    const { bytes } = transferTo(accountNamed("nobody"), 0n, accountNamed("x").address, 1n, {
      expirationSecs: BigInt(Math.floor(Date.now() / 1_000)) + 600n,
    });
    const forged = bytes.slice();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    const view = JSON.stringify({
      function: "0x1::block::finalised_producer_count",
      type_arguments: [],
      arguments: ["0"],
    });
    const slow = await slowSockets(SLOW_SOCKETS);
    const client = chain.node.connect();
    const headsMs: number[] = [performance.now()];
    const stop = client.onHead(() => headsMs.push(performance.now()));
    const untilMs = performance.now() + FLOOD_MS;
    const floods = Array.from({ length: CONNECTIONS }, (_, index) => {
      if (index % 3 === 0) return flood("/transactions", SIGNED, forged, untilMs);
      if (index % 3 === 1) return flood("/transactions", SIGNED, forged.subarray(0, 50), untilMs);
      return flood("/view", "application/json", view, untilMs);
    });
    const account = await chain.fundedAccount(1_000);
    const balance = await chain.aptos.getBalance({
      accountAddress: account.accountAddress,
      asset: "0xa",
    });
    expect(balance).toBe(1_000);
    const statuses = new Set((await Promise.all(floods)).flat());
    stop();
    for (const socket of slow) socket.destroy();
    // Refused by name, or told to wait: never a failure of the node's.
    expect([...statuses].filter((status) => ![200, 400, 429].includes(status))).toEqual([]);
    expect(statuses.has(400)).toBe(true);
    const gaps = headsMs.slice(1).map((at, index) => at - (headsMs[index] ?? at));
    // Somebody watches, so that a block is due every second.
    expect(gaps.length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...gaps)).toBeLessThan(3_000);
    client.close();
  }, 60_000);
});
