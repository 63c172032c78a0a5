// Evidence with any one field changed is refused, and as it was it is taken: nothing in it is there
// for show.
import { describe, expect, it } from "vitest";
import { equalBytes } from "#core/bytes.ts";
import {
  candidacy,
  encode,
  equivocation,
  exitEvidence,
  header as headerCodec,
  punishmentEvidence,
  refOfConfiguration,
  removalMessage,
  settlementEvidence,
  signedCall,
  silenceEvidence,
} from "../../../src/channel/codec.ts";
import { taken } from "../mutations.ts";
import { codeOf } from "./abort.ts";
import { encodeSigned, postCall } from "./chat-calls.ts";
import { admit, execute, groupBytes, openChatChannel } from "./chat-channel.ts";
import { arg, startContractChain } from "./contract-chain.ts";
import {
  certify,
  confirm,
  nextHeader,
  playerAt,
  type ScriptedChannel,
  seal,
  setState,
  settlementData,
  showSteps,
  signHeader,
  vote,
} from "./scripted-channel.ts";

/** A chat of alice, who leads, bob and carol, in which alice has written. */
function startChat(): ScriptedChannel {
  const channel = openChatChannel(startContractChain());
  for (const name of ["bob", "carol"]) showSteps(channel, [admit(channel, name)]);
  setState(channel, groupBytes(["ahoy"], channel.player("alice")));
  return channel;
}

/** Tries an entry function with evidence as its last argument. What succeeds is kept. */
function entry(channel: ScriptedChannel, by: string, name: string, ...before: Uint8Array[]) {
  return (data: Uint8Array) =>
    codeOf(channel.call(channel.player(by), name, ...before, arg.bytes(data)));
}

