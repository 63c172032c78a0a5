/**
 * The chain's judge: runs the disputed step again over the values that the evidence opens, in both
 * executors, and says what it finds only where they agree. This is the one place in which a chain
 * knows the channel's rules, and it has them from the channel itself: the function by which a
 * leader makes a step is the one that judges it, so that no honest leader is out of step with it.
 */
import {
  BATCH_GAS_MAX,
  type ChannelSandbox,
  configuration as configurationCodec,
  createChannelExecutor,
  decode,
  type FraudEvidence,
  fraudEvidence,
  type Judgement,
  judge,
  refOfHeader,
  voidedBy,
} from "#channel";
import { assert, present } from "#core/assert.ts";
import { BcsError } from "#core/bcs/reader.ts";
import { verifyEd25519 } from "#core/ed25519.ts";
import type { ChangeSet, StateKey } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import { parseIdentifier } from "#core/identifier.ts";
import { moduleOf } from "#core/type-tag.ts";
import {
  channelProfile,
  createCompiler,
  createInterpreter,
  type ExecutionProfile,
  type Executor,
  openProvenState,
  type ProvenState,
  pinnedModules,
  StateError,
  type StateStore,
} from "#sandbox";
import {
  type Finding,
  JUDGING_GAS_MAX,
  type Judge,
  type JudgedChannel,
  type Verdict,
} from "../ledger/judge.ts";

assert(BATCH_GAS_MAX <= JUDGING_GAS_MAX, "every step of a channel can be judged");

const ON_TICK = present(parseIdentifier("on_tick"), "a name");

/**
 * Judges evidence (channel SPEC.md, FraudEvidence) against what the chain knows of the channel.
 * @param engines all of which must agree.
 */
export function createJudge(engines: readonly Engine[]): Judge {
  return (channel, evidence) => judgeStepBy(engines, channel, evidence);
}

export type Engine = (profile: ExecutionProfile) => Executor;

/** The chain's judge: by the reference interpreter and by compiled code. */
export const judgeStep: Judge = createJudge([createInterpreter, createCompiler]);

function judgeStepBy(
  engines: readonly Engine[],
  channel: JudgedChannel,
  evidence: Uint8Array,
): Verdict {
  const decoded = decodeEvidence(evidence);
  if (decoded === undefined)
    return { type: "unfit", detail: "the evidence cannot be read", gas: 0n };
  const profile = channelProfile(pinnedModules(channel.modules));
  const found = engines.map((engine) => judgeBy(engine(profile), channel, decoded));
  const [one] = found;
  const finding = agreed(decoded, found);
  // Who is right pays what it took; otherwise what it might have taken, lest it be for nothing.
  const isClear = finding.type === "fraud" || finding.type === "sound";
  const spent = one !== undefined && "gas" in one ? (one.gas ?? 0n) : 0n;
  const gas = isClear ? spent : JUDGING_GAS_MAX;
  return { ...finding, gas };
}

function agreed(evidence: FraudEvidence, [one, ...others]: readonly Judgement[]): Finding {
  if (one === undefined || others.some(({ type }) => type !== one.type)) {
    return { type: "declined", detail: "the executors disagree" };
  }
  if (one.type === "fraud") return consequences(evidence, one.detail);
  return one.type === "sound" ? { type: "sound" } : one;
}

function consequences(evidence: FraudEvidence, detail: string): Finding {
  const voided = voidedBy(evidence);
  if (voided === undefined) return { type: "unfit", detail: "a header that does not build on it" };
  const { parent } = evidence;
  if (parent === undefined) return { type: "fraud", detail, voided, parent: undefined };
  const { epoch, number, hash } = refOfHeader(parent);
  return { type: "fraud", detail, voided, parent: { ...epoch, number, hash } };
}

function decodeEvidence(bytes: Uint8Array): FraudEvidence | undefined {
  try {
    return decode(fraudEvidence, bytes);
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}

function judgeBy(executor: Executor, channel: JudgedChannel, evidence: FraudEvidence): Judgement {
  const { creator, assetType, tickInterval } = channel;
  const tick = tickInterval === 0n ? undefined : { start: 0n, interval: tickInterval };
  const settings = { disputeWindow: 0n, removalWindow: 0n, tick };
  const facts = { channel: channel.channel, creator, assetType, settings };
  const opened = new OpenedState();
  const open = (root: Hash) => {
    const state = opened.open(root, evidence);
    if (state === undefined) return undefined;
    const sandbox = sandboxOver(executor, channel, state);
    const verify = (message: Uint8Array, signature: Uint8Array, key: Uint8Array) =>
      verifyEd25519(message, signature, key);
    return { executor: createChannelExecutor(sandbox), verify };
  };
  try {
    const judgement = judge(
      facts,
      evidence,
      decode(configurationCodec, channel.configuration),
      open,
    );
    return opened.wasLeft ? NOT_OPEN : judgement;
  } catch (error) {
    // States that no honest step leads to break what the channel's code relies on.
    if (opened.wasLeft) return NOT_OPEN;
    return { type: "unfit", detail: error instanceof Error ? error.message : String(error) };
  }
}

const NOT_OPEN: Judgement = { type: "unfit", detail: "the step looks at what is not opened" };

/** The values that evidence opens; remembers whether anything else was looked at. */
class OpenedState {
  wasLeft = false;

  open(root: Hash, { proof, touched }: FraudEvidence): StateStore | undefined {
    const values = touched.map(({ key, value }) => ({ key, value }));
    const proven = openProvenState(root, proof, values);
    return proven.ok ? this.#watched(proven.value) : undefined;
  }

  #watched(state: ProvenState): StateStore {
    const watch = <T>(look: () => T): T => {
      try {
        return look();
      } catch (error) {
        if (error instanceof StateError) this.wasLeft = true;
        throw error;
      }
    };
    return {
      get: (key: StateKey) => watch(() => state.get(key)),
      apply: (changes: ChangeSet) => watch(() => state.apply(changes)),
      root: () => state.root(),
    };
  }
}

interface OneState extends StateStore {
  fork(): OneState;
}

/** What one step needs of a sandbox: it never goes back, and nobody fetches a snapshot of it. */
function sandboxOver(
  executor: Executor,
  { stateType, chainId }: JudgedChannel,
  state: StateStore,
): ChannelSandbox<OneState> {
  const never = (): never => {
    assert(false, "a step is judged in one go");
  };
  const one: OneState = { ...state, fork: never };
  return {
    executor,
    chainId,
    onTick: { module: moduleOf(stateType), name: ON_TICK },
    createState: () => one,
    prove: never,
    snapshot: never,
    restore: never,
  };
}
