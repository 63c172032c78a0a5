// Leaving alone: posting what was confirmed, contesting it, being paid from it once, and what it
// does to those who stay.
import { describe, expect, it } from "vitest";
import { decodeBcs } from "#core/bcs/reader.ts";
import { type ChangeSet, EMPTY_CHANGE_SET, type StateKey } from "#core/effects.ts";
import { proveKeys, type StateTree } from "#sandbox";
import { encode, encodeClaim, equivocation, exitEvidence } from "../../../src/channel/codec.ts";
import type { ConfigurationStep } from "../../../src/channel/evidence.ts";
import { codeOf } from "./abort.ts";
import { admit, CHAT, execute, GROUP_ID, openChatChannel, STAKE } from "./chat-channel.ts";
import { arg, FUNDS, startContractChain } from "./contract-chain.ts";
import type { Player } from "./player.ts";
import {
  PARKED,
  PURSE,
  pay,
  purseKey,
  seatRecord,
  seatRecordKey,
  startGame,
} from "./purse-game.ts";
import {
  type Confirmation,
  changeConfiguration,
  confirm,
  nextHeader,
  order,
  propose,
  type ScriptedChannel,
  seal,
  settlementData,
  showSteps,
  signHeader,
} from "./scripted-channel.ts";

const WINDOW_MS = 15_000n;
const BOND = 20_000n;
const COIN = "0x1::aptos_coin::AptosCoin";
const EXIT = "0x20::exit";
const NOTHING = encode(exitEvidence, { steps: [] });

/** A chat of alice, who leads, and these; the chain knows all of them. */
function chatOf(...names: readonly string[]): ScriptedChannel {
  const channel = openChatChannel(startContractChain());
  for (const name of names) showSteps(channel, [admit(channel, name)]);
  return channel;
}

function evidenceOf(
  checkpoint: Confirmation,
  steps: readonly ConfigurationStep[] = [],
): Uint8Array {
  return encode(exitEvidence, { checkpoint, steps });
}

function typed(channel: ScriptedChannel): string {
  return channel.view().stateType;
}

function open(channel: ScriptedChannel, by: Player, seat: bigint, evidence = NOTHING) {
  const options = {
    sender: by.address,
    typeArgs: [typed(channel)],
    args: [arg.u64(channel.id), arg.u64(seat), arg.bytes(evidence)],
  };
  return codeOf(channel.chain.run(`${EXIT}::open_exit_entry`, options));
}

function contest(channel: ScriptedChannel, by: Player, seat: bigint, evidence: Uint8Array) {
  const options = {
    sender: by.address,
    typeArgs: [typed(channel)],
    args: [arg.u64(channel.id), arg.u64(seat), arg.bytes(evidence)],
  };
  return codeOf(channel.chain.run(`${EXIT}::contest_exit_entry`, options));
}

function finish(channel: ScriptedChannel, by: Player, seat: bigint, coin = COIN) {
  const args = [arg.u64(channel.id), arg.u64(seat)];
  const options = { sender: by.address, typeArgs: [coin], args };
  return codeOf(channel.chain.run(`${EXIT}::finish_exit_entry`, options));
}

function balance(channel: ScriptedChannel, player: Player): bigint {
  const options = { typeArgs: [COIN], args: [arg.address(player.address)] };
  const [bytes] = channel.chain.view("0x1::coin::balance", options);
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.u64());
}

/** Opens bob's exit with what is confirmed, waits, and finishes it. */
function leaveAlone(channel: ScriptedChannel, confirmation: Confirmation): void {
  const bob = channel.player("bob");
  expect(open(channel, bob, 2n, evidenceOf(confirmation))).toBe("EXECUTED");
  channel.chain.passTime(WINDOW_MS);
  expect(finish(channel, bob, 2n)).toBe("EXECUTED");
}

function play(channel: ScriptedChannel): Confirmation {
  order(channel.log, []);
  return confirm(channel, 1);
}

