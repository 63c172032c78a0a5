// Every row of the seed's table of the commit sender (B4), the scenarios that are about it alone,
// and the defects of the seed that it does not have (B8): a machine, and a world made of inputs.
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { assert, present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { gasUnits } from "#core/gas-units.ts";
import { domainHash } from "#core/hash.ts";
import { parseIdentifier } from "#core/identifier.ts";
import { EXECUTED, type VmStatus } from "#core/status.ts";
import {
  type CommitEffect,
  type CommitInput,
  type CommitMachine,
  createCommitMachine,
  finishedHeight,
  stepCommit,
} from "../../../../src/chains/para/commit/machine.ts";
import type { Envelope, Posting } from "../../../../src/chains/para/outbox/flight.ts";
import type { RootBlock, RootPlace } from "../../../../src/chains/para/root-block.ts";
import { PARA_SETTINGS } from "../../../../src/chains/para/settings.ts";

const START_MS = 1_000_000n;

interface Sender {
  readonly machine: CommitMachine;
  /** What it wanted done, in order, without its wishes to be woken. */
  readonly effects: CommitEffect[];
  nowMs: bigint;
  rootHeight: bigint;
}

/** A machine whose chain has this head, and what it asks for at once. */
function begin(head: bigint): Sender {
  const machine = createCommitMachine(PARA_SETTINGS, head, START_MS);
  const sender = { machine, effects: [], nowMs: START_MS, rootHeight: 100n };
  feed(sender, { type: "tick", nowMs: START_MS });
  return sender;
}

function feed({ machine, effects }: Sender, input: CommitInput): void {
  effects.push(...stepCommit(machine, input).filter(({ type }) => type !== "wake"));
}

/** Takes out what it wanted done. */
function wanted(sender: Sender): readonly CommitEffect[] {
  return sender.effects.splice(0);
}

/** Lets time pass, waking the machine when it wants to be. */
function wait(sender: Sender, ms: bigint): void {
  const untilMs = sender.nowMs + ms;
  for (;;) {
    const { timers, sending } = sender.machine;
    const times = [timers.sendMs, timers.consensusMs, timers.pruneMs, timers.walletMs];
    const postAtMs = sending?.flight.postAtMs;
    if (postAtMs !== undefined) times.push(postAtMs);
    const next = times.reduce((a, b) => (a < b ? a : b));
    if (next > untilMs) break;
    sender.nowMs = next;
    feed(sender, { type: "tick", nowMs: next });
  }
  sender.nowMs = untilMs;
}

function agree(sender: Sender, height: bigint, isRootSynced = true): void {
  feed(sender, { type: "consensus", height, isRootSynced });
}

/** In step and with an open wallet. */
function ready(head: bigint, consensus = -1n): Sender {
  const sender = begin(head);
  feed(sender, { type: "wallet", state: "ready" });
  agree(sender, consensus);
  wanted(sender);
  return sender;
}

function envelopeOf(name: string): Envelope {
  return { hash: domainHash("TestEnvelope", utf8(name)), bytes: utf8(name) };
}

type Sign = Extract<CommitEffect, { readonly type: "sign" }>;

/** What it wants signed; undefined when nothing. */
function signWanted(sender: Sender): Sign | undefined {
  return wanted(sender).find((effect) => effect.type === "sign");
}

/** Signs what it wants signed, and says how it was posted. */
function send(sender: Sender, posting: Posting = { type: "taken" }): Envelope {
  const asked = present(signWanted(sender), "something is to be signed");
  const { request, from, to, attempt } = asked;
  const envelope = envelopeOf(`${from} to ${to}, ${attempt}, ${request}`);
  feed(sender, { type: "signed", request, to, envelope });
  expect(wanted(sender)).toEqual([{ type: "post", request, envelope }]);
  feed(sender, { type: "posting", request, posting });
  return envelope;
}

function placeAt(height: bigint): RootPlace {
  return { height, hash: domainHash("TestRoot", utf8(`${height}`)) };
}

/** The root chain has another block, with this transaction in it, if any. */
function rootBlock(
  sender: Sender,
  envelope?: Envelope,
  status: VmStatus = EXECUTED,
  isCatchingUp = false,
): RootPlace {
  sender.rootHeight += 1n;
  const place = placeAt(sender.rootHeight);
  const isExecuted = status.type === "executed";
  const outcomes = envelope && [
    {
      hash: envelope.hash,
      isExecuted,
      events: [],
      receipt: {
        version: 1n,
        transactionHash: envelope.hash,
        status,
        gasUsed: gasUnits(1n),
        actions: [],
        events: [],
        changes: [],
      },
    },
  ];
  const block: RootBlock = {
    place,
    parent: placeAt(sender.rootHeight - 1n).hash,
    timestampUs: 0n,
    finalHeight: 0n,
    outcomes: outcomes ?? [],
  };
  feed(sender, { type: "rootAdded", block, isCatchingUp });
  return place;
}

function aborted(code: bigint): VmStatus {
  const name = present(parseIdentifier("consensus"), "a name");
  const module = { address: makeAddress("0x40"), name };
  return { type: "aborted", code, location: { module, functionIndex: 0, offset: 0 } };
}

function rangeOf(sign: Sign | undefined): readonly [bigint, bigint] | undefined {
  return sign && [sign.from, sign.to];
}

const TICK = PARA_SETTINGS.sendMs;

describe("a commit sender", () => {
  it("asks for the wallet and the consensus at once, every 2 s and every 16 s", () => {
    const sender = begin(3n);
    expect(wanted(sender)).toEqual([{ type: "askWallet" }, { type: "askConsensus" }]);
    wait(sender, 15_999n);
    expect(wanted(sender).filter(({ type }) => type === "askConsensus")).toEqual([]);
    wait(sender, 1n);
    expect(wanted(sender)).toContainEqual({ type: "askConsensus" });
  });

  it("begins at genesis where nobody agrees on anything, behind nobody", () => {
    const sender = ready(2n);
    wait(sender, TICK);
    expect(rangeOf(signWanted(sender))).toEqual([0n, 2n]);
  });

  it("sends nothing while its root node is not in step", () => {
    const sender = begin(9n);
    feed(sender, { type: "wallet", state: "ready" });
    agree(sender, 4n, false);
    wait(sender, 30_000n);
    expect(signWanted(sender)).toBeUndefined();
    agree(sender, 4n);
    wait(sender, TICK);
    expect(rangeOf(signWanted(sender))).toEqual([5n, 9n]);
  });

  it("sends nothing until it has a block above the consensus, and then from there", () => {
    const sender = ready(5n, 8n);
    for (let height = 6n; height <= 8n; height++) {
      feed(sender, { type: "head", height, cut: undefined });
    }
    wait(sender, 10_000n);
    expect(sender.machine.isInStep).toBe(false);
    expect(signWanted(sender)).toBeUndefined();
    feed(sender, { type: "head", height: 9n, cut: undefined });
    wait(sender, TICK);
    expect(rangeOf(signWanted(sender))).toEqual([9n, 9n]);
  });

  it("sends up to twenty heights, and the next ones when those are in a block", () => {
    const sender = ready(44n);
    wait(sender, TICK);
    const first = send(sender);
    expect(finishedHeight(sender.machine)).toBe(-1n);
    wait(sender, 10_000n);
    expect(signWanted(sender)).toBeUndefined();
    rootBlock(sender, first);
    expect(finishedHeight(sender.machine)).toBe(19n);
    wait(sender, TICK);
    const second = signWanted(sender);
    expect(rangeOf(second)).toEqual([20n, 39n]);
  });

  it("gives back to the queue what found no room in the transaction", () => {
    const sender = ready(9n);
    wait(sender, TICK);
    const { request } = present(signWanted(sender), "something is to be signed");
    const envelope = envelopeOf("three");
    feed(sender, { type: "signed", request, to: 2n, envelope });
    rootBlock(sender, envelope);
    wanted(sender);
    wait(sender, TICK);
    expect(rangeOf(signWanted(sender))).toEqual([3n, 9n]);
  });

  it("[P13] posts again every second while nobody answers", () => {
    const sender = ready(0n);
    wait(sender, TICK);
    send(sender, { type: "down" });
    for (let second = 0; second < 10; second++) {
      wait(sender, 999n);
      expect(wanted(sender).filter(({ type }) => type === "post")).toEqual([]);
      wait(sender, 1n);
      const [post] = wanted(sender).filter(({ type }) => type === "post");
      assert(post?.type === "post", "it is posted again");
      const posting = { type: second < 9 ? "down" : "taken" } as const;
      feed(sender, { type: "posting", request: post.request, posting });
    }
    wait(sender, 5_000n);
    expect(wanted(sender)).toEqual([]);
  });

  it("[P13] makes it anew after three blocks without it, with another nonce", () => {
    const sender = ready(1n);
    wait(sender, TICK);
    const first = send(sender);
    for (const _ of [1, 2]) rootBlock(sender);
    expect(signWanted(sender)).toBeUndefined();
    rootBlock(sender);
    const again = present(signWanted(sender), "it is made anew");
    expect([again.from, again.to, again.attempt]).toEqual([0n, 1n, 1]);
    const envelope = envelopeOf("another");
    feed(sender, { type: "signed", request: again.request, to: 1n, envelope });
    // The first may still land, and that is as good.
    rootBlock(sender, first);
    expect(finishedHeight(sender.machine)).toBe(1n);
  });

  it("[P13] takes a failure in a block for a miss where it may yet succeed", () => {
    const sender = ready(1n);
    wait(sender, TICK);
    const first = send(sender);
    rootBlock(sender, first, aborted(6n));
    expect(signWanted(sender)).toBeUndefined();
    rootBlock(sender);
    rootBlock(sender);
    expect(rangeOf(signWanted(sender))).toEqual([0n, 1n]);
    expect(sender.machine.alarm).toBeUndefined();
  });

  it("counts no block against it while it catches up", () => {
    const sender = ready(1n);
    wait(sender, TICK);
    send(sender);
    for (let count = 0; count < 10; count++) rootBlock(sender, undefined, EXECUTED, true);
    expect(signWanted(sender)).toBeUndefined();
  });

  it("cancels what is in flight when the consensus has reached it, and goes on above", () => {
    const sender = ready(30n);
    wait(sender, TICK);
    send(sender);
    agree(sender, 18n);
    expect(sender.machine.sending).toBeDefined();
    agree(sender, 25n);
    expect(sender.machine.sending).toBeUndefined();
    wait(sender, TICK);
    expect(rangeOf(signWanted(sender))).toEqual([26n, 30n]);
  });

  it("asks every 20 s once it is in step, and sends again what is stuck, consecutively", () => {
    const sender = ready(5n);
    wait(sender, TICK);
    rootBlock(sender, send(sender));
    agree(sender, 2n);
    let asked = 0;
    for (let pruning = 0; pruning < 4; pruning++) {
      expect(signWanted(sender)).toBeUndefined();
      wait(sender, 20_000n);
      asked += sender.effects.filter(({ type }) => type === "askConsensus").length;
      if (pruning < 3) wanted(sender);
      agree(sender, 2n);
    }
    expect(asked).toBe(4);
    wait(sender, TICK);
    expect(rangeOf(signWanted(sender))).toEqual([3n, 5n]);
  });

  it("[P13] polls a wallet that is locked every 2 s, says so, and stops saying so", () => {
    const sender = begin(1n);
    agree(sender, -1n);
    feed(sender, { type: "wallet", state: "locked" });
    expect(sender.machine.alarm?.code).toBe("WALLET_LOCKED");
    wanted(sender);
    wait(sender, 30_000n);
    const asked = wanted(sender);
    expect(asked.filter(({ type }) => type === "askWallet")).toHaveLength(15);
    expect(asked.filter(({ type }) => type === "sign")).toEqual([]);
    feed(sender, { type: "wallet", state: "ready" });
    expect(wanted(sender)).toContainEqual({ type: "alarm", alarm: undefined });
    wait(sender, TICK);
    expect(rangeOf(signWanted(sender))).toEqual([0n, 1n]);
  });

  it("never sends without a key, and says which is missing", () => {
    const sender = begin(1n);
    agree(sender, -1n);
    feed(sender, { type: "wallet", state: "empty" });
    wait(sender, 60_000n);
    expect(signWanted(sender)).toBeUndefined();
    expect(sender.machine.alarm?.code).toBe("WALLET_EMPTY");
  });

  it("gives its batch back when the wallet is locked in between", () => {
    const sender = ready(1n);
    wait(sender, TICK);
    const { request } = present(signWanted(sender), "something is to be signed");
    feed(sender, { type: "unsigned", request, wallet: "locked" });
    expect(sender.machine.alarm?.code).toBe("WALLET_LOCKED");
    expect(sender.machine.sending).toBeUndefined();
    feed(sender, { type: "wallet", state: "ready" });
    wanted(sender);
    wait(sender, TICK);
    expect(rangeOf(signWanted(sender))).toEqual([0n, 1n]);
  });
});

describe("a chain that goes back", () => {
  it("[P14] takes a height out of the queue that was not sent", () => {
    const sender = ready(30n);
    wait(sender, TICK);
    send(sender);
    feed(sender, { type: "head", height: 24n, cut: 24n });
    expect(sender.machine.sending).toBeDefined();
    expect([sender.machine.next, sender.machine.head]).toEqual([20n, 24n]);
  });

  it("[P14] cancels the batch that has it, and sends the rest again", () => {
    const sender = ready(10n);
    wait(sender, TICK);
    const cancelled = send(sender);
    feed(sender, { type: "head", height: 7n, cut: 7n });
    expect(sender.machine.sending).toBeUndefined();
    feed(sender, { type: "head", height: 8n, cut: undefined });
    wait(sender, TICK);
    expect(rangeOf(signWanted(sender))).toEqual([0n, 8n]);
    rootBlock(sender, cancelled);
    expect(finishedHeight(sender.machine)).toBe(-1n);
  });

  it("[P14] lowers what is finished, and what is in flight above goes too", () => {
    const sender = ready(10n);
    wait(sender, TICK);
    rootBlock(sender, send(sender));
    feed(sender, { type: "head", height: 12n, cut: undefined });
    wait(sender, TICK);
    send(sender);
    expect(finishedHeight(sender.machine)).toBe(10n);
    feed(sender, { type: "head", height: 6n, cut: 6n });
    expect(finishedHeight(sender.machine)).toBe(6n);
    feed(sender, { type: "head", height: 8n, cut: undefined });
    wait(sender, TICK);
    expect(rangeOf(signWanted(sender))).toEqual([7n, 8n]);
  });

  it("sends again what a root block had that was undone", () => {
    const sender = ready(3n);
    wait(sender, TICK);
    const place = rootBlock(sender, send(sender));
    feed(sender, { type: "head", height: 5n, cut: undefined });
    wait(sender, TICK);
    rootBlock(sender, send(sender));
    expect(finishedHeight(sender.machine)).toBe(5n);
    feed(sender, { type: "rootRemoved", place });
    expect(finishedHeight(sender.machine)).toBe(-1n);
    wait(sender, TICK);
    expect(rangeOf(signWanted(sender))).toEqual([0n, 5n]);
  });
});

describe("defects of the seed that the sender does not have", () => {
  it("[B8] finds the status at fault in a batch by halves, and does not block for ever", () => {
    const sender = ready(7n);
    const bad = 5n;
    const sizes: number[] = [];
    for (let round = 0; round < 30 && sender.machine.alarm === undefined; round++) {
      wait(sender, TICK);
      const asked = signWanted(sender);
      if (asked === undefined) break;
      const { request, from, to } = asked;
      const envelope = envelopeOf(`round ${round}`);
      feed(sender, { type: "signed", request, to, envelope });
      sizes.push(Number(to - from) + 1);
      const isBad = from <= bad && bad <= to;
      rootBlock(sender, envelope, isBad ? aborted(1n) : EXECUTED);
    }
    expect(sizes.slice(0, 3)).toEqual([8, 4, 4]);
    expect(finishedHeight(sender.machine)).toBe(bad - 1n);
    expect(sender.machine.alarm?.code).toBe("COMMIT_REFUSED");
  });

  it("[B8] pauses with an alarm when its node may not commit, and tries again later", () => {
    const sender = ready(7n);
    wait(sender, TICK);
    rootBlock(sender, send(sender), aborted(4n));
    expect(sender.machine.alarm?.code).toBe("COMMIT_REFUSED");
    wanted(sender);
    wait(sender, 19_000n);
    expect(signWanted(sender)).toBeUndefined();
    wait(sender, 3_000n);
    const envelope = send(sender);
    rootBlock(sender, envelope);
    expect(sender.machine.alarm).toBeUndefined();
  });

  it("[B8] pauses with an alarm when the fee cannot be paid, instead of posting on and on", () => {
    const sender = ready(7n);
    wait(sender, TICK);
    send(sender, { type: "refused", why: "no coins" });
    expect(sender.machine.alarm?.message).toContain("no coins");
    wait(sender, 15_000n);
    expect(wanted(sender).filter(({ type }) => type !== "alarm")).toEqual([]);
  });

  it("[B8] sends nothing at or below the consensus, which would be recorded and paid for", () => {
    const sender = ready(9n);
    wait(sender, TICK);
    rootBlock(sender, send(sender));
    feed(sender, { type: "head", height: 14n, cut: undefined });
    agree(sender, 12n);
    wait(sender, TICK);
    expect(rangeOf(signWanted(sender))).toEqual([13n, 14n]);
  });

  it("[B8] keeps heights as a range: ten thousand in the queue hold up nothing", () => {
    const sender = ready(10_000n);
    wait(sender, TICK);
    const envelope = send(sender);
    rootBlock(sender, envelope);
    expect(finishedHeight(sender.machine)).toBe(19n);
    expect(sender.machine.finished).toHaveLength(1);
  });

  it("[B8] counts more than two blocks, and takes no setting of fewer", () => {
    const settings = { ...PARA_SETTINGS, resendAfterBlocks: 1 };
    expect(() => createCommitMachine(settings, 0n, START_MS)).toThrow(/a block or two/);
  });

  it("[B8] asks at 16 s and at 20 s by one implementation", () => {
    const sender = ready(3n);
    wait(sender, 60_000n);
    const asked = wanted(sender).filter(({ type }) => type === "askConsensus");
    // In step, the query of 16 s is idle and the pruning of 20 s asks.
    expect(asked).toHaveLength(3);
  });
});
