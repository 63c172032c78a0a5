// What the page reads of the chain's records.
import { expect, it } from "vitest";
import { proposalRecord } from "../../demo/explorer/chain-record.ts";

it("counts the votes of those who held a seat when the settlement was proposed", () => {
  const vote = (seat: bigint) => ({ seat, option: 1 });
  const record = proposalRecord({
    id: 3n,
    kind: 1,
    proposer: 2n,
    accused: 0n,
    status: 1,
    voters: [2n],
    holders: [1n, 2n],
    votes: [vote(1n), vote(2n)],
  });
  expect(record?.votes).toHaveLength(2);
  expect(record?.voters.toSorted()).toEqual([1n, 2n]);
});