describe("leaving alone", () => {
  it("pays the stake and the bond back after the window, and ends the seat there", () => {
    const channel = chatOf("bob", "carol");
    const bob = channel.player("bob");
    const confirmation = play(channel);
    const { reference } = { reference: confirmation.certificate.ack.header };
    expect(open(channel, bob, 2n, evidenceOf(confirmation))).toBe("EXECUTED");
    expect(balance(channel, bob)).toBe(FUNDS - STAKE - BOND);
    channel.chain.passTime(WINDOW_MS - 1n);
    expect(finish(channel, bob, 2n)).toBe(14);
    channel.chain.passTime(1n);
    expect(finish(channel, bob, 2n)).toBe("EXECUTED");
    expect(balance(channel, bob)).toBe(FUNDS);
    const view = channel.view();
    expect(view.members.map(({ seat }) => seat.seat)).toEqual([1n, 3n]);
    expect(view.fence).toEqual(reference);
    expect(view.configuration).toBe(3n);
  });

  it("exit paid twice: who was paid finds nothing to finish, open or leave with", () => {
    const channel = chatOf("bob", "carol");
    const bob = channel.player("bob");
    leaveAlone(channel, play(channel));
    expect(finish(channel, bob, 2n)).toBe(62);
    expect(open(channel, bob, 2n)).toBe(2);
    const options = {
      sender: bob.address,
      args: [arg.u64(GROUP_ID)],
    };
    expect(codeOf(channel.chain.run(`${CHAT}::chat_session_leave`, options))).toBe(2);
    expect(balance(channel, bob)).toBe(FUNDS);
  });

  it("needs nothing that was not confirmed: the start of the channel will do", () => {
    const channel = openChatChannel(startContractChain());
    const step = admit(channel, "bob");
    const bob = channel.player("bob");
    // The chain does not know of the admission yet: the sender shows it.
    expect(open(channel, bob, 2n)).toBe(34);
    expect(open(channel, bob, 2n, encode(exitEvidence, { steps: [step] }))).toBe("EXECUTED");
    channel.chain.passTime(WINDOW_MS);
    expect(finish(channel, bob, 2n)).toBe("EXECUTED");
    expect(balance(channel, bob)).toBe(FUNDS);
    expect(channel.view().fence.number).toBe(step.header.header.number);
  });

  it("is for one's own seat, with money for the bond, once at a time", () => {
    const channel = chatOf("bob", "carol");
    const bob = channel.player("bob");
    expect(open(channel, channel.player("carol"), 2n)).toBe(2);
    expect(open(channel, bob, 9n)).toBe(2);
    const out = { sender: bob.address, args: [arg.address(channel.player("carol").address)] };
    const units = [...out.args, arg.u64(FUNDS - STAKE - BOND + 1n)];
    channel.chain.ok("0x1::aptos_account::transfer", { sender: bob.address, args: units });
    expect(open(channel, bob, 2n)).toBe(12);
    const back = [arg.address(bob.address), arg.u64(1n)];
    const carol = channel.player("carol").address;
    channel.chain.ok("0x1::aptos_account::transfer", { sender: carol, args: back });
    expect(open(channel, bob, 2n)).toBe("EXECUTED");
    expect(open(channel, bob, 2n)).toBe(61);
    expect(finish(channel, bob, 3n)).toBe(62);
    expect(finish(channel, bob, 2n, "0x1::string::String")).toBe(12);
  });

  it("is not for the last seat, which needs nobody", () => {
    const channel = openChatChannel(startContractChain());
    expect(open(channel, channel.player("alice"), 1n)).toBe(60);
  });

  it("takes the lead from who leaves", () => {
    const channel = chatOf("bob", "carol");
    expect(open(channel, channel.player("alice"), 1n)).toBe("EXECUTED");
    expect(channel.view().leader).toBe(0n);
  });
});

