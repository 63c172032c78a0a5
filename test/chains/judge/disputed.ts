// A channel of the group chat whose leader signs what a test asks for, and the evidence that a
// follower makes of it.
import { present } from "#core/assert.ts";
import { moduleKey } from "#core/identifier.ts";
import { moduleOf } from "#core/type-tag.ts";
import { contractModules } from "../../../src/chains/contract-modules.ts";
import { judgeStep } from "../../../src/chains/judge/step-judge.ts";
import type { JudgedChannel } from "../../../src/chains/ledger/judge.ts";
import { moduleClosure } from "../../../src/chains/module-closure.ts";
import {
  bundleMessage,
  configuration as configurationCodec,
  encode,
  fraudEvidence as fraudEvidenceCodec,
  makeBundle,
  signedHeader,
} from "../../../src/channel/codec.ts";
import { configurationNamed } from "../../../src/channel/core/configuration.ts";
import { rootOfSteps } from "../../../src/channel/core/execution.ts";
import { fraudEvidence } from "../../../src/channel/core/fraud-proof.ts";
import { findPoint } from "../../../src/channel/core/log.ts";
import { callIn, entryOf } from "../../../src/channel/core/submission.ts";
import type { FraudEvidence } from "../../../src/channel/evidence.ts";
import type { Batch, Step } from "../../../src/channel/messages.ts";
import { altered, calm, orders } from "../../channel/core/handwork.ts";
import { post } from "../../simulation/real-link.ts";
import type { World } from "../../simulation/world.ts";

export interface Disputed {
  readonly world: World;
  /** What n1, who leads, has ordered: posts of n1, cut into steps. */
  readonly batch: Batch;
}

const MODULES = new Map(contractModules().map(({ id, bytes }) => [moduleKey(id), bytes]));

/** n1 orders this many posts of its own, of so many letters, and gives them to nobody. */
export async function dispute(posts: number, letters = 8): Promise<Disputed> {
  const world = await calm(3, { chain: "real", parameters: { bundleCallsMax: 1 } });
  const n1 = world.node("n1");
  for (let index = 0; index < posts; index++) {
    world.call(n1, post(`post ${index}`.padEnd(letters, "x")));
  }
  const entries = n1.running.own.map(({ submission }) => entryOf(submission));
  return { world, batch: orders(n1, entries) };
}

/** {@link dispute} of posts that n1 signed together. */
export async function disputeBundle(posts: number): Promise<Disputed> {
  const world = await calm(3, { chain: "real", parameters: { bundleCallsMax: 1 } });
  const n1 = world.node("n1");
  for (let index = 0; index < posts; index++) world.call(n1, post(`post ${index}`));
  const calls = n1.running.own.map(({ submission }) => present(callIn(submission), "a call"));
  const bundled = makeBundle(calls, (made) => n1.keys.signAsMember(bundleMessage(made)));
  return {
    world,
    batch: orders(
      n1,
      bundled.map((call) => ({ type: "bundled", call })),
    ),
  };
}

/** n1 signs another header over the batch. */
export function resigned({ world, batch }: Disputed, change: Parameters<typeof altered>[2]): Batch {
  return altered(batch, world.node("n1"), change);
}

/** n1 signs other steps, and the header that goes with them. */
export function withSteps(disputed: Disputed, steps: readonly Step[]): Batch {
  const last = present(steps.at(-1), "steps");
  const change = { stepsRoot: rootOfSteps(steps), stateRoot: last.stateRoot };
  return { ...resigned(disputed, change), steps };
}

/** What n2 makes of a batch that n1 signed. */
export function evidenceOf({ world }: Disputed, batch: Batch): FraudEvidence {
  const machine = world.node("n2").running;
  const { log, facts, chain } = machine;
  const { header } = batch.header;
  const parent = present(
    findPoint(log, { number: header.number - 1n, hash: header.previous }),
    "the header before",
  );
  const named = configurationNamed(log, facts.channel, chain.forced, parent, header);
  return fraudEvidence(machine, parent, present(named, "a configuration that may be named"), batch);
}

/** The channel as its chain knows it. */
export function judgedChannel({ world }: Disputed): JudgedChannel {
  const { chain } = world.node("n2").running;
  const root = moduleOf(chain.stateType);
  const closure = moduleClosure(root, (id) => MODULES.get(moduleKey(id)));
  return {
    channel: chain.channel,
    creator: chain.creator,
    stateType: chain.stateType,
    assetType: chain.assetType,
    tickInterval: 0n,
    configuration: encode(configurationCodec, world.status(world.node("n2")).configuration),
    modules: closure.ok ? closure.value : [],
    chainId: 4,
  };
}

/** Places behind the signed header at which a changed byte makes sound evidence prove a fraud. */
export function provingChanges(disputed: Disputed): readonly number[] {
  const evidence = evidenceOf(disputed, disputed.batch);
  const bytes = encode(fraudEvidenceCodec, evidence);
  const signed = 8 + encode(signedHeader, evidence.header).length;
  const channel = judgedChannel(disputed);
  const guilty: number[] = [];
  for (let at = signed; at < bytes.length; at += 61) {
    const changed = bytes.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x11;
    if (judgeStep(channel, changed).type === "fraud") guilty.push(at);
  }
  return guilty;
}
