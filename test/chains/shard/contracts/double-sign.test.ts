// Members that sign two things: the root takes their stake, once, on proof alone; whatever of the
// proof is altered, it proves nothing.
import { describe, expect, it } from "vitest";
import { utf8 } from "#core/bytes.ts";
import { sha2_256 } from "#core/hash.ts";
import { accusationCall } from "../../../../src/chains/shard/accusation.ts";
import type { Evidence } from "../../../../src/chains/shard/consensus/evidence.ts";
import { PRECOMMIT, PREVOTE } from "../../../../src/chains/shard/consensus/messages.ts";
import { arg } from "./call.ts";
import {
  choiceNamed,
  ONE,
  OTHER,
  placeIn,
  prevotes,
  proposals,
  report,
  votes,
  who,
} from "./double-signing.ts";
import { type LedgerChain, outcomeOf } from "./ledger-chain.ts";
import {
  alice,
  bob,
  joinAs,
  must,
  node,
  nodes,
  peerArgs,
  SHARD,
  type ShardSettings,
  STAKE,
} from "./shard-world.ts";
import {
  claim,
  commitBy,
  endView,
  holdings,
  inOffice,
  mustStake,
  openToUsers,
  SMALL,
  stakeCall,
  startStakes,
  viewFee,
  viewOf,
} from "./stakes.ts";

/** A candidate; those with seats are nodes 0 to 3. */
const CANDIDATE = 4;
const LIAR = 2;

/** A root whose shard has begun and whose first block stands: genesis has a hash. */
function begin(settings: ShardSettings = SMALL): LedgerChain {
  const root = startStakes(settings);
  root.blocks(1);
  return root;
}

interface Standing {
  readonly staked: bigint;
  readonly governance: bigint;
  readonly isPunished: boolean;
}

function standing(root: LedgerChain, member = LIAR): Standing {
  return {
    staked: holdings(root).staked,
    governance: root.view("0x30::governance::balance").u64(),
    isPunished: root.view("0x30::shard_stake::is_punished", ...peerArgs(node(member))).bool(),
  };
}

/** What follows from `before` when the liar has been punished for what it did. */
function punished({ staked, governance }: Standing): Standing {
  return { staked: staked - STAKE, governance: governance + STAKE, isPunished: true };
}

describe("two signatures that exclude each other", () => {
  it("cost the peer that gave them its own stake, in every form that they have", () => {
    const chain = begin();
    const place = placeIn(chain);
    for (const evidence of [
      votes(LIAR, place, PREVOTE, [ONE, OTHER]),
      votes(LIAR, place, PRECOMMIT, [ONE, OTHER]),
      votes(LIAR, place, PREVOTE, [undefined, OTHER]),
      votes(LIAR, place, PRECOMMIT, [ONE, undefined]),
      votes(LIAR, place, PREVOTE, [ONE, { ...ONE, stateRoot: OTHER.stateRoot }]),
      proposals(LIAR, place, [ONE, OTHER], [undefined, undefined]),
      proposals(LIAR, place, [ONE, OTHER], [0, undefined]),
      proposals(LIAR, place, [ONE, OTHER], [0, 1]),
    ]) {
      const root = chain.branch();
      const before = standing(root);
      must(report(root, evidence));
      expect(standing(root)).toEqual(punished(before));
    }
  });

  it("cost it once, whoever tells of them and of how many", () => {
    const root = begin();
    const before = standing(root);
    must(report(root, prevotes(root, LIAR)));
    const later = prevotes(root, LIAR, { height: 6n });
    must(report(root, prevotes(root, LIAR), alice));
    must(report(root, later, node(0)));
    expect(standing(root)).toEqual(punished(before));
  });

  it("cost nobody else anything", () => {
    const root = begin();
    must(report(root, prevotes(root, LIAR)));
    for (const member of [0, 1, 3, CANDIDATE])
      expect(standing(root, member).isPunished).toBe(false);
    expect(inOffice(root)).toHaveLength(SMALL.k);
  });

  it("cost it also what is on its way back, and not what was free before", () => {
    const root = begin();
    const peer = node(LIAR);
    mustStake(root, peer.address, "add_init_pos", peer, 3n * STAKE);
    endView(root, 0n);
    mustStake(root, peer.address, "reduce_init_pos", peer, STAKE);
    endView(root, 0n);
    mustStake(root, peer.address, "reduce_init_pos", peer, STAKE);
    const before = standing(root);
    must(report(root, prevotes(root, LIAR, { epoch: 3n, height: 21n })));
    const after = standing(root);
    expect(after.governance - before.governance).toBe(3n * STAKE);
    expect(before.staked - after.staked).toBe(3n * STAKE);
    mustStake(root, peer.address, "withdraw_stake", peer, STAKE);
    expect(outcomeOf(stakeCall(root, peer.address, "withdraw_stake", peer, 1n))).toBe(
      "0x30::position 24",
    );
  });

  it("are taken while stakes stand still", () => {
    const root = begin();
    for (const by of [node(0), node(1)]) must(commitBy(root, by, 0n));
    expect(root.view("0x30::shard_stake::is_committing", arg.u64(SHARD)).bool()).toBe(true);
    const before = standing(root);
    must(report(root, prevotes(root, LIAR)));
    expect(standing(root)).toEqual(punished(before));
    endView(root, 7n);
    expect(viewOf(root)).toBe(2n);
  });
});