describe("an exit by an uncertified or stale branch", () => {
  it("is refused where the acks are no quorum, or of another header", () => {
    const channel = chatOf("bob", "carol");
    const bob = channel.player("bob");
    const good = play(channel);
    const few = { ...good.certificate, signatures: good.certificate.signatures.slice(1) };
    expect(open(channel, bob, 2n, evidenceOf({ ...good, certificate: few }))).toBe(22);
    const fewAbove = {
      ...good.confirmingCertificate,
      signatures: good.confirmingCertificate.signatures.slice(1),
    };
    expect(open(channel, bob, 2n, evidenceOf({ ...good, confirmingCertificate: fewAbove }))).toBe(
      22,
    );
    const later = play(channel);
    const mixed = { ...later, header: good.header, certificate: good.certificate };
    expect(open(channel, bob, 2n, evidenceOf(mixed))).toBe(22);
    expect(open(channel, bob, 2n, evidenceOf(good))).toBe("EXECUTED");
  });

  it("is beaten by whoever shows a higher one in the window", () => {
    const channel = chatOf("bob", "carol");
    const [bob, carol] = [channel.player("bob"), channel.player("carol")];
    const stale = play(channel);
    const latest = play(channel);
    expect(open(channel, bob, 2n, evidenceOf(stale))).toBe("EXECUTED");
    expect(contest(channel, carol, 3n, evidenceOf(latest))).toBe(62);
    expect(contest(channel, carol, 2n, evidenceOf(latest))).toBe("EXECUTED");
    expect(contest(channel, carol, 2n, evidenceOf(latest))).toBe(13);
    expect(contest(channel, carol, 2n, evidenceOf(stale))).toBe(13);
    channel.chain.passTime(WINDOW_MS);
    expect(finish(channel, bob, 2n)).toBe("EXECUTED");
    expect(channel.view().fence).toEqual(latest.certificate.ack.header);
  });

  it("costs the bond where the poster's own ack shows that he knew better", () => {
    const channel = chatOf("bob", "carol");
    const [bob, carol] = [channel.player("bob"), channel.player("carol")];
    const stale = play(channel);
    const known = play(channel);
    order(channel.log, []);
    // A header that carries the certificate of what confirmed `known`: bob acked what stands on it.
    const proof = confirm(channel, 1, { justify: known.confirmingCertificate.ack.header });
    open(channel, bob, 2n, evidenceOf(stale));
    expect(contest(channel, carol, 2n, evidenceOf(proof))).toBe("EXECUTED");
    expect(balance(channel, carol)).toBe(FUNDS - STAKE + BOND / 2n);
    channel.chain.passTime(WINDOW_MS);
    expect(finish(channel, bob, 2n)).toBe("EXECUTED");
    expect(balance(channel, bob)).toBe(FUNDS - BOND);
  });

  it("costs nothing where he acked without having seen what came of it", () => {
    const channel = chatOf("bob", "carol");
    const [bob, carol] = [channel.player("bob"), channel.player("carol")];
    const known = play(channel);
    order(channel.log, []);
    const later = confirm(channel, 1, { justify: known.certificate.ack.header });
    open(channel, bob, 2n, evidenceOf(known));
    expect(contest(channel, carol, 2n, evidenceOf(later))).toBe("EXECUTED");
    channel.chain.passTime(WINDOW_MS);
    expect(finish(channel, bob, 2n)).toBe("EXECUTED");
    expect(balance(channel, bob)).toBe(FUNDS);
  });

  it("leaves nothing above it that counts", () => {
    const channel = chatOf("bob", "carol");
    const confirmation = play(channel);
    const above = play(channel);
    leaveAlone(channel, confirmation);
    const evidence = evidenceOf(above);
    expect(open(channel, channel.player("carol"), 3n, evidence)).toBe(13);
    expect(channel.view().fence).toEqual(confirmation.certificate.ack.header);
  });
});

