// Works a core by hand: inputs straight into a machine, its effects looked at instead of carried
// out, and messages that nobody honest would have signed.
import { assert, present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import type { ChainChannel } from "../../../src/channel/chain-view.ts";
import {
  ackMessage,
  callMessage,
  decode,
  decodeMessage,
  encodeMessage,
  headerMessage,
  refOfConfiguration,
  refOfHeader,
} from "../../../src/channel/codec.ts";
import { learnCertificate } from "../../../src/channel/core/certificates.ts";
import type { Effect, EffectOf, Notice } from "../../../src/channel/core/effect.ts";
import { tipOf } from "../../../src/channel/core/log.ts";
import { step } from "../../../src/channel/core/machine.ts";
import { ownMember } from "../../../src/channel/core/members.ts";
import { order } from "../../../src/channel/core/ordering.ts";
import { nextNonce } from "../../../src/channel/core/pool.ts";
import { type JournalEntry, journalEntry } from "../../../src/channel/core/records.ts";
import type { Message, MessageOf, MessageType } from "../../../src/channel/messages/wire.ts";
import type {
  Batch,
  Call,
  Certificate,
  Configuration,
  Entry,
  Header,
  HeaderRef,
} from "../../../src/channel/messages.ts";
import { toyFunction } from "../../simulation/model-link.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import { World, type WorldOptions } from "../../simulation/world.ts";
import { u64 } from "../toy-executor.ts";

/** A channel of n1 to n<count>, led by n1, in which nothing is under way. */
export async function calm(count: number, options: Partial<WorldOptions> = {}): Promise<World> {
  const world = await World.begin({ seed: 7, ...options });
  await world.gather(count);
  await world.run(3_000);
  const tips = world.nodes.map((node) => tipOf(node.running.log).ref.number);
  assert(new Set(tips).size === 1, "all hold the same log");
  assert(world.status(world.node("n1")).phase === "leading", "the creator leads");
  return world;
}

export function tipNumber(node: SimNode): bigint {
  return tipOf(node.running.log).ref.number;
}

/** Hands in a client's wish for a call; nothing that the machine asks for is carried out. */
export function propose(world: World, node: SimNode, request: number): readonly Effect[] {
  return step(node.running, {
    type: "propose",
    request,
    function: toyFunction("note"),
    typeArgs: [],
    args: [utf8(`call ${request}`)],
    now: world.clock.now,
  });
}

/** Puts a message into a node's machine; nothing that the machine asks for is carried out. */
export function hand(
  world: World,
  node: SimNode,
  from: SimNode,
  message: Message,
): readonly Effect[] {
  const bytes = encodeMessage(message);
  return step(node.running, { type: "message", from: from.peer, bytes, now: world.clock.now });
}

export function handBatch(
  world: World,
  node: SimNode,
  batch: Batch,
  from: SimNode = world.node("n1"),
): readonly Effect[] {
  return hand(world, node, from, { type: "batch", batch });
}

/** An answer to what a node asked this peer for, just now. */
export function handAnswer(
  world: World,
  node: SimNode,
  from: SimNode,
  answer: MessageOf<"syncResponse">,
): readonly Effect[] {
  node.running.sync.awaited.set(from.peer, node.running.now);
  return hand(world, node, from, answer);
}

/** Shows a machine the chain with something changed. */
export function show(
  world: World,
  node: SimNode,
  change: Partial<ChainChannel>,
): readonly Effect[] {
  const channel = { ...node.running.chain, ...change };
  return step(node.running, { type: "chain", channel, now: world.clock.now });
}

/** A tick, `ms` later by the node's own clock. */
export function tickAfter(node: SimNode, ms: number): readonly Effect[] {
  const { machine } = node;
  const now = present(machine, "a node that runs").now + BigInt(ms);
  return step(node.running, { type: "tick", now });
}

/** What a leader orders next, without giving it to anybody. */
export function orders(leader: SimNode, entries: readonly Entry[] = []): Batch {
  const result = order(leader.running, entries, []);
  assert(result.ok, "the leader may order");
  return result.value.batch;
}

/** Another header over the same batch, signed by `signer`. */
export function altered(batch: Batch, signer: SimNode, change: Partial<Header>): Batch {
  const header = { ...batch.header.header, ...change };
  const signature = signer.keys.signAsNode(headerMessage(header));
  return { ...batch, header: { header, signature } };
}

/** Acks of these nodes on a header. */
export function certificateOf(
  world: World,
  configuration: Configuration,
  header: HeaderRef,
  signers: readonly SimNode[],
): Certificate {
  const { channel } = world.node("n1").running.facts;
  const ack = { channel, configuration: refOfConfiguration(channel, configuration), header };
  const signatures = signers.map(({ keys, running }) => {
    const member = running.chain.members.find(({ nodeKey }) => nodeKey === keys.nodeKey);
    const { seat } = present(member, "a member");
    return { seat, signature: keys.signAsNode(ackMessage(ack)) };
  });
  return { ack, signatures };
}

/** The acks of all nodes on a batch under the present configuration. */
export function certified(world: World, batch: Batch): Certificate {
  const { configuration } = world.status(world.node("n1"));
  return certificateOf(world, configuration, refOfHeader(batch.header.header), world.nodes);
}

export function sent<Type extends MessageType>(
  effects: readonly Effect[],
  type: Type,
): readonly MessageOf<Type>[] {
  return effects.flatMap((effect) => {
    if (effect.type !== "send") return [];
    const decoded = decodeMessage(effect.bytes);
    assert(decoded.ok, "a node sends what can be read");
    const message: Message = decoded.value;
    return message.type === type ? [message as MessageOf<Type>] : [];
  });
}

export function sendOf(effects: readonly Effect[], type: MessageType): EffectOf<"send"> {
  const found = effects.find((effect) => effect.type === "send" && sent([effect], type).length > 0);
  assert(found?.type === "send", `a ${type} was sent`);
  return found;
}

export function notices<Type extends Notice["type"]>(
  effects: readonly Effect[],
  type: Type,
): readonly Extract<Notice, { readonly type: Type }>[] {
  return effects.flatMap((effect) =>
    effect.type === "notify" && effect.notice.type === type
      ? [effect.notice as Extract<Notice, { readonly type: Type }>]
      : [],
  );
}

/** Details of the errors that a machine told its client. */
export function complaints(effects: readonly Effect[]): readonly string[] {
  return notices(effects, "error").map(({ error }) => `${error.name}: ${error.detail}`);
}

type CommandType = EffectOf<"submit">["command"]["type"];
export type CommandOf<Type extends CommandType> = Extract<
  EffectOf<"submit">["command"],
  { readonly type: Type }
>;

export function commands<Type extends CommandType>(
  effects: readonly Effect[],
  type: Type,
): readonly CommandOf<Type>[] {
  return effects.flatMap((effect) =>
    effect.type === "submit" && effect.command.type === type
      ? [effect.command as CommandOf<Type>]
      : [],
  );
}

export interface Written {
  readonly sequence: number;
  readonly entry: JournalEntry;
}

export function written(effects: readonly Effect[]): readonly Written[] {
  return effects.flatMap((effect) =>
    effect.type === "persist"
      ? [{ sequence: effect.record.sequence, entry: decode(journalEntry, effect.record.bytes) }]
      : [],
  );
}

/** How the machine ends a command that it gave: answered, and forgotten after a while. */
export function answer(node: SimNode, effects: readonly Effect[]): void {
  for (const effect of effects) {
    if (effect.type !== "submit") continue;
    const { now } = node.running;
    step(node.running, { type: "commandResult", id: effect.id, result: { ok: true }, now });
  }
}

export interface Cast {
  readonly world: World;
  readonly n1: SimNode;
  readonly n2: SimNode;
  readonly n3: SimNode;
}

export async function three(): Promise<Cast> {
  const world = await calm(3);
  return { world, n1: world.node("n1"), n2: world.node("n2"), n3: world.node("n3") };
}

/** The first header of n3's term, after the view changes of all. */
export function takeOver({ world, n1, n2, n3 }: Cast): Batch {
  const change = { term: n3.running.chain.term + 1n, leader: 3n };
  show(world, n3, change);
  const opened: Effect[] = [];
  for (const node of [n1, n2]) {
    const [own] = sent(show(world, node, change), "viewChange");
    opened.push(...hand(world, n3, node, present(own, "a view change")));
  }
  return present(sent(opened, "batch")[0], "n3 opens its epoch").batch;
}

/** One more header, certified by all, at the leader. */
export function ordersCertified(
  { world, n1 }: Pick<Cast, "world" | "n1">,
  entries: readonly Entry[] = [],
): Batch {
  const batch = orders(n1, entries);
  learnCertificate(n1.running, certified(world, batch));
  return batch;
}

/** A call of a node's own making, with the nonce that comes `ahead` of its next. */
export function noteOf(node: SimNode, text: Uint8Array, ahead = 0): Entry {
  return callOf(node, "note", [text], ahead);
}

/** A page of the bank's book written anew, for changes of any size. */
export function pageOf(node: SimNode, page: bigint, text: Uint8Array, ahead = 0): Entry {
  return callOf(node, "page", [u64(page), text], ahead);
}

function callOf(node: SimNode, name: string, args: readonly Uint8Array[], ahead: number): Entry {
  const { running: machine, keys } = node;
  const { seat } = present(ownMember(machine), "a member");
  const call: Call = {
    channel: machine.facts.channel,
    seat,
    nonce: nextNonce(machine, seat) + BigInt(ahead),
    function: toyFunction(name),
    typeArgs: [],
    args,
    maxGas: 1_000n,
    expiry: 1_000_000n,
  };
  return { type: "call", call: { call, signature: keys.signAsMember(callMessage(call)) } };
}

/** Has the chain settle what is confirmed. */
export async function settle(world: World): Promise<void> {
  const { index } = world.chain.view().settled;
  world.ask(world.node("n1"), "settle");
  await world.until("settled", () =>
    world.nodes.every(({ running }) => running.chain.settled.index > index),
  );
  await world.run(1_000);
}
