// The largest reports that there can be: they fit a transaction, and judging them fits a block.
import { describe, expect, it } from "vitest";
import { encodeBcs } from "#core/bcs/writer.ts";
import { publicKeyOf } from "#core/ed25519.ts";
import { internalGas, toGasUnits } from "#core/gas-units.ts";
import { judgeStep } from "../../../src/chains/judge/step-judge.ts";
import { REPORT_GAS_MAX } from "../../../src/chains/ledger/fraud-report.ts";
import { JUDGING_GAS_MAX } from "../../../src/chains/ledger/judge.ts";
import { rootParameters } from "../../../src/chains/ledger/parameters.ts";
import { EVIDENCE_TRANSACTION_SIZE_MAX } from "../../../src/chains/ledger/transaction.ts";
import { BATCH_GAS_MAX } from "../../../src/channel/codec/limits.ts";
import { encode, fraudEvidence } from "../../../src/channel/codec.ts";
import { STEP_ENTRIES_SIZE_MAX } from "../../../src/channel/core/step-limits.ts";
import { admit, openChatChannel } from "../contracts/chat-channel.ts";
import { arg, startContractChain } from "../contracts/contract-chain.ts";
import { nextHeader, seal, showSteps } from "../contracts/scripted-channel.ts";
import { secretNamed } from "../fixture.ts";
import { dispute, evidenceOf, judgedChannel } from "./disputed.ts";

const PARAMETERS = rootParameters([publicKeyOf(secretNamed("a producer"))]);
/** A transaction's own frame around its evidence. */
const FRAME_SIZE = 1_024;

describe("the largest report", () => {
  it("is of a step that a transaction holds", async () => {
    // Four calls of 15 KiB: a fifth would be another step.
    const disputed = await dispute(5, 15 * 1024);
    expect(disputed.batch.steps.map(({ count }) => count)).toEqual([4, 1]);
    const evidence = evidenceOf(disputed, disputed.batch);
    const size = encode(fraudEvidence, evidence).length;
    expect(size + STEP_ENTRIES_SIZE_MAX).toBeLessThan(EVIDENCE_TRANSACTION_SIZE_MAX - FRAME_SIZE);
    const verdict = judgeStep(judgedChannel(disputed), encode(fraudEvidence, evidence));
    expect(verdict).toMatchObject({ type: "sound" });
    expect(verdict.gas).toBeLessThanOrEqual(JUDGING_GAS_MAX);
  });

  it("is judged within one transaction's gas, and so within one block's", () => {
    const channel = openChatChannel(startContractChain());
    for (const name of ["bob", "carol", "dave", "erin"]) showSteps(channel, [admit(channel, name)]);
    const header = seal(channel, nextHeader(channel, 0));
    const bytes = encode(fraudEvidence, {
      accused: 1n,
      header,
      batchSteps: [],
      index: 0,
      entries: [],
      touched: [],
      proof: { shape: new Uint8Array(EVIDENCE_TRANSACTION_SIZE_MAX - FRAME_SIZE), hashes: [] },
      descent: [],
    });
    const ran = channel.chain.ok("0x20::fraud::report_entry", {
      sender: channel.player("bob").address,
      typeArgs: [channel.view().stateType],
      args: [arg.u64(channel.id), encodeBcs((writer) => writer.bytes(bytes))],
    });
    const taken = toGasUnits(internalGas(ran.gas));
    expect(taken + REPORT_GAS_MAX).toBeLessThan(PARAMETERS.maxTransactionGas);
    expect(PARAMETERS.maxTransactionGas).toBeLessThanOrEqual(PARAMETERS.maxBlockGas);
    expect(BATCH_GAS_MAX).toBeLessThanOrEqual(JUDGING_GAS_MAX);
  });
});