describe("while an exit is open", () => {
  it("only what is at least as high as everything shown settles, and it pays the exit", () => {
    const channel = chatOf("bob", "carol");
    const bob = channel.player("bob");
    const low = play(channel);
    const proposal = propose(channel, low);
    const high = play(channel);
    expect(open(channel, bob, 2n, evidenceOf(high))).toBe("EXECUTED");
    for (const name of ["bob", "carol"]) {
      channel.callOk(channel.player(name), "vote_proposal_entry", arg.u64(proposal), arg.u8(1));
    }
    expect(codeOf(execute(channel, proposal))).toBe(13);
    // The others order the exit, confirm it and settle.
    const step = changeConfiguration(
      channel,
      channel.log.configuration.seats.filter(({ seat }) => seat !== 2n),
    );
    const settling = propose(channel, play(channel), [step]);
    for (const name of ["carol", "bob"]) {
      channel.callOk(channel.player(name), "vote_proposal_entry", arg.u64(settling), arg.u8(1));
    }
    expect(finish(channel, bob, 2n)).toBe(14);
    expect(codeOf(execute(channel, settling))).toBe("EXECUTED");
    expect(finish(channel, bob, 2n)).toBe("EXECUTED");
    expect(balance(channel, bob)).toBe(FUNDS);
    expect(channel.view().fence.number).toBeGreaterThan(step.header.header.number);
  });

  it("who leaves as others do gets his bond back all the same", () => {
    const channel = chatOf("bob", "carol");
    const bob = channel.player("bob");
    expect(open(channel, bob, 2n)).toBe("EXECUTED");
    const step = changeConfiguration(
      channel,
      channel.log.configuration.seats.filter(({ seat }) => seat !== 2n),
    );
    const settling = propose(channel, play(channel), [step]);
    for (const name of ["carol", "bob"]) {
      channel.callOk(channel.player(name), "vote_proposal_entry", arg.u64(settling), arg.u8(1));
    }
    expect(codeOf(execute(channel, settling))).toBe("EXECUTED");
    const options = { sender: bob.address, args: [arg.u64(GROUP_ID)] };
    channel.chain.ok(`${CHAT}::chat_session_leave`, options);
    expect(finish(channel, bob, 2n)).toBe("EXECUTED");
    expect(balance(channel, bob)).toBe(FUNDS);
    expect(finish(channel, bob, 2n)).toBe(62);
  });
});

describe("who was punished", () => {
  it("may leave alone with its asset, and holds up no election", () => {
    const channel = chatOf("bob", "carol");
    const [alice, bob] = [channel.player("alice"), channel.player("bob")];
    const first = seal(channel, nextHeader(channel, 0));
    const second = signHeader(channel, { ...first.header, time: first.header.time + 1n });
    const evidence = arg.bytes(encode(equivocation, { accused: 1n, first, second }));
    channel.callOk(bob, "report_equivocation_entry", evidence);
    expect(open(channel, alice, 1n)).toBe("EXECUTED");
    channel.chain.passTime(WINDOW_MS);
    expect(finish(channel, alice, 1n)).toBe("EXECUTED");
    expect(balance(channel, alice)).toBe(FUNDS - STAKE);
    expect(channel.view().members.map(({ seat }) => seat.seat)).toEqual([2n, 3n]);
    channel.callOk(bob, "apply_leader_entry", arg.bytes(new Uint8Array()));
    expect(channel.view().leader).toBe(2n);
  });
});

describe("what an exit was paid from", () => {
  it("settles without votes, and nothing below it ever settles", () => {
    const channel = chatOf("bob", "carol");
    const low = play(channel);
    const early = propose(channel, low);
    for (const name of ["bob", "carol"]) {
      channel.callOk(channel.player(name), "vote_proposal_entry", arg.u64(early), arg.u8(1));
    }
    const paid = play(channel);
    leaveAlone(channel, paid);
    expect(codeOf(execute(channel, early))).toBe(13);
    const data = arg.bytes(settlementData(channel, paid));
    channel.callOk(channel.player("carol"), "create_proposal_entry", arg.u8(1), data);
    const { proposalCount } = channel.view();
    expect(codeOf(execute(channel, proposalCount, "carol"))).toBe("EXECUTED");
    expect(codeOf(execute(channel, proposalCount, "carol"))).toBe(10);
    expect(channel.view().settled.header).toEqual(paid.certificate.ack.header);
  });

  it("lets the last one close only when it is settled", () => {
    const channel = chatOf("bob");
    const paid = play(channel);
    leaveAlone(channel, paid);
    const close = () => {
      const args = [arg.u64(GROUP_ID)];
      const sender = channel.player("alice").address;
      return codeOf(channel.chain.run(`${CHAT}::chat_session_close`, { sender, args }));
    };
    expect(close()).toBe(28);
    const proposal = propose(channel, paid);
    expect(codeOf(execute(channel, proposal))).toBe("EXECUTED");
    expect(close()).toBe("EXECUTED");
  });
});

