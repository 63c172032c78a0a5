import { describe, expect, it } from "vitest";
import type { Signer, Verify } from "../../src/channel/ports.ts";
import { rememberSignatures } from "../../src/channel/remembered-signatures.ts";
import { createMemoryStore } from "../../src/channel/store/memory.ts";
import { verifyEd25519 } from "../../src/sandbox/core/ed25519.ts";

async function newSigner(): Promise<Signer> {
  const entropy = (size: number) => crypto.getRandomValues(new Uint8Array(size));
  const { signer } = await createMemoryStore(entropy, undefined, 1).identity();
  return signer;
}

/** The rule, and how often it was asked. */
function countingRule(): { readonly check: Verify; asked: number } {
  const rule = {
    asked: 0,
    check: ((message, signature, key) => {
      rule.asked += 1;
      return verifyEd25519(message, signature, key);
    }) satisfies Verify,
  };
  return rule;
}

const text = (value: string) => new TextEncoder().encode(value);
/** A copy with one bit turned. */
function turned<Bytes extends Uint8Array>(bytes: Bytes, index: number): Bytes {
  const copy = bytes.slice();
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy as Bytes;
}

describe("remembered signatures", () => {
  it("are computed once, whoever asks again", async () => {
    const [other, rule] = [await newSigner(), countingRule()];
    const { verify } = rememberSignatures(await newSigner(), rule.check);
    const signature = other.signAsNode(text("a header"));
    for (let time = 0; time < 3; time++) {
      expect(verify(text("a header"), signature, other.nodeKey)).toBe(true);
    }
    expect(rule.asked).toBe(1);
  });

  it("are known where they were made, by both keys", async () => {
    const rule = countingRule();
    const { signer, verify } = rememberSignatures(await newSigner(), rule.check);
    const [call, ack] = [text("a call"), text("an ack")];
    expect(verify(call, signer.signAsMember(call), signer.memberKey)).toBe(true);
    expect(verify(ack, signer.signAsNode(ack), signer.nodeKey)).toBe(true);
    expect(verify(call, signer.signAsMember(call), signer.nodeKey)).toBe(false);
    expect(rule.asked).toBe(1);
  });

  it("are known where somebody else has found them to hold", async () => {
    const [other, rule] = [await newSigner(), countingRule()];
    const { verify, knows, learn } = rememberSignatures(await newSigner(), rule.check);
    const signature = other.signAsNode(text("a header"));
    expect(knows(text("a header"), signature, other.nodeKey)).toBe(false);
    learn(text("a header"), signature, other.nodeKey);
    expect(knows(text("a header"), signature, other.nodeKey)).toBe(true);
    expect(knows(text("a header"), signature, other.memberKey)).toBe(false);
    expect(verify(text("a header"), signature, other.nodeKey)).toBe(true);
    expect(rule.asked).toBe(0);
  });

  it("count for their own message and key only, to the bit", async () => {
    const [other, rule] = [await newSigner(), countingRule()];
    const { verify } = rememberSignatures(await newSigner(), rule.check);
    const message = text("a call");
    const signature = other.signAsMember(message);
    expect(verify(message, signature, other.memberKey)).toBe(true);
    for (let index = 0; index < message.length; index++) {
      expect(verify(turned(message, index), signature, other.memberKey)).toBe(false);
    }
    for (let index = 0; index < signature.length; index++) {
      expect(verify(message, turned(signature, index), other.memberKey)).toBe(false);
    }
    expect(verify(message, signature, other.nodeKey)).toBe(false);
    expect(verify(message.subarray(1), signature, other.memberKey)).toBe(false);
    expect(verify(message, signature, other.memberKey)).toBe(true);
  });

  it("are no matter of whose memory a message lies in", async () => {
    const other = await newSigner();
    const { verify } = rememberSignatures(await newSigner());
    const message = text("a call");
    const signature = other.signAsMember(message);
    expect(verify(message, signature, other.memberKey)).toBe(true);
    message[0] = 0;
    expect(verify(message, signature, other.memberKey)).toBe(false);
  });

  it("that do not hold are asked about each time", async () => {
    const [other, rule] = [await newSigner(), countingRule()];
    const { verify } = rememberSignatures(await newSigner(), rule.check);
    const wrong = turned(other.signAsNode(text("an ack")), 0);
    for (let time = 0; time < 2; time++) {
      expect(verify(text("an ack"), wrong, other.nodeKey)).toBe(false);
    }
    expect(rule.asked).toBe(2);
  });

  it("are forgotten, the oldest first, when there are too many", () => {
    let asked = 0;
    const check: Verify = () => {
      asked += 1;
      return true;
    };
    const signature = (number: number) => {
      const bytes = new Uint8Array(64);
      new DataView(bytes.buffer).setUint32(0, number);
      return bytes as Parameters<Verify>[1];
    };
    const key = new Uint8Array(32) as Parameters<Verify>[2];
    const unused = () => {
      throw new Error("nothing is signed here");
    };
    const signer: Signer = {
      memberKey: key,
      nodeKey: key,
      signAsMember: unused,
      signAsNode: unused,
      reveal: unused,
    };
    const { verify } = rememberSignatures(signer, check);
    for (let number = 0; number <= 4_096; number++) verify(text("m"), signature(number), key);
    expect(asked).toBe(4_097);
    verify(text("m"), signature(1), key);
    expect(asked).toBe(4_097);
    verify(text("m"), signature(0), key);
    expect(asked).toBe(4_098);
  });
});
