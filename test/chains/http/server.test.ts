// The server on real sockets: what a slow, greedy or hostile client can and cannot do.
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type HttpLimits, type HttpServer, serveHttp } from "#chains-node";

const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Answers with the size of the body. */
async function serveSizes(limits: Partial<HttpLimits> = {}): Promise<string> {
  const server = await serveHttp(
    (request) =>
      Promise.resolve({
        status: 200,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ size: request.body.length, target: request.target }),
      }),
    { host: "127.0.0.1", port: 0, limits },
  );
  servers.push(server);
  return server.url;
}

/** What the server sends on a bare connection until it closes it. */
async function talk(url: string, send: (write: (text: string) => void) => void): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = "";
  socket.on("data", (data: Buffer) => {
    received += data.toString();
  });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  send((text) => socket.write(text));
  await once(socket, "close");
  return received;
}

describe("the HTTP server", () => {
  it("hands on the request as it came", async () => {
    const url = await serveSizes();
    const answer = await fetch(`${url}/a%3Cb?c=d`, { method: "POST", body: "four" });
    expect(await answer.json()).toEqual({ size: 4, target: "/a%3Cb?c=d" });
  });

  it("reads no body above its limit, whether its size is declared or not", async () => {
    const url = await serveSizes({ bodySizeMax: 1_000 });
    const declared = await fetch(url, { method: "POST", body: "x".repeat(1_001) });
    expect(declared.status).toBe(413);
    expect(await declared.json()).toMatchObject({ error_code: "web_framework_error" });
    const chunk = `400\r\n${"x".repeat(1_024)}\r\n`;
    const answer = await talk(url, (write) => {
      write(`POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk}${chunk}`);
    });
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    const fitting = await fetch(url, { method: "POST", body: "x".repeat(1_000) });
    expect(await fitting.json()).toMatchObject({ size: 1_000 });
  });

  it("tells who asks too often to wait, and says how long", async () => {
    const url = await serveSizes({ rate: { perSecond: 0.001, burst: 3, clientsMax: 10 } });
    for (let count = 0; count < 3; count++) expect((await fetch(url)).status).toBe(200);
    const refused = await fetch(url, { headers: { origin: "https://game.example" } });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(refused.headers.get("access-control-allow-origin")).toBe("https://game.example");
    expect(await refused.json()).toMatchObject({ error_code: "rate_limited" });
  });

  it("parts from clients that are too slow, and serves the others meanwhile", async () => {
    const url = await serveSizes({ headersTimeoutMs: 300, requestTimeoutMs: 600 });
    const slowHead = talk(url, (write) => write("GET / HTTP/1.1\r\nhost: x\r\n"));
    const slowBody = talk(url, (write) =>
      write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc"),
    );
    expect((await fetch(url)).status).toBe(200);
    expect(await slowHead).toMatch(/^(HTTP\/1.1 408 |$)/);
    expect(await slowBody).toMatch(/^(HTTP\/1.1 408 |$)/);
    expect((await fetch(url)).status).toBe(200);
  });

  it("hands a connection that asks for something else to who takes it, or closes it", async () => {
    const upgrade = (path: string) =>
      `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`;
    const plain = await serveSizes();
    expect(await talk(plain, (write) => write(upgrade("/v1/peer")))).toBe("");
    const server = await serveHttp(() => Promise.reject(new Error("not asked")), {
      host: "127.0.0.1",
      port: 0,
      onUpgrade: ({ url }, socket) => {
        if (url !== "/taken") return false;
        socket.end("yours");
        return true;
      },
    });
    servers.push(server);
    expect(await talk(server.url, (write) => write(upgrade("/taken")))).toBe("yours");
    expect(await talk(server.url, (write) => write(upgrade("/other")))).toBe("");
    expect((await fetch(plain)).status).toBe(200);
  });

  it("survives what is no HTTP, and clients that go away", async () => {
    const url = await serveSizes();
    expect(await talk(url, (write) => write("\u0000\u0001 nonsense\r\n\r\n"))).toMatch(/ 400 /);
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc");
    socket.destroy();
    await once(socket, "close");
    expect((await fetch(url)).status).toBe(200);
  });
});
