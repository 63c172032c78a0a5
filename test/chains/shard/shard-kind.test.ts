// What makes a block of a shard one: a member of the committee made it, K - C members precommitted
// to it, and what it brings from the root is taken in, each message by itself.
import { describe, expect, it } from "vitest";
import { addressToBytes } from "#core/address.ts";
import { assert, present } from "#core/assert.ts";
import { concatBytes, utf8 } from "#core/bytes.ts";
import { signEd25519 } from "#core/ed25519.ts";
import { sha2_256 } from "#core/hash.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { contractModules } from "../../../src/chains/contract-modules.ts";
import { createGenesis } from "../../../src/chains/genesis.ts";
import type { Block } from "../../../src/chains/ledger/block.ts";
import {
  type BlockSigner,
  executeBlock,
  produceBlock,
} from "../../../src/chains/ledger/block-execution.ts";
import type { ExecutedBlock } from "../../../src/chains/ledger/executed-block.ts";
import { readBalance } from "../../../src/chains/ledger/framework.ts";
import type { ExecutionEnvironment } from "../../../src/chains/ledger/user-transaction.ts";
import {
  certificateOf,
  encodeCertificate,
} from "../../../src/chains/shard/consensus/certificate.ts";
import { PRECOMMIT, voteSigningMessage } from "../../../src/chains/shard/consensus/messages.ts";
import { readProcessedMessage, SHARD_EVENT } from "../../../src/chains/shard/contract.ts";
import { encodeRootMessage } from "../../../src/chains/shard/root-message.ts";
import { readShardFacts, shardConfig } from "../../../src/chains/shard/shard-genesis.ts";
import { chainName, createTriedBlocks, shardKind } from "../../../src/chains/shard/shard-kind.ts";
import {
  readCommittee,
  readRootCursor,
  readShardId,
} from "../../../src/chains/shard/shard-state.ts";
import { accountNamed, START_MS, secretNamed, u64 } from "../fixture.ts";

const MEMBERS = ["member 0", "member 1", "member 2", "member 3"];
const START_US = START_MS * 1_000n;
const alice = accountNamed("alice");

const config = shardConfig(sha2_256(utf8("a root")), {
  shardId: 3n,
  rootHeight: 5n,
  timestampUs: START_US,
  k: 4,
  c: 1,
  epochBlocks: 1_000n,
  peers: MEMBERS.map((name) => accountNamed(name).publicKey),
});
const environment = shardKind(createTriedBlocks()).environmentOf(config);
const genesis = createGenesis(environment, config, contractModules(), {
  type: "shard",
  facts: readShardFacts(config),
});

function signerNamed(name: string): BlockSigner {
  const secret = secretNamed(name);
  return {
    publicKey: accountNamed(name).publicKey,
    sign: (message) => signEd25519(message, secret),
  };
}

function depositOf(height: bigint, index: bigint, amount: bigint, toShard = 3n): Uint8Array {
  const places = [u64(0n), u64(toShard), u64(height)];
  const payload = concatBytes(...places, addressToBytes(alice.address), u64(amount));
  const { gasDeposit: eventType } = SHARD_EVENT;
  const head = { version: 1, eventType, toShard, fromHeight: height };
  return encodeRootMessage({ type: "message", ...head, index, payload });
}

function made(
  messages: readonly Uint8Array[],
  by = "member 2",
  of: ExecutionEnvironment = environment,
): ExecutedBlock {
  const time = START_US + 1_000_000n;
  return produceBlock(of, genesis, time, signerNamed(by), [], messages).block;
}

function certified({ block, hash }: ExecutedBlock, voters: readonly number[], height = 1n): Block {
  const choice = { hash, stateRoot: block.header.stateRoot };
  const votes = voters.map((voter) => {
    const ballot = { phase: PRECOMMIT, height, round: 0, choice };
    const secret = secretNamed(present(MEMBERS[voter], "a member"));
    const signature = signEd25519(voteSigningMessage(chainName(config), ballot), secret);
    return { ...ballot, voter, signature };
  });
  return { ...block, certificate: encodeCertificate(certificateOf(0, votes)) };
}

function refusal(block: Block): string | undefined {
  const executed = executeBlock(environment, genesis, block);
  return executed.ok ? undefined : executed.error.code;
}

function outcomes({ receipts }: ExecutedBlock): readonly bigint[] {
  return receipts.flatMap(({ events }) =>
    events.flatMap((event) => readProcessedMessage(event)?.outcome ?? []),
  );
}

