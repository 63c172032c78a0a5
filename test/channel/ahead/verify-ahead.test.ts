import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { ackMessage, encodeMessage } from "../../../src/channel/codec.ts";
import type { Entry } from "../../../src/channel/messages.ts";
import type { VerifyLater } from "../../../src/channel/ports.ts";
import { rememberSignatures } from "../../../src/channel/remembered-signatures.ts";
import { createMemoryStore } from "../../../src/channel/store/memory.ts";
import { CLAIMS_MAX, createVerifyAhead } from "../../../src/channel/verify-ahead.ts";
import { type Signature, verifyEd25519 } from "../../../src/sandbox/core/ed25519.ts";
import * as examples from "../codec/examples.ts";

const { seats: SEATS } = examples.NEXT;
const READER = { nodeKey: examples.CAST[0].seat.nodeKey, seats: SEATS };
const CERTIFICATE = encodeMessage({ type: "certificate", certificate: examples.CERTIFICATE });
const honest: VerifyLater = async (...asked) => verifyEd25519(...asked);

/** A memory that counts what had to be computed when somebody asked. */
async function ahead(engine: VerifyLater) {
  const counts = { asked: 0, computed: 0 };
  const entropy = (size: number) => crypto.getRandomValues(new Uint8Array(size));
  const { signer } = await createMemoryStore(entropy, undefined, 1).identity();
  const memory = rememberSignatures(signer, (...asked) => {
    counts.computed++;
    return verifyEd25519(...asked);
  });
  const counting: VerifyLater = (...asked) => {
    counts.asked++;
    return engine(...asked);
  };
  const verifyAhead = createVerifyAhead({ engine: counting, memory, reader: () => READER });
  /** As the machine would. */
  const ask = () => {
    const { ack, signatures } = examples.CERTIFICATE;
    return signatures.every(({ seat, signature }) => {
      const { nodeKey } = present(
        SEATS.find((one) => one.seat === seat),
        "a seat that signs",
      );
      return memory.verify(ackMessage(ack), signature, nodeKey);
    });
  };
  return { verifyAhead, counts, ask };
}

/** Entries of ever other calls, each by another signature that holds for none of them. */
function calls(first: number, count: number): Entry[] {
  return Array.from({ length: count }, (_, index) => {
    const signature = new Uint8Array(examples.SIGNED_HEADER.signature) as Signature;
    new DataView(signature.buffer).setUint32(0, first + index);
    return {
      type: "call",
      call: { call: { ...examples.CALL, nonce: BigInt(first + index) }, signature },
    };
  });
}

function batchOf(entries: readonly Entry[]): Uint8Array {
  const { header } = examples.BATCH;
  return encodeMessage({ type: "batch", batch: { header, entries, steps: [], viewChanges: [] } });
}

/** An engine that answers no, and only when it is told to. */
function heldUp(): { readonly engine: VerifyLater; readonly end: () => void } {
  const open: (() => void)[] = [];
  return {
    engine: () => new Promise((resolve) => open.push(() => resolve(false))),
    end: () => {
      for (const answer of open.splice(0)) answer();
    },
  };
}

describe("signatures checked ahead", () => {
  it("need not be computed when the machine asks", async () => {
    const { verifyAhead, counts, ask } = await ahead(honest);
    await verifyAhead(CERTIFICATE);
    expect(ask()).toBe(true);
    expect(counts).toEqual({ asked: 2, computed: 0 });
  });

  it("are not asked about again, and what holds none is not waited for", async () => {
    const { verifyAhead, counts } = await ahead(honest);
    await verifyAhead(CERTIFICATE);
    expect(verifyAhead(CERTIFICATE)).toBeUndefined();
    expect(verifyAhead(utf8("no message"))).toBeUndefined();
    expect(counts.asked).toBe(2);
  });

  it("are left to the machine where the engine says no or fails", async () => {
    const refusals: VerifyLater[] = [
      async () => false,
      () => Promise.reject(new Error("no such algorithm")),
    ];
    for (const engine of refusals) {
      const { verifyAhead, counts, ask } = await ahead(engine);
      await verifyAhead(CERTIFICATE);
      expect(ask()).toBe(true);
      expect(counts).toEqual({ asked: 2, computed: 2 });
    }
  });

  it("are not believed where the rule tells from the bytes that they do not hold", async () => {
    const { verifyAhead, counts } = await ahead(async () => true);
    const identity = new Uint8Array(64);
    identity[0] = 1;
    const ack = { ack: examples.ACK, seat: 2n, signature: identity as Signature };
    expect(verifyAhead(encodeMessage({ type: "ack", ...ack }))).toBeUndefined();
    expect(counts.asked).toBe(0);
  });

  it("are only so many at once, whoever sends how much", async () => {
    const { engine, end } = heldUp();
    const { verifyAhead, counts } = await ahead(engine);
    const batches = Array.from({ length: 6 }, (_, at) => batchOf(calls(250 * at, 250)));
    const waits = batches.map((batch) => verifyAhead(batch));
    expect(counts.asked).toBe(CLAIMS_MAX);
    expect(waits.at(-1)).toBeDefined();
    const stranger = batchOf(calls(9_000, 1)).slice();
    end();
    for (const wait of waits) await wait;
    void verifyAhead(stranger);
    expect(counts.asked).toBe(CLAIMS_MAX + 2);
  });

  it("are asked about once at a time, in however many places they stand", async () => {
    const { engine, end } = heldUp();
    const { verifyAhead, counts } = await ahead(engine);
    const twice = examples.ENTRIES.filter(({ type }) => type === "call").flatMap((one) => [
      one,
      one,
    ]);
    const waits = [verifyAhead(batchOf(twice)), verifyAhead(batchOf(twice))];
    expect(counts.asked).toBe(2);
    expect(waits).not.toContain(undefined);
    end();
    for (const wait of waits) await wait;
    void verifyAhead(batchOf(twice));
    expect(counts.asked).toBe(4);
  });

  it("are left to the machine where two messages share one", async () => {
    const { engine, end } = heldUp();
    const { verifyAhead, counts } = await ahead(engine);
    const { signature } = examples.SIGNED_HEADER;
    const acks = [1n, 2n].map((seat) => {
      return verifyAhead(encodeMessage({ type: "ack", ack: examples.ACK, seat, signature }));
    });
    expect([acks[1], counts.asked]).toEqual([undefined, 1]);
    end();
    await acks[0];
  });
});
