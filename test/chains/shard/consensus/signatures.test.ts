// What consensus nodes sign, checked with real keys: a signature holds for one chain, one height,
// one round, one phase and one block, and a certificate for K - C different members.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { signEd25519 } from "#core/ed25519.ts";
import { type Hash, sha2_256 } from "#core/hash.ts";
import {
  certificateOf,
  certifies,
  decodeCertificate,
  encodeCertificate,
} from "../../../../src/chains/shard/consensus/certificate.ts";
import { makeCommittee, proposerAt } from "../../../../src/chains/shard/consensus/committee.ts";
import {
  decodeEvidence,
  encodeEvidence,
  evidenceOfVotes,
  proves,
} from "../../../../src/chains/shard/consensus/evidence.ts";
import {
  type Choice,
  decodeMessage,
  encodeMessage,
  isAuthentic,
  PRECOMMIT,
  PREVOTE,
  type Proposal,
  proposalSigningMessage,
  type Vote,
  voteSigningMessage,
} from "../../../../src/chains/shard/consensus/messages.ts";
import { decodeRecord, encodeRecord } from "../../../../src/chains/shard/consensus/record.ts";
import { accountNamed, secretNamed } from "../../fixture.ts";

const chain = sha2_256(utf8("a shard"));
const names = ["a", "b", "c", "d"];
const committee = makeCommittee(
  1n,
  names.map((name) => accountNamed(name).publicKey),
  1,
);

function choiceNamed(name: string): Choice {
  return { hash: sha2_256(utf8(name)), stateRoot: sha2_256(utf8(`state after ${name}`)) };
}

const choice = choiceNamed("block");
const value = { choice, block: utf8("block") };

function secretAt(place: number) {
  return secretNamed(present(names[place], "a member"));
}

function vote(voter: number, changes: Partial<Vote> = {}, of: Hash = chain): Vote {
  const ballot = { phase: PRECOMMIT, height: 5n, round: 1, choice, ...changes };
  const signature = signEd25519(voteSigningMessage(of, ballot), secretAt(voter));
  return { ...ballot, voter, signature };
}

function proposal(validRound: number | undefined, polka: readonly Vote[]): Proposal {
  const offer = { height: 5n, round: 2, choice, validRound };
  const signer = secretAt(proposerAt(committee, 5n, 2));
  const signature = signEd25519(proposalSigningMessage(chain, offer), signer);
  return { height: 5n, round: 2, value, validRound, polka, signature };
}

describe("a committee", () => {
  it("has 3C + 1 different members at least", () => {
    const { keys } = committee;
    expect(() => makeCommittee(1n, keys.slice(0, 3), 1)).toThrow("3C + 1");
    expect(() => makeCommittee(1n, [...keys.slice(0, 3), ...keys.slice(0, 1)], 1)).toThrow(
      "different",
    );
    expect(makeCommittee(1n, keys.slice(0, 3), 0).faultsMax).toBe(0);
  });

  it("lets the next member propose with every height and every round", () => {
    const places = [0n, 1n, 2n, 3n, 4n].map((height) => proposerAt(committee, height, 0));
    expect(places).toEqual([0, 1, 2, 3, 0]);
    expect(proposerAt(committee, 3n, 2)).toBe(1);
  });
});

describe("a vote", () => {
  it("is authentic as it was signed and in no other way", () => {
    const good = vote(2);
    const isGood = (changed: Partial<Vote>): boolean =>
      isAuthentic(chain, committee, { type: "vote", vote: { ...good, ...changed } });
    expect(isGood({})).toBe(true);
    const changes: Partial<Vote>[] = [
      { height: 6n },
      { round: 2 },
      { phase: PREVOTE },
      { phase: 2 },
      { voter: 1 },
      { voter: 4 },
      { choice: undefined },
      { choice: { ...choice, stateRoot: choice.hash } },
    ];
    for (const change of changes) expect(isGood(change)).toBe(false);
    const elsewhere = vote(2, {}, sha2_256(utf8("another shard")));
    expect(isAuthentic(chain, committee, { type: "vote", vote: elsewhere })).toBe(false);
  });

  it("survives its encoding, and nothing else is one", () => {
    const message = { type: "vote", vote: vote(1) } as const;
    const bytes = encodeMessage(message);
    expect(decodeMessage(bytes)).toEqual(message);
    expect(decodeMessage(bytes.subarray(1))).toBeUndefined();
    expect(decodeMessage(new Uint8Array([...bytes, 0]))).toBeUndefined();
  });
});

