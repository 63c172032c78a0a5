// The embedded chain in a real browser: a shared worker, IndexedDB and Web Locks, as a page uses
// them.
import { describe, expect, it } from "vitest";
import {
  accountSigner,
  createChainClient,
  openEmbeddedChain,
  portPipe,
  signTransaction,
  systemClock,
} from "#chains";
import { addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { parseSecretKey } from "#core/ed25519.ts";
import { gasUnits } from "#core/gas-units.ts";
import { parseFunctionId } from "#core/identifier.ts";

async function connect() {
  return createChainClient(portPipe(await openEmbeddedChain()), systemClock);
}

function randomAccount() {
  return accountSigner(
    present(parseSecretKey(crypto.getRandomValues(new Uint8Array(32))), "32 bytes"),
  );
}

describe("the embedded chain of this origin", () => {
  it("serves every port that a page opens from one and the same chain", async () => {
    const [one, other] = [await connect(), await connect()];
    const ledger = await one.ledger();
    expect(ledger.chainId).toBe(4);
    expect((await other.ledger()).genesisHash).toEqual(ledger.genesisHash);
    const account = randomAccount();
    const hash = await one.fund(account.address, 10_000_000n);
    const paid = await other.waitForTransaction(hash, 15_000);
    expect(paid.receipt.status).toEqual({ type: "executed" });
    const to = randomAccount().address;
    const { bytes } = signTransaction(
      {
        sender: account.address,
        sequenceNumber: 0n,
        payload: {
          type: "entryFunction",
          call: {
            function: present(parseFunctionId("0x1::aptos_account::transfer"), "a function"),
            typeArgs: [],
            args: [addressToBytes(to), encodeBcs((writer) => writer.u64(5n))],
          },
        },
        maxGas: gasUnits(100_000n),
        gasUnitPrice: 1n,
        expirationSecs: systemClock.now() / 1_000n + 60n,
        chainId: ledger.chainId,
      },
      account,
    );
    const sent = await one.submit(bytes);
    const moved = await one.waitForTransaction(sent, 15_000);
    expect(moved.receipt.status).toEqual({ type: "executed" });
    expect((await other.account(to)).exists).toBe(true);
    one.close();
    other.close();
  });

  it("makes blocks while somebody watches", async () => {
    const client = await connect();
    const heights: bigint[] = [];
    await new Promise<void>((resolve) => {
      const stop = client.onHead(({ height }) => {
        heights.push(height);
        if (heights.length < 3) return;
        stop();
        resolve();
      });
    });
    const [first = 0n, second, third] = heights;
    expect([second, third]).toEqual([first + 1n, first + 2n]);
    client.close();
  });

  it("can be reached from a worker through a port that the page hands on", async () => {
    const source = `onmessage = ({ data }) => {
      data.onmessage = (event) => postMessage(event.data);
      onmessage = (event) => data.postMessage(event.data);
    };`;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const worker = new Worker(url);
    const port = await openEmbeddedChain();
    worker.postMessage(port, [port]);
    const client = createChainClient(
      {
        post: (message) => worker.postMessage(message),
        listen: (listener) => {
          worker.onmessage = ({ data }: MessageEvent<unknown>) => {
            if (data instanceof Uint8Array) listener(data);
          };
        },
        close: () => worker.terminate(),
      },
      systemClock,
    );
    expect((await client.ledger()).chainId).toBe(4);
    client.close();
    URL.revokeObjectURL(url);
  });

  it("is reached by dedicated workers too, where a browser has no shared ones", async () => {
    const shared = await connect();
    const { genesisHash } = await shared.ledger();
    const worker = new Worker(
      new URL("../../src/chains/worker/embedded.worker.ts", import.meta.url),
      { type: "module" },
    );
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ type: "connect", port: port2 }, [port2]);
    const client = createChainClient(portPipe(port1), systemClock);
    expect((await client.ledger()).genesisHash).toEqual(genesisHash);
    const hash = await client.fund(randomAccount().address, 7n);
    const paid = await client.waitForTransaction(hash, 15_000);
    expect(paid.receipt.status).toEqual({ type: "executed" });
    expect(await shared.transaction(hash)).toMatchObject({ height: paid.height });
    client.close();
    shared.close();
    worker.terminate();
  });
});
