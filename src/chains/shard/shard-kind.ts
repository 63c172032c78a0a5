/**
 * A shard as a kind of chain: a block is made by a member of the committee, is final as soon as
 * K - C members have precommitted to it, and opens with what the root has told the shard.
 */
import { assert } from "#core/assert.ts";
import { equalBytes, toHex } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import type { ChainKind } from "../chain-kind.ts";
import { contractModules } from "../contract-modules.ts";
import { chainExecutor } from "../core/chain-executor.ts";
import { judgeStep } from "../judge/step-judge.ts";
import { type Block, type BlockOpening, blockHash, isSignedBy } from "../ledger/block.ts";
import type { BlockError, BlockRules, OpeningCall } from "../ledger/block-rules.ts";
import type { ExecutedBlock } from "../ledger/executed-block.ts";
import { finalityAfter } from "../ledger/finality.ts";
import { blockPrologueCall } from "../ledger/framework.ts";
import { type GenesisConfig, genesisConfigHash } from "../ledger/genesis-config.ts";
import { type ChainParameters, shardParameters } from "../ledger/parameters.ts";
import { addressOfKey } from "../ledger/transaction-hash.ts";
import { certifies, decodeCertificate } from "./consensus/certificate.ts";
import { commitEpochCall, endRootBlockCall } from "./contract.ts";
import { messageCalls } from "./root-message.ts";
import { readShardFacts } from "./shard-genesis.ts";
import { readCommittee } from "./shard-state.ts";

/** Blocks from one look at whether the epoch is over to the next. */
const EPOCH_CHECK_BLOCKS = 10n;

/** Blocks that were executed before anybody decided on them; only the newest height's count. */
export interface TriedBlocks {
  get(hash: Hash): ExecutedBlock | undefined;
  add(block: ExecutedBlock): void;
}

export function createTriedBlocks(): TriedBlocks {
  const blocks = new Map<string, ExecutedBlock>();
  return {
    get: (hash) => blocks.get(toHex(hash)),
    add: (block) => {
      const { height } = block.block.header;
      for (const [name, older] of blocks) {
        if (older.block.header.height < height) blocks.delete(name);
      }
      blocks.set(toHex(block.hash), block);
    },
  };
}

/** What the committee's signatures on a shard are bound to. */
export function chainName(config: GenesisConfig): Hash {
  return genesisConfigHash(config);
}

/** @param tried what the node has executed while blocks were decided on. */
export function shardKind(tried: TriedBlocks): ChainKind {
  return {
    environmentOf: (config) => {
      const parameters = shardParameters(config.chainId);
      const rules = shardRules(chainName(config), parameters, tried);
      return { executor: chainExecutor(), parameters, judge: judgeStep, rules };
    },
    placeOf: (config) => {
      assert(config.facts !== undefined, "this node runs shards");
      return { type: "shard", facts: readShardFacts(config) };
    },
    modules: contractModules,
  };
}

function shardRules(chain: Hash, parameters: ChainParameters, tried: TriedBlocks): BlockRules {
  return {
    objectionTo: (parent, block) =>
      objectionToMaker(parent, block) ?? objectionToCertificate(chain, parent, block),
    finalityAfter: (parent, timestampUs) => finalityAfter(parameters, parent, timestampUs),
    openingCalls: (opening, messages) => {
      const calls = messageCalls(messages);
      return calls && [{ call: blockPrologueCall(opening) }, ...calls, ...epochCalls(opening)];
    },
    recall: (block) => {
      const known = tried.get(blockHash(block.header));
      return known !== undefined && isSameBody(known.block, block) ? known : undefined;
    },
  };
}

/** Ends the epoch if its blocks are over, or tells the root again that they are. */
function epochCalls({ height }: BlockOpening): readonly OpeningCall[] {
  if (height % EPOCH_CHECK_BLOCKS !== 0n) return [];
  // Its blocks are not over: the call that takes its place changes nothing.
  return [{ call: commitEpochCall(), otherwise: endRootBlockCall(0n) }];
}

/** Whether a member of the committee has signed the block, whether it is decided or not. */
export function objectionToMaker(parent: ExecutedBlock, block: Block): BlockError | undefined {
  const { height, proposer } = block.header;
  const { keys } = readCommittee(parent.state);
  const maker = keys.find((key) => addressOfKey(key) === proposer);
  if (maker === undefined) {
    return { code: "WRONG_PROPOSER", message: `${proposer} is not in the committee.` };
  }
  if (!isSignedBy(block, maker)) {
    return { code: "WRONG_SIGNATURE", message: `Block ${height} is not signed by its proposer.` };
  }
  return undefined;
}

function objectionToCertificate(
  chain: Hash,
  parent: ExecutedBlock,
  { header, certificate }: Block,
): BlockError | undefined {
  const { height, stateRoot } = header;
  const read = decodeCertificate(certificate);
  const choice = { hash: blockHash(header), stateRoot };
  const committee = readCommittee(parent.state);
  if (read !== undefined && certifies(chain, committee, height, choice, read)) return undefined;
  const message = `Block ${height} has not the signatures of K - C members of the committee.`;
  return { code: "WRONG_CERTIFICATE", message };
}

/** The header commits to what is executed, so bodies that execute to it can only be the same. */
function isSameBody(a: Block, b: Block): boolean {
  const isSame = (one: readonly Uint8Array[], other: readonly Uint8Array[]): boolean =>
    one.length === other.length &&
    one.every((bytes, index) => equalBytes(bytes, other[index] ?? new Uint8Array()));
  return isSame(a.messages, b.messages) && isSame(a.transactions, b.transactions);
}