describe("a proposal", () => {
  const polka = [0, 1, 3].map((voter) => vote(voter, { phase: PREVOTE }));

  function isGood(said: Proposal): boolean {
    return isAuthentic(chain, committee, { type: "proposal", proposal: said });
  }

  it("is authentic from the member whose round it is", () => {
    expect(isGood(proposal(undefined, []))).toBe(true);
    expect(isGood({ ...proposal(undefined, []), round: 3 })).toBe(false);
    const other = { choice: choiceNamed("another"), block: utf8("another") };
    expect(isGood({ ...proposal(undefined, []), value: other })).toBe(false);
  });

  it("shows the quorum that it says has prevoted for it", () => {
    expect(isGood(proposal(1, polka))).toBe(true);
    const [first] = polka;
    const wrong: (readonly Vote[])[] = [
      polka.slice(1),
      [present(first, "a vote"), ...polka.slice(0, 2)],
      [vote(2, { phase: PRECOMMIT }), ...polka.slice(1)],
      [vote(2, { phase: PREVOTE, choice: choiceNamed("another") }), ...polka.slice(1)],
      [vote(2, { phase: PREVOTE, round: 0 }), ...polka.slice(1)],
    ];
    for (const votes of wrong) expect(isGood(proposal(1, votes))).toBe(false);
    expect(isGood(proposal(2, polka))).toBe(false);
    expect(isGood(proposal(undefined, polka))).toBe(false);
  });
});

describe("a certificate", () => {
  const certificate = certificateOf(
    1,
    [3, 0, 2].map((voter) => vote(voter)),
  );

  it("holds with K - C different members, for its block alone", () => {
    expect(certifies(chain, committee, 5n, choice, certificate)).toBe(true);
    expect(certifies(chain, committee, 6n, choice, certificate)).toBe(false);
    expect(certifies(chain, committee, 5n, choiceNamed("another"), certificate)).toBe(false);
    const { round, signatures } = certificate;
    const [first, second] = signatures.map((signature) => present(signature, "one"));
    const few = { round, signatures: signatures.slice(1) };
    const twice = {
      round,
      signatures: [present(first, "one"), present(first, "one"), present(second, "one")],
    };
    const lateRound = { round: 2, signatures };
    for (const wrong of [few, twice, lateRound]) {
      expect(certifies(chain, committee, 5n, choice, wrong)).toBe(false);
    }
  });

  it("survives its encoding", () => {
    expect(decodeCertificate(encodeCertificate(certificate))).toEqual(certificate);
    expect(decodeCertificate(new Uint8Array([1]))).toBeUndefined();
  });
});

describe("evidence", () => {
  it("proves that a member has signed two things that exclude each other", () => {
    const second = vote(2, { choice: undefined });
    expect(proves(chain, committee, evidenceOfVotes(committee, vote(2), second))).toBe(true);
  });

  it("survives its encoding", () => {
    const evidence = [evidenceOfVotes(committee, vote(2), vote(2, { choice: undefined }))];
    expect(decodeEvidence(encodeEvidence(evidence))).toEqual(evidence);
    expect(decodeEvidence(new Uint8Array([3]))).toBeUndefined();
  });

  it("proves nothing with one vote twice, two members, or a signature that does not hold", () => {
    const wrong = [
      evidenceOfVotes(committee, vote(2), vote(2)),
      evidenceOfVotes(committee, vote(2), vote(1, { choice: undefined })),
      evidenceOfVotes(committee, vote(2), vote(2, { choice: undefined, phase: PREVOTE })),
      evidenceOfVotes(committee, vote(2), vote(2, { choice: undefined, round: 2 })),
      evidenceOfVotes(committee, vote(2), { ...vote(2), choice: undefined }),
    ];
    for (const evidence of wrong) expect(proves(chain, committee, evidence)).toBe(false);
    const right = evidenceOfVotes(committee, vote(2), vote(2, { choice: undefined }));
    expect(proves(chain, committee, { ...right, epoch: 2n })).toBe(false);
    expect(proves(chain, committee, { ...right, key: accountNamed("a").publicKey })).toBe(false);
    expect(proves(chain, committee, { ...right, member: 1 })).toBe(false);
  });
});

describe("a node's record", () => {
  it("survives its encoding", () => {
    const record = {
      height: 5n,
      round: 2,
      signed: [{ type: "vote", vote: vote(1) } as const],
      locked: { round: 1, value },
      valid: { round: 1, value, polka: [vote(0, { phase: PREVOTE })] },
    };
    expect(decodeRecord(encodeRecord(record))).toEqual(record);
    expect(decodeRecord(new Uint8Array([7]))).toBeUndefined();
  });
});
