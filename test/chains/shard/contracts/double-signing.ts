// Members of a shard that sign two things, and the reports of it that the root gets.
import type { AccountSigner } from "#chains";
import { utf8 } from "#core/bytes.ts";
import { signEd25519 } from "#core/ed25519.ts";
import { type Hash, sha2_256 } from "#core/hash.ts";
import { accusationCall } from "../../../../src/chains/shard/accusation.ts";
import type { Evidence } from "../../../../src/chains/shard/consensus/evidence.ts";
import {
  type Choice,
  PREVOTE,
  proposalSigningMessage,
  voteSigningMessage,
} from "../../../../src/chains/shard/consensus/messages.ts";
import { readShardGenesis, shardConfig } from "../../../../src/chains/shard/shard-genesis.ts";
import { chainName } from "../../../../src/chains/shard/shard-kind.ts";
import { secretNamed } from "../../fixture.ts";
import { arg } from "./call.ts";
import type { LedgerChain, Ran } from "./ledger-chain.ts";
import { bob, node, SHARD } from "./shard-world.ts";

export const ONE = choiceNamed("one");
export const OTHER = choiceNamed("another");

export function choiceNamed(block: string): Choice {
  return { hash: sha2_256(utf8(block)), stateRoot: sha2_256(utf8(`after ${block}`)) };
}

/** What the nodes of the shard bind their signatures to. */
function nameOf(root: LedgerChain): Hash {
  const genesis = root.viewBytes("0x30::shard_mgmt::get_genesis", arg.u64(SHARD));
  return chainName(shardConfig(root.genesisHash, readShardGenesis(genesis)));
}

export interface Place {
  readonly chain: Hash;
  readonly epoch: bigint;
  readonly height: bigint;
  readonly round: number;
}

export function placeIn(root: LedgerChain, changes: Partial<Place> = {}): Place {
  return { chain: nameOf(root), epoch: 1n, height: 5n, round: 2, ...changes };
}

export function who(member: number) {
  return { member, key: node(member).publicKey };
}

/** Two votes of one node, for none where nothing is chosen. */
export function votes(
  member: number,
  { chain, epoch, height, round }: Place,
  phase: number,
  choices: readonly [Choice | undefined, Choice | undefined],
): Evidence {
  const [first, second] = choices.map((choice) => {
    const ballot = { phase, height, round, choice };
    const signature = signEd25519(voteSigningMessage(chain, ballot), secretOf(member));
    return { type: "vote", vote: { ...ballot, voter: member, signature } } as const;
  });
  if (!first || !second) throw new Error("two votes");
  return { epoch, ...who(member), height, round, first, second };
}

export function proposals(
  member: number,
  { chain, epoch, height, round }: Place,
  choices: readonly [Choice, Choice],
  validRounds: readonly [number | undefined, number | undefined],
): Evidence {
  const [first, second] = choices.map((choice, place) => {
    const validRound = validRounds[place];
    const offer = { height, round, choice, validRound };
    const signature = signEd25519(proposalSigningMessage(chain, offer), secretOf(member));
    const value = { choice, block: new Uint8Array() };
    const proposal = { height, round, value, validRound, polka: [], signature };
    return { type: "proposal", proposal } as const;
  });
  if (!first || !second) throw new Error("two proposals");
  return { epoch, ...who(member), height, round, first, second };
}

function secretOf(member: number) {
  return secretNamed(`shard node ${member}`);
}

export function prevotes(
  root: LedgerChain,
  member: number,
  changes: Partial<Place> = {},
): Evidence {
  return votes(member, placeIn(root, changes), PREVOTE, [ONE, OTHER]);
}

export function report(root: LedgerChain, evidence: Evidence, by: AccountSigner = bob): Ran {
  const { function: called, args } = accusationCall(SHARD, evidence);
  const { module, name } = called;
  return root.call(by.address, `0x30::${module.name}::${name}`, args);
}
