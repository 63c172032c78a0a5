// The members of a simulated committee, and the world that they live in.
import { present } from "#core/assert.ts";
import { concatBytes, utf8 } from "#core/bytes.ts";
import { parseSignature, type Signature } from "#core/ed25519.ts";
import { domainHash, type Hash, sha2_256 } from "#core/hash.ts";
import type { Committee } from "../../../../src/chains/shard/consensus/committee.ts";
import type { ConsensusMachine } from "../../../../src/chains/shard/consensus/machine.ts";
import type { ConsensusMessage, Value } from "../../../../src/chains/shard/consensus/messages.ts";
import type { ConsensusRecord } from "../../../../src/chains/shard/consensus/record.ts";
import type { Prng } from "../../../simulation/prng.ts";

export const GENESIS = sha2_256(utf8("genesis"));

export type Liar = "silent" | "wrong state" | "signs twice";

export interface Member {
  readonly place: number;
  readonly liar: Liar | undefined;
  machine: ConsensusMachine | undefined;
  /** What its disk holds, whatever happens to the process. */
  readonly disk: { record: ConsensusRecord | undefined; readonly chain: Value[] };
  /** Counts lives, so that what was meant for an earlier one is dropped. */
  life: number;
  wakeMs: bigint | undefined;
  /** What was in flight between the machine and its disk. */
  isDeciding: boolean;
}

export interface Event {
  readonly atMs: bigint;
  readonly run: () => void;
}

export interface Faults {
  delayMsMax: number;
  lostPermille: number;
  /** Chance that a write kills its node. */
  crashPermille: number;
  passes: (from: number, to: number) => boolean;
}

/** Ways to break the core, each of which some checker must notice. */
export interface Mutation {
  /** After every step of an honest machine. */
  readonly spoil?: (machine: ConsensusMachine) => void;
  readonly forgetsDisk?: boolean;
  readonly sendsUnsaved?: boolean;
  readonly approvesAll?: boolean;
  readonly mute?: (message: ConsensusMessage) => boolean;
}

export interface ConsensusWorld {
  readonly committee: Committee;
  readonly members: readonly Member[];
  readonly prng: Prng;
  readonly faults: Faults;
  readonly mutation: Mutation;
  /** In order of time; of one time in order of coming. */
  readonly events: Event[];
  /** Choices that honest members have sent, by member, height, round and phase. */
  readonly said: Map<string, string>;
  /** The one final block of each height, as the first member decided it. */
  readonly finals: Map<bigint, string>;
  readonly broken: Set<string>;
  /** Members that were proved to have signed twice. */
  readonly proved: Set<number>;
  nowMs: bigint;
  /** Puts a message on its way. */
  readonly deliver: (from: number, to: number, message: ConsensusMessage) => void;
  crashes: number;
  roundsMax: number;
}

export function signatureOf(place: number, message: Uint8Array): Signature {
  const half = sha2_256(concatBytes(new Uint8Array([place]), message));
  return present(parseSignature(concatBytes(half, half)), "64 bytes");
}

export function stateAfter(member: Pick<Member, "disk">, height: bigint, block: Uint8Array): Hash {
  const below = member.disk.chain[Number(height) - 2];
  return domainHash("TestState", below?.choice.stateRoot ?? GENESIS, block);
}