describe("evidence with any one field changed", () => {
  it("settles nothing", () => {
    const channel = startChat();
    const data = settlementData(channel, confirm(channel, 1));
    const attempt = entry(channel, "bob", "create_proposal_entry", arg.u8(1));
    const { count, passed } = taken(
      settlementEvidence,
      data,
      (changed) => attempt(changed) === "EXECUTED",
    );
    expect(count).toBeGreaterThan(150);
    expect(passed).toEqual([]);
    expect(channel.view().proposalCount).toBe(0n);
    expect(attempt(data)).toBe("EXECUTED");
    for (const name of ["alice", "carol"]) vote(channel, channel.player(name), 1n);
    expect(codeOf(execute(channel, 1n))).toBe("EXECUTED");
  });

  it("settles nothing where it carries a change of configuration", () => {
    const channel = openChatChannel(startContractChain());
    const step = admit(channel, "bob");
    setState(channel, groupBytes(["ahoy"], channel.player("alice")));
    const data = settlementData(channel, confirm(channel, 1), [step]);
    const attempt = entry(channel, "alice", "create_proposal_entry", arg.u8(1));
    const { count, passed } = taken(
      settlementEvidence,
      data,
      (changed) => attempt(changed) === "EXECUTED",
    );
    expect(count).toBeGreaterThan(250);
    // Steps that are known already are passed over, so that evidence may repeat them.
    expect(passed).toEqual(["steps with the last twice"]);
    expect(channel.view().proposalCount).toBe(1n);
  });

  it("accuses nobody; what only voters read is theirs to judge, by its hash", () => {
    const channel = startChat();
    const header = seal(channel, nextHeader(channel, 0));
    const evidence = { accused: 1n, header, entries: [], batchSteps: [], steps: [] };
    const attempt = entry(channel, "bob", "create_proposal_entry", arg.u8(2));
    const data = encode(punishmentEvidence, evidence);
    const { count, passed } = taken(
      punishmentEvidence,
      data,
      (changed) => attempt(changed) === "EXECUTED",
    );
    expect(count).toBeGreaterThan(30);
    expect(passed).toEqual([]);
    expect(attempt(data)).toBe("EXECUTED");
  });

  it("proves no two headers for one place", () => {
    const channel = startChat();
    const first = signHeader(channel, nextHeader(channel, 0));
    const second = signHeader(channel, { ...first.header, time: first.header.time + 9n });
    const data = encode(equivocation, { accused: 1n, first, second });
    const attempt = entry(channel, "bob", "report_equivocation_entry");
    const { count, passed } = taken(
      equivocation,
      data,
      (changed) => attempt(changed) === "EXECUTED",
    );
    expect(count).toBeGreaterThan(60);
    expect(passed).toEqual([]);
    expect(attempt(data)).toBe("EXECUTED");
  });

  it("removes nobody as silent", () => {
    const channel = startChat();
    const confirmation = confirm(channel, 1);
    const certificate = certify(channel, confirmation.header.header);
    channel.chain.passTime(15_001n);
    const { hash, members } = channel.view();
    const removals = [2n, 3n].map((seat) => {
      const removal = {
        channel: hash,
        configuration: refOfConfiguration(hash, channel.log.configuration),
        accused: 1n,
        lastAlive: members[0]?.lastAliveMs ?? 0n,
        highest: certificate.ack.header,
      };
      const signature = playerAt(channel, seat).signAsNode(removalMessage(removal));
      return { removal, seat, signature };
    });
    const data = encode(silenceEvidence, { removals, certificate, steps: [] });
    const attempt = entry(channel, "bob", "remove_silent_entry", arg.u64(1));
    const { count, passed } = taken(
      silenceEvidence,
      data,
      (changed) => attempt(changed) === "EXECUTED",
    );
    expect(count).toBeGreaterThan(60);
    // One wish less is fewer than half: it only opens the window.
    expect(passed).toEqual(["removals without the last"]);
    expect(channel.view().members[0]?.standing).toBe("admitted");
    expect(attempt(data)).toBe("EXECUTED");
    expect(channel.view().members[0]?.standing).toBe("removed");
  });

  it("raises no fence, and gives no lead", () => {
    const channel = openChatChannel(startContractChain());
    const step = admit(channel, "bob");
    const { header, certificate } = confirm(channel, 0);
    const shown = arg.bytes(encode(headerCodec, header.header));
    const data = encode(candidacy, { certificate, steps: [step] });
    const post = (changed: Uint8Array) =>
      codeOf(
        channel.call(channel.player("bob"), "post_certificate_entry", arg.bytes(changed), shown),
      );
    // What repeats the step is taken, and then the step is known and not read any more.
    const repeated = encode(candidacy, { certificate, steps: [step, step] });
    const posted = taken(candidacy, data, (changed) => {
      return !equalBytes(changed, repeated) && post(changed) === "EXECUTED";
    });
    expect(posted.count).toBeGreaterThan(100);
    expect(posted.passed).toEqual([]);
    expect(channel.view().configuration).toBe(0n);
    expect(post(data)).toBe("EXECUTED");
    channel.chain.passTime(15_001n);
    const apply = entry(channel, "bob", "apply_leader_entry");
    const bare = encode(candidacy, { certificate, steps: [] });
    const led = taken(candidacy, bare, (changed) => apply(changed) === "EXECUTED");
    expect(led.passed).toEqual([]);
    expect(apply(bare)).toBe("EXECUTED");
  });

  it("opens no exit, and contests none", () => {
    const channel = startChat();
    const run = (name: string, by: string) => (data: Uint8Array) => {
      const sender = channel.player(by).address;
      const typeArgs = [channel.view().stateType];
      const args = [arg.u64(channel.id), arg.u64(2), arg.bytes(data)];
      return codeOf(channel.chain.run(`0x20::exit::${name}`, { sender, typeArgs, args }));
    };
    const open = run("open_exit_entry", "bob");
    const low = encode(exitEvidence, { checkpoint: confirm(channel, 1), steps: [] });
    const opened = taken(exitEvidence, low, (changed) => open(changed) === "EXECUTED");
    expect(opened.count).toBeGreaterThan(100);
    expect(opened.passed).toEqual([]);
    expect(open(low)).toBe("EXECUTED");
    const contest = run("contest_exit_entry", "carol");
    setState(channel, groupBytes(["ahoy", "there"], channel.player("alice")));
    const high = encode(exitEvidence, { checkpoint: confirm(channel, 1), steps: [] });
    const contested = taken(exitEvidence, high, (changed) => contest(changed) === "EXECUTED");
    expect(contested.passed).toEqual([]);
    expect(contest(high)).toBe("EXECUTED");
  });

  it("forces no call", () => {
    const channel = startChat();
    const bob = channel.player("bob");
    const data = encodeSigned(bob, postCall(channel, { nonce: 3n }));
    const force = (changed: Uint8Array) => {
      const typeArgs = [channel.view().stateType];
      const args = [arg.u64(channel.id), arg.bytes(changed)];
      const options = { sender: bob.address, typeArgs, args };
      return codeOf(channel.chain.run("0x20::forced_call::force_call_entry", options));
    };
    const { count, passed } = taken(signedCall, data, (changed) => force(changed) === "EXECUTED");
    expect(count).toBeGreaterThan(15);
    expect(passed).toEqual([]);
    expect(force(data)).toBe("EXECUTED");
  });
});