/** Evidence with one of its fields altered, and how the root refuses it. */
type Alteration = readonly [string, (root: LedgerChain, evidence: Evidence) => Evidence, string];

const WRONG_SIGNATURE = "0x30::double_sign 37";
const NO_EVIDENCE = "0x30::double_sign 36";
const WRONG_EPOCH = "0x30::shard_mgmt 22";

function altered(evidence: Evidence, changes: Partial<Evidence>): Evidence {
  return { ...evidence, ...changes };
}

function withVotes(evidence: Evidence, changes: readonly [object, object]): Evidence {
  const [first, second] = [evidence.first, evidence.second].map((message, place) => {
    if (message.type !== "vote") throw new Error("votes");
    return { ...message, vote: { ...message.vote, ...changes[place] } };
  });
  if (!first || !second) throw new Error("two votes");
  return { ...evidence, first, second };
}

const flip = (bytes: Uint8Array): Uint8Array => {
  return bytes.map((byte, place) => (place === 40 ? byte ^ 1 : byte));
};

function signatureOf(evidence: Evidence, which: "first" | "second") {
  const message = evidence[which];
  if (message.type !== "vote") throw new Error("a vote");
  return message.vote.signature;
}

const ALTERATIONS: readonly Alteration[] = [
  ["of no epoch yet", (_, it) => altered(it, { epoch: 2n }), WRONG_EPOCH],
  ["of epoch 0", (_, it) => altered(it, { epoch: 0n }), WRONG_EPOCH],
  ["of genesis", (_, it) => altered(it, { height: 0n }), WRONG_EPOCH],
  ["of another height", (_, it) => altered(it, { height: 6n }), WRONG_SIGNATURE],
  ["of another round", (_, it) => altered(it, { round: 3 }), WRONG_SIGNATURE],
  ["of another phase", (_, it) => withVotes(it, [{ phase: 1 }, { phase: 1 }]), WRONG_SIGNATURE],
  ["of no phase", (_, it) => withVotes(it, [{ phase: 2 }, { phase: 2 }]), NO_EVIDENCE],
  ["of another member", (_, it) => altered(it, who(1)), WRONG_SIGNATURE],
  ["of a candidate", (_, it) => altered(it, who(CANDIDATE)), "0x30::shard_mgmt 19"],
  ["of a candidate that did sign", (root) => prevotes(root, CANDIDATE), "0x30::shard_mgmt 19"],
  ["for one block twice", (_, it) => altered(it, { second: it.first }), NO_EVIDENCE],
  [
    "for no block twice",
    (_, it) => withVotes(it, [{ choice: undefined }, { choice: undefined }]),
    NO_EVIDENCE,
  ],
  [
    "the first for another block",
    (_, it) => withVotes(it, [{ choice: choiceNamed("third") }, {}]),
    WRONG_SIGNATURE,
  ],
  ["the first for none", (_, it) => withVotes(it, [{ choice: undefined }, {}]), WRONG_SIGNATURE],
  [
    "the second for another state",
    (_, it) => withVotes(it, [{}, { choice: { ...OTHER, stateRoot: ONE.stateRoot } }]),
    WRONG_SIGNATURE,
  ],
  [
    "with signatures exchanged",
    (_, it) =>
      withVotes(it, [
        { signature: signatureOf(it, "second") },
        { signature: signatureOf(it, "first") },
      ]),
    WRONG_SIGNATURE,
  ],
  [
    "with a first signature of one bit less",
    (_, it) => withVotes(it, [{ signature: flip(signatureOf(it, "first")) }, {}]),
    WRONG_SIGNATURE,
  ],
  [
    "with a second signature of one bit less",
    (_, it) => withVotes(it, [{}, { signature: flip(signatureOf(it, "second")) }]),
    WRONG_SIGNATURE,
  ],
  [
    "without a signature",
    (_, it) => withVotes(it, [{}, { signature: new Uint8Array() }]),
    WRONG_SIGNATURE,
  ],
  [
    "on another chain",
    (root) => prevotes(root, LIAR, { chain: sha2_256(utf8("another")) }),
    WRONG_SIGNATURE,
  ],
];