describe("an asset of who has left alone", () => {
  interface Proven {
    readonly record: Uint8Array | undefined;
    readonly held: Uint8Array | undefined;
    readonly parked: Uint8Array | undefined;
  }

  function claimEvidence(state: StateTree, player: Player, claimed: Partial<Proven> = {}) {
    const { address } = player;
    const keys: StateKey[] = [seatRecordKey(2n), purseKey(address), purseKey(address, PARKED)];
    const [record, held, parked] = keys.map((key) => state.get(key));
    const shown: Proven = { record, held, parked, ...claimed };
    return encodeClaim({
      seat: 2n,
      assetType: PURSE,
      ...(shown.record === undefined ? {} : { record: shown.record }),
      ...(shown.held === undefined ? {} : { held: shown.held }),
      ...(shown.parked === undefined ? {} : { parked: shown.parked }),
      proof: proveKeys(state, keys),
    });
  }

  function claim(channel: ScriptedChannel, by: Player, evidence: Uint8Array, skew = 0n) {
    const args = [arg.u64(channel.id), arg.u64(2), arg.bytes(evidence), arg.u64(skew)];
    return codeOf(channel.chain.run("0x7e57::game::claim", { sender: by.address, args }));
  }

  function gemsClaimed(channel: ScriptedChannel, by: Player, evidence: Uint8Array) {
    const args = [arg.u64(channel.id), arg.u64(2), arg.bytes(evidence), arg.u64(0)];
    const { events } = channel.chain.ok("0x7e57::game::claim", { sender: by.address, args });
    return events
      .filter(({ type }) => type.kind === "struct" && type.struct.module === "game")
      .map(({ data }) => decodeBcs(data, (reader) => reader.u64()));
  }

  /** Bob, who brought 20 gems, has won 3 from alice by what is confirmed. */
  function afterExit(): { channel: ScriptedChannel; state: StateTree; paid: Confirmation } {
    const channel = startGame();
    pay(channel, channel.player("alice"), 10n, 7n);
    pay(channel, channel.player("bob"), 20n, 23n);
    const paid = confirm(channel, Number(channel.log.height));
    const state = channel.log.state.fork();
    leaveAlone(channel, paid);
    return { channel, state, paid };
  }

  it("is claimed as it was there, once, by him", () => {
    const { channel, state } = afterExit();
    const bob = channel.player("bob");
    const evidence = claimEvidence(state, bob);
    expect(claim(channel, channel.player("alice"), evidence)).toBe(2);
    expect(claim(channel, bob, evidence, 1n)).toBe(31);
    const wrong = { sender: bob.address, args: [arg.u64(1), arg.u64(2), arg.bytes(evidence)] };
    expect(codeOf(channel.chain.run("0x7e57::game::claim_with_wrong_asset", wrong))).toBe(21);
    expect(claim(channel, bob, evidence)).toBe("EXECUTED");
    expect(claim(channel, bob, evidence)).toBe(62);
    expect(channel.view().members).toHaveLength(1);
  });

  it.each([
    ["of another size", { held: arg.u64(24) }],
    ["that is not there", { held: undefined }],
    ["that is parked too", { parked: arg.u64(1_000) }],
  ] as const)("%s is not believed", (_, claimed) => {
    const { channel, state } = afterExit();
    const bob = channel.player("bob");
    expect(claim(channel, bob, claimEvidence(state, bob, claimed))).toBe(38);
  });

  it("minted coins: what lies parked from an earlier seat is not claimed again", () => {
    const channel = startGame();
    const bob = channel.player("bob");
    const value = arg.u64(1_000);
    order(channel.log, [{ key: purseKey(bob.address, PARKED), op: { type: "new", value } }]);
    const paid = confirm(channel, Number(channel.log.height));
    const state = channel.log.state.fork();
    leaveAlone(channel, paid);
    expect(claim(channel, bob, claimEvidence(state, bob, { held: undefined }))).toBe(38);
    expect(claim(channel, bob, claimEvidence(state, bob, { record: undefined }))).toBe(38);
    expect(gemsClaimed(channel, bob, claimEvidence(state, bob))).toEqual([20n]);
  });

  it.each([
    ["had not come yet", undefined, 20],
    ["is in, its asset being gone", "active", 20],
    ["has departed", "departed", 23],
  ] as const)(
    "of a seat that %s, with something parked, counts as that says",
    (_, standing, gems) => {
      const channel = startGame();
      const bob = channel.player("bob");
      const record = seatRecordKey(2n);
      const was = { type: "modify", old: seatRecord(bob, "active") } as const;
      const changes: ChangeSet = [
        { key: purseKey(bob.address), op: { type: "delete", old: arg.u64(20) } },
        { key: purseKey(bob.address, PARKED), op: { type: "new", value: arg.u64(23) } },
      ];
      if (standing === undefined) {
        order(channel.log, [...changes, { key: record, op: { ...was, type: "delete" } }]);
      } else if (standing === "departed") {
        const value = seatRecord(bob, "departed");
        order(channel.log, [...changes, { key: record, op: { ...was, value } }]);
      } else order(channel.log, changes);
      const paid = confirm(channel, Number(channel.log.height));
      const state = channel.log.state.fork();
      leaveAlone(channel, paid);
      expect(gemsClaimed(channel, bob, claimEvidence(state, bob))).toEqual([BigInt(gems)]);
    },
  );

  it("of another root is not believed", () => {
    const { channel, state } = afterExit();
    const bob = channel.player("bob");
    const later = state.fork();
    const op = { type: "modify", old: arg.u64(23), value: arg.u64(90) } as const;
    later.apply([{ key: purseKey(bob.address), op }]);
    expect(claim(channel, bob, claimEvidence(later, bob))).toBe(38);
  });

  it("replay after re-joining: what was claimed is passed over, and nobody joins before", () => {
    const { channel, state, paid } = afterExit();
    const [alice, bob] = [channel.player("alice"), channel.player("bob")];
    const evidence = claimEvidence(state, bob);
    expect(claim(channel, bob, evidence)).toBe("EXECUTED");
    const again = { sender: bob.address, args: [arg.u64(1), arg.u64(5)] };
    expect(codeOf(channel.chain.run("0x7e57::game::join", again))).toBe(18);
    const proposal = propose(channel, paid);
    const owners = arg.address(alice.address);
    const args = [
      arg.u64(1),
      arg.u64(proposal),
      arg.u8(0),
      Uint8Array.of(1, ...owners),
      Uint8Array.of(0),
    ];
    const settled = channel.chain.run("0x7e57::game::settle", { sender: alice.address, args });
    expect(codeOf(settled)).toBe("EXECUTED");
    channel.log.changes = EMPTY_CHANGE_SET;
    expect(codeOf(channel.chain.run("0x7e57::game::join", again))).toBe("EXECUTED");
  });

  it("may also wait for that settlement", () => {
    const { channel, paid } = afterExit();
    const [alice, bob] = [channel.player("alice"), channel.player("bob")];
    const proposal = propose(channel, paid);
    const all = Uint8Array.of(2, ...arg.address(alice.address), ...arg.address(bob.address));
    const args = [arg.u64(1), arg.u64(proposal), arg.u8(0), all, Uint8Array.of(0)];
    channel.chain.ok("0x7e57::game::settle", { sender: alice.address, args });
    const leave = { sender: bob.address, args: [arg.u64(1)] };
    channel.chain.ok("0x7e57::game::leave", leave);
    expect(codeOf(channel.chain.run("0x7e57::game::leave", leave))).toBe(2);
  });
});

describe("the records of exits", () => {
  it("say what is open and from what it will be paid", () => {
    const channel = chatOf("bob", "carol");
    const bob = channel.player("bob");
    const confirmation = play(channel);
    open(channel, bob, 2n, evidenceOf(confirmation));
    const [bytes] = channel.chain.view(`${EXIT}::get_exits`, { args: [arg.u64(channel.id)] });
    expect(bytes?.length).toBeGreaterThan(100);
  });
});
