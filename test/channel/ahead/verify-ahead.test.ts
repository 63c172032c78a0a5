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

/** Entries of ever other calls, each by a signature that holds for none of them. */
function calls(count: number): Entry[] {
  const signature = examples.SIGNED_HEADER.signature;
  return Array.from({ length: count }, (_, nonce) => ({
    type: "call",
    call: { call: { ...examples.CALL, nonce: BigInt(nonce) }, signature },
  }));
}

function batchOf(entries: readonly Entry[]): Uint8Array {
  const { header } = examples.BATCH;
  return encodeMessage({ type: "batch", batch: { header, entries, steps: [], viewChanges: [] } });
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
    const open: (() => void)[] = [];
    const engine: VerifyLater = () => new Promise((resolve) => open.push(() => resolve(false)));
    const { verifyAhead, counts } = await ahead(engine);
    const batch = batchOf(calls(250));
    const waits = Array.from({ length: 6 }, () => verifyAhead(batch));
    expect(counts.asked).toBe(CLAIMS_MAX);
    expect(waits.at(-1)).toBeUndefined();
    for (const end of open.splice(0)) end();
    for (const wait of waits) await wait;
    void verifyAhead(batch);
    expect(counts.asked).toBe(CLAIMS_MAX + 251);
  });
});