describe("evidence", () => {
  it.each(ALTERATIONS)("%s proves nothing", (_title, alter, outcome) => {
    const root = begin();
    const before = standing(root);
    expect(outcomeOf(report(root, alter(root, prevotes(root, LIAR))))).toBe(outcome);
    expect(standing(root)).toEqual(before);
    expect(before.isPunished).toBe(false);
  });

  it("that is proposals proves nothing with any part altered", () => {
    const root = begin();
    const before = standing(root);
    const place = placeIn(root);
    const right = proposals(LIAR, place, [ONE, OTHER], [0, undefined]);
    const { args } = accusationCall(SHARD, right);
    const reported = (part: number, value: Uint8Array): string => {
      const changed = args.map((bytes, at) => (at === part ? value : bytes));
      return outcomeOf(
        root.branch().call(bob.address, "0x30::double_sign::report_proposals", changed),
      );
    };
    const rounds = (...values: readonly number[]): Uint8Array =>
      new Uint8Array([values.length, ...values.flatMap((value) => [value, 0, 0, 0])]);
    expect(reported(0, arg.u64(2n))).toBe("0x30::shard_mgmt 3");
    expect(reported(1, arg.u64(2n))).toBe(WRONG_EPOCH);
    expect(reported(2, arg.bytes(node(1).publicKey))).toBe(WRONG_SIGNATURE);
    expect(reported(3, arg.u64(4n))).toBe(WRONG_SIGNATURE);
    expect(reported(4, arg.u32(4))).toBe(WRONG_SIGNATURE);
    expect(reported(5, arg.bytes(new Uint8Array(64)))).toBe(WRONG_SIGNATURE);
    expect(reported(5, arg.bytes(new Uint8Array(63)))).toBe(NO_EVIDENCE);
    expect(reported(5, arg.bytes(new Uint8Array()))).toBe(NO_EVIDENCE);
    expect(reported(6, rounds(1))).toBe(WRONG_SIGNATURE);
    expect(reported(6, rounds())).toBe(WRONG_SIGNATURE);
    expect(reported(6, rounds(0, 0))).toBe(NO_EVIDENCE);
    expect(reported(7, arg.bytes(new Uint8Array(64)))).toBe(WRONG_SIGNATURE);
    expect(reported(8, arg.bytes(new Uint8Array(64)))).toBe(WRONG_SIGNATURE);
    expect(reported(9, rounds(0))).toBe(WRONG_SIGNATURE);
    expect(reported(10, arg.bytes(new Uint8Array(64)))).toBe(WRONG_SIGNATURE);
    expect(outcomeOf(report(root, altered(right, { second: right.first })))).toBe(NO_EVIDENCE);
    expect(standing(root)).toEqual(before);
    expect(outcomeOf(report(root, right))).toBe("EXECUTED");
  });

  it("is of the committee that the root names for the epoch, and of its blocks", () => {
    const root = begin({ ...SMALL, n: 5 });
    // Its seat goes to node 4 when epoch 2 ends; the shard's epochs end with blocks 10, 20, 30.
    must(root.call(node(3).address, "0x30::shard_mgmt::exit_shard", peerArgs(node(3))));
    endView(root, 0n);
    expect(inOffice(root).map(({ address }) => address)).toContain(node(CANDIDATE).address);
    const at = (member: number, epoch: bigint, height: bigint): string =>
      outcomeOf(report(root.branch(), prevotes(root, member, { epoch, height })));
    expect(at(CANDIDATE, 1n, 5n)).toBe("0x30::shard_mgmt 19");
    expect(at(CANDIDATE, 2n, 10n)).toBe(WRONG_EPOCH);
    expect(at(CANDIDATE, 2n, 11n)).toBe("EXECUTED");
    expect(at(3, 2n, 11n)).toBe("0x30::shard_mgmt 19");
    // It has left office and its stake is here still.
    expect(at(3, 1n, 5n)).toBe("EXECUTED");
    // The shard may have been told of epoch 2 late, and not after epoch 2 was over.
    expect(at(3, 1n, 15n)).toBe("EXECUTED");
    endView(root, 0n);
    expect(at(LIAR, 1n, 19n)).toBe("EXECUTED");
    expect(at(LIAR, 1n, 20n)).toBe(WRONG_EPOCH);
    expect(at(3, 1n, 5n)).toBe("0x30::shard_stake 9");
  });

  it("is for the root", () => {
    const root = begin();
    must(report(root, prevotes(root, LIAR)));
    const { args } = accusationCall(SHARD, prevotes(root, LIAR));
    const wrong = args.map((bytes, at) => (at === 0 ? arg.u64(9n) : bytes));
    expect(outcomeOf(root.call(bob.address, "0x30::double_sign::report_votes", wrong))).toBe(
      "0x30::shard_mgmt 3",
    );
  });
});