describe("a shard's genesis", () => {
  it("follows from what the root has fixed", () => {
    const { state } = genesis;
    expect(readShardId(state)).toBe(3n);
    expect(readCommittee(state)).toEqual({ epoch: 1n, keys: config.producers, faultsMax: 1 });
    expect(readRootCursor(state)).toEqual({ height: 0n, index: 0n });
    expect(genesis.block.header.chainId).toBe(13);
    const again = createGenesis(environment, config, contractModules(), {
      type: "shard",
      facts: readShardFacts(config),
    });
    expect(again.hash).toEqual(genesis.hash);
  });
});

describe("a shard's block", () => {
  it("is accepted with the precommits of K - C members, by whichever of them it was made", () => {
    expect(refusal(certified(made([], "member 0"), [0, 1, 3]))).toBeUndefined();
    expect(refusal(certified(made([], "member 3"), [0, 1, 2, 3]))).toBeUndefined();
  });

  it("is refused without them, or with those of another height", () => {
    const block = made([]);
    expect(refusal(block.block)).toBe("WRONG_CERTIFICATE");
    expect(refusal(certified(block, [0, 1]))).toBe("WRONG_CERTIFICATE");
    expect(refusal(certified(block, [0, 1, 2], 2n))).toBe("WRONG_CERTIFICATE");
    const other = certified(made([depositOf(4n, 0n, 5n)]), [0, 1, 2]);
    expect(refusal({ ...block.block, certificate: other.certificate })).toBe("WRONG_CERTIFICATE");
  });

  it("is refused from who is not in the committee", () => {
    expect(refusal(certified(made([], "somebody"), [0, 1, 2]))).toBe("WRONG_PROPOSER");
  });

  it("is refused with messages that are none, or others than it was made with", () => {
    const block = certified(made([depositOf(4n, 0n, 5n)]), [0, 1, 2]);
    expect(refusal(block)).toBeUndefined();
    expect(refusal({ ...block, messages: [utf8("nonsense")] })).toBe("WRONG_MESSAGE");
    expect(refusal({ ...block, messages: [] })).toBe("WRONG_HEADER");
    expect(refusal({ ...block, messages: [depositOf(4n, 0n, 6n)] })).toBe("WRONG_HEADER");
  });
});

describe("the root's messages in a block", () => {
  it("are taken in in their order and move the cursor on", () => {
    const end = encodeRootMessage({ type: "end", height: 9n });
    const block = made([depositOf(4n, 0n, 500n), depositOf(4n, 1n, 70n), end]);
    expect(readBalance(block.state, alice.address)).toBe(570n);
    expect(readRootCursor(block.state)).toEqual({ height: 10n, index: 0n });
    expect(outcomes(block)).toEqual([0n, 0n]);
  });

  it("[I5] have no second effect, and one that cannot be applied stops none of the others", () => {
    const block = made([
      depositOf(4n, 0n, 500n),
      depositOf(4n, 0n, 500n),
      depositOf(4n, 1n, 60n, 8n),
      depositOf(4n, 2n, 7n),
    ]);
    expect(readBalance(block.state, alice.address)).toBe(507n);
    expect(outcomes(block)).toEqual([0n, 29n, 32n, 0n]);
  });

  it("are passed over one by one where taking one in fails, and leave nothing of it behind", () => {
    const missing = present(parseFunctionId("0x30::shard_sys_msg::no_such_thing"), "a function");
    const { rules } = environment;
    const failing: ExecutionEnvironment = {
      ...environment,
      rules: {
        ...rules,
        openingCalls: (opening, messages) =>
          rules.openingCalls(opening, messages)?.map((step, place) => {
            return place === 2 ? { ...step, call: { ...step.call, function: missing } } : step;
          }),
      },
    };
    const messages = [depositOf(4n, 0n, 500n), depositOf(4n, 1n, 60n), depositOf(4n, 2n, 7n)];
    const block = made(messages, "member 1", failing);
    expect(readBalance(block.state, alice.address)).toBe(507n);
    expect(outcomes(block)).toEqual([0n, 33n, 0n]);
    expect(readRootCursor(block.state)).toEqual({ height: 4n, index: 3n });
  });

  it("need a call that takes the place of one that fails: without it that is our mistake", () => {
    const { rules } = environment;
    const broken: ExecutionEnvironment = {
      ...environment,
      rules: {
        ...rules,
        openingCalls: (opening, messages) => {
          const calls = rules.openingCalls(opening, messages);
          assert(calls !== undefined, "no messages can be read");
          return [...calls, ...calls.slice(0, 1)];
        },
      },
    };
    expect(() => made([], "member 1", broken)).toThrow("what opens a block");
  });
});
