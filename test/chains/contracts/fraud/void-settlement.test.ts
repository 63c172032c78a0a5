// What becomes of a settlement that builds on a false header, of those who acked it, and of what
// was certified above it.
import { describe, expect, it } from "vitest";
import { hashHeader, refOfConfiguration, refOfHeader } from "../../../../src/channel/codec.ts";
import type { Confirmation } from "../../../../src/channel/evidence.ts";
import type { Header, SignedHeader } from "../../../../src/channel/messages.ts";
import { codeOf } from "../abort.ts";
import { admit, execute, STAKE } from "../chat-channel.ts";
import { FUNDS } from "../contract-chain.ts";
import {
  certify,
  confirm,
  nextHeader,
  noteSettled,
  order,
  propose,
  type ScriptedChannel,
  seal,
  showSteps,
  voteAll,
} from "../scripted-channel.ts";
import {
  balance,
  behindBob,
  channelOf,
  deliver,
  evidence,
  FRAUD,
  report,
  standings,
} from "./reports.ts";

interface Plot {
  readonly channel: ScriptedChannel;
  /** The last header that is as it should be. */
  readonly parent: Header;
  readonly bad: SignedHeader;
  /** Of what stands two headers above the false one; bob acked none of it. */
  readonly target: Confirmation;
}

function plot(): Plot {
  const channel = channelOf("bob", "carol", "dave");
  order(channel.log, []);
  const parent = confirm(channel, 1).confirming.header;
  order(channel.log, []);
  const bad = seal(channel, nextHeader(channel, 1));
  seal(channel, nextHeader(channel, 0));
  order(channel.log, []);
  return { channel, parent, bad, target: behindBob(channel, confirm(channel, 1)) };
}

function judged({ channel, parent, bad }: Plot, ...others: readonly Header[]): void {
  const voided = [bad.header, ...others].map(hashHeader);
  expect(report(channel, channel.player("bob"), evidence(bad))).toBe("EXECUTED");
  expect(deliver(channel, FRAUD, { voided, parent })).toBe("EXECUTED");
}

const ALL_BUT_BOB = ["punished", "admitted", "punished", "punished"];

describe("a settlement above a false header", () => {
  it("[FP11] is void with what was certified above it, and all who acked it are out", () => {
    const all = plot();
    const { channel, parent, target } = all;
    const proposal = propose(channel, target);
    judged(all, target.header.header);
    expect(channel.proposal(proposal).status).toBe(3);
    expect(standings(channel)).toEqual(ALL_BUT_BOB);
    expect(channel.view().members.map(({ stake }) => stake)).toEqual([0n, STAKE, 0n, 0n]);
    const { fence, pendingSettlement } = channel.view();
    expect([fence.hash, pendingSettlement]).toEqual([hashHeader(parent), 0n]);
  });

  it("[FP11] is void by a second report of the header, which punishes nobody twice", () => {
    const all = plot();
    const { channel, target } = all;
    judged(all);
    expect(standings(channel)).toEqual(["punished", "admitted", "admitted", "admitted"]);
    const proposal = propose(channel, target, [], "carol");
    judged(all, target.header.header);
    expect(channel.proposal(proposal).status).toBe(3);
    expect(standings(channel)).toEqual(ALL_BUT_BOB);
    expect(channel.view().bans).toHaveLength(3);
    expect(balance(channel, channel.player("bob"))).toBe(FUNDS - STAKE);
  });

  it("that the report does not show to build on it stays, and so do its signers", () => {
    const all = plot();
    const { channel, target } = all;
    const proposal = propose(channel, target);
    judged(all);
    expect(channel.proposal(proposal).status).toBe(0);
    expect(standings(channel)).toEqual(["punished", "admitted", "admitted", "admitted"]);
  });

  it("[FP11] leaves the fence where those who acked it are no quorum any more", () => {
    const channel = channelOf();
    const alone = refOfConfiguration(channel.view().hash, channel.log.configuration);
    for (const name of ["bob", "carol", "dave"]) showSteps(channel, [admit(channel, name)]);
    order(channel.log, []);
    const parent = confirm(channel, 1).confirming.header;
    order(channel.log, []);
    // Alice goes on as if nobody had come.
    const under = { configuration: alone, next: alone };
    const bad = seal(channel, nextHeader(channel, 1, under));
    const justify = refOfHeader(bad.header);
    const confirming = seal(channel, nextHeader(channel, 0, { ...under, justify }));
    const target: Confirmation = {
      header: bad,
      certificate: certify(channel, bad.header, [1n]),
      confirming,
      confirmingCertificate: certify(channel, confirming.header, [1n]),
    };
    const proposal = propose(channel, target);
    const { fence } = channel.view();
    judged({ channel, parent, bad, target });
    expect(channel.proposal(proposal).status).toBe(3);
    expect(channel.view().fence).toEqual(fence);
  });

  it("[FP11] is none once it is settled: the leader is out, and nothing is void", () => {
    const all = plot();
    const { channel, target } = all;
    const proposal = propose(channel, target);
    voteAll(channel, proposal);
    expect(codeOf(execute(channel, proposal))).toBe("EXECUTED");
    noteSettled(channel);
    order(channel.log, []);
    const next = propose(channel, behindBob(channel, confirm(channel, 1)), [], "carol");
    const { fence } = channel.view();
    judged(all, target.header.header);
    expect(standings(channel)).toEqual(["punished", "admitted", "admitted", "admitted"]);
    expect(channel.proposal(next).status).toBe(0);
    expect(channel.view().fence).toEqual(fence);
  });
});