describe("a peer that was punished", () => {
  it("has its seat to the end of the epoch, and brings fees to its users alone", () => {
    const root = begin();
    for (const peer of nodes.slice(0, SMALL.k)) openToUsers(root, peer, 50n);
    mustStake(root, alice.address, "user_stake", node(LIAR), STAKE);
    endView(root, 0n);
    must(report(root, prevotes(root, LIAR, { epoch: 2n, height: 11n })));
    expect(inOffice(root)).toContain(node(LIAR));
    endView(root, 700n);
    expect(inOffice(root)).not.toContain(node(LIAR));
    expect(inOffice(root)).toHaveLength(SMALL.k);
    expect(viewFee(root, node(LIAR), 2n)).toEqual({
      wholeFee: 175n,
      userStake: STAKE,
      proportion: 100n,
    });
    expect(claim(root, alice.address, node(LIAR))).toBe(175n);
    expect(claim(root, node(LIAR).address, node(LIAR))).toBe(0n);
    endView(root, 0n);
    expect(root.view("0x30::shard_mgmt::get_join_state", ...peerArgs(node(LIAR))).u8()).toBe(4);
    mustStake(root, alice.address, "withdraw_stake", node(LIAR), STAKE);
    const owed = root.view("0x30::shard_stake::get_owed", arg.address(node(LIAR).address)).u64();
    expect(owed).toBe(0n);
    expect(outcomeOf(report(root, prevotes(root, LIAR, { epoch: 2n, height: 11n })))).toBe(
      "EXECUTED",
    );
  });

  it("keeps its seat while nobody else is there to have it", () => {
    const root = begin({ ...SMALL, n: 5 });
    const spare = node(CANDIDATE);
    must(root.call(spare.address, "0x30::shard_mgmt::exit_shard", peerArgs(spare)));
    must(report(root, prevotes(root, LIAR)));
    endView(root, 0n);
    expect(inOffice(root)).toContain(node(LIAR));
    joinAs(root, node(5), STAKE);
    expect(inOffice(root)).toContain(node(LIAR));
    endView(root, 0n);
    expect(inOffice(root)).not.toContain(node(LIAR));
    expect(inOffice(root)).toContain(node(5));
  });

  it("has an owner with nothing to say for it", () => {
    const root = begin();
    const peer = node(LIAR);
    must(report(root, prevotes(root, LIAR)));
    for (const method of ["add_init_pos", "reduce_init_pos", "change_proportion"]) {
      expect(outcomeOf(stakeCall(root, peer.address, method, peer, 1n))).toBe(
        "0x30::shard_stake 38",
      );
    }
    expect(outcomeOf(stakeCall(root, alice.address, "user_stake", peer, 1n))).toBe(
      "0x30::shard_stake 14",
    );
  });

  it("stops no epoch, though all were punished", () => {
    const root = begin();
    for (const member of [0, 1, 2, 3]) must(report(root, prevotes(root, member)));
    endView(root, 900n);
    expect(viewOf(root)).toBe(2n);
    expect(inOffice(root)).toHaveLength(SMALL.k);
    expect(standing(root).governance).toBeGreaterThanOrEqual(4n * STAKE);
  });
});
