// The adapter foretells what the contract will do with a proposal; here it is asked before, and the
// contract after.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encode, punishmentEvidence } from "../../src/channel/codec.ts";
import { hasPassed, isDefeated, type Moment } from "../../src/settlement/contract/quorum.ts";
import { type ProposalRecord, readProposal } from "../../src/settlement/contract/records.ts";
import { codeOf } from "../chains/contracts/abort.ts";
import { admit, openChatChannel } from "../chains/contracts/chat-channel.ts";
import { arg, startContractChain } from "../chains/contracts/contract-chain.ts";
import {
  nextHeader,
  type ScriptedChannel,
  seal,
  showSteps,
  vote,
} from "../chains/contracts/scripted-channel.ts";

const NAMES = ["bob", "carol", "dave", "erin"];
const NOT_PASSED = 9;

/** A channel of alice, who leads, and these, with bob's accusation against her. */
function accused(names: readonly string[], joinLater: readonly string[] = []): ScriptedChannel {
  const channel = openChatChannel(startContractChain());
  for (const name of names) showSteps(channel, [admit(channel, name)]);
  const header = seal(channel, nextHeader(channel, 0));
  for (const name of joinLater) showSteps(channel, [admit(channel, name)]);
  const evidence = { accused: 1n, header, entries: [], batchSteps: [], steps: [] };
  const data = arg.bytes(encode(punishmentEvidence, evidence));
  channel.callOk(channel.player("bob"), "create_proposal_entry", arg.u8(2), data);
  return channel;
}

function record(channel: ScriptedChannel): ProposalRecord {
  const { id } = channel.view();
  const args = [arg.u64(id), arg.u64(1n)];
  const [bytes] = channel.chain.view("0x20::state_channel::get_proposal", { args });
  return decodeBcs(present(bytes, "a view returns"), readProposal);
}

function momentOf(seatCount: number): Moment {
  return { disputeWindowMs: 15_000n, activeMs: 0n, seatCount };
}

function carryOut(channel: ScriptedChannel): unknown {
  const args = [arg.u64(1n)] as const;
  return codeOf(channel.call(channel.player("bob"), "execute_punishment_entry", ...args));
}

describe("a punishment", () => {
  it.each([1, 2, 3, 4])("passes when the contract carries it out, with %i voters", (count) => {
    const names = NAMES.slice(0, count);
    const channel = accused(names);
    const moment = momentOf(count + 1);
    for (const name of names) {
      if (name !== "bob") vote(channel, channel.player(name), 1n);
      const foretold = hasPassed(record(channel), moment);
      expect(isDefeated(record(channel), moment)).toBe(false);
      expect(carryOut(channel)).toBe(foretold ? "EXECUTED" : NOT_PASSED);
      if (foretold) return;
    }
    throw new Error("all say yes, and it has not passed");
  });

  it.each([2, 3, 4])("is defeated when all others of %i say no", (count) => {
    const names = NAMES.slice(0, count);
    const channel = accused(names);
    const moment = momentOf(count + 1);
    for (const [index, name] of names.slice(1).entries()) {
      expect(isDefeated(record(channel), moment)).toBe(false);
      vote(channel, channel.player(name), 1n, index % 2 === 0 ? 0 : 2);
      expect(hasPassed(record(channel), moment)).toBe(false);
    }
    expect(isDefeated(record(channel), moment)).toBe(true);
    expect(carryOut(channel)).toBe(NOT_PASSED);
  });

  it("wants two approvals once a third has joined, though there were two", () => {
    const channel = accused(["bob"]);
    showSteps(channel, [admit(channel, "carol")]);
    expect(hasPassed(record(channel), momentOf(2))).toBe(true);
    expect(hasPassed(record(channel), momentOf(3))).toBe(false);
    expect(carryOut(channel)).toBe(NOT_PASSED);
  });

  it("may be approved by a third who joined after the offence", () => {
    const channel = accused(["bob"], ["carol"]);
    expect(hasPassed(record(channel), momentOf(3))).toBe(false);
    vote(channel, channel.player("carol"), 1n);
    expect(hasPassed(record(channel), momentOf(3))).toBe(true);
    expect(carryOut(channel)).toBe("EXECUTED");
  });
});
