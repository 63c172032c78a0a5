// Whatever nodes say, whoever comes and goes and whatever crosses, in whatever order: a height is
// done once and by the rule, no withdrawal is paid twice, and no coin is made or lost.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import { BcsReader } from "#core/bcs/reader.ts";
import { compareBytes, toHex } from "#core/bytes.ts";
import { formatStructTag } from "#core/type-tag.ts";
import { accountNamed } from "../../fixture.ts";
import { alice, arg, bob, type Sent, SUPPLY } from "../../resources/resource-chain.ts";
import { bits, hashOf, statusHash } from "./node-status.ts";
import {
  ABCD,
  doneOf,
  eventsOf,
  FROZEN,
  makeGroup,
  type ParaWorld,
  startParaWorld,
  text,
} from "./para-world.ts";

const COIN_STORE = "0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>";
const ADDRESS_SIZE = 32;
const COIN_SIZE = 8;
const NODES = ABCD.map(accountNamed);
const CANDIDATE = accountNamed("candidate");

/** One chain for all runs: each run has a title of its own. */
let shared: { readonly world: ParaWorld; readonly titles: string[] } | undefined;

function freshTitle(): readonly [ParaWorld, string] {
  if (shared === undefined) {
    const world = startParaWorld([]);
    for (const { address } of [...NODES, CANDIDATE]) world.chain.fund(address, FROZEN * 1_000n);
    shared = { world, titles: [] };
  }
  const { world, titles } = shared;
  const title = `user.p.run-${titles.length}.`;
  titles.push(title);
  makeGroup(world, title, NODES);
  return [world, title];
}

/** Everything in coin stores and in tables of coins, by account or by title. */
function coinsIn({ chain }: ParaWorld): bigint {
  const titles = (shared?.titles ?? []).map((title) => text(title));
  let total = 0n;
  for (const { key, value } of chain.head().state.entries()) {
    const isStore = key.kind === "resource" && formatStructTag(key.type) === COIN_STORE;
    const isPile =
      key.kind === "tableItem" &&
      value.length === COIN_SIZE &&
      (key.key.length === ADDRESS_SIZE ||
        titles.some((title) => compareBytes(title, key.key) === 0));
    if (isStore || isPile) total += new BcsReader(value).u64();
  }
  return total;
}

const anyWord = fc.record({
  by: fc.nat(3),
  height: fc.nat(3),
  variant: fc.constantFrom(0, 0, 0, 1),
});

/** Hundreds of transactions, each executed by a chain. */
const TIMEOUT_MS = 120_000;

describe("words of nodes in any order", { timeout: TIMEOUT_MS }, () => {
  it("finish what the rule finishes, each height once and in order", () => {
    fc.assert(
      fc.property(fc.array(anyWord, { minLength: 8, maxLength: 40 }), (words) => {
        const [world, title] = freshTitle();
        const said = new Map<number, Map<number, string>>();
        let done = -1;
        for (const { by, height, variant } of words) {
          const node = NODES[by] ?? alice;
          const stateHash = hashOf("state", height, variant);
          const status = world.status(height, { title, stateHash });
          const hash = toHex(statusHash(status));
          const sent = world.commit(node, status);
          expect(sent.receipt.status.type).toBe("executed");
          let agreed: string | undefined;
          if (height > done) {
            const votes = said.get(height) ?? new Map<number, string>();
            said.set(height, votes.set(by, hash));
            const all = [...votes.values()];
            const most = all.find((one) => 3 * all.filter((vote) => vote === one).length > 8);
            if (height === done + 1) agreed = most;
          }
          if (agreed !== undefined) done = height;
          const expected = agreed === undefined ? [] : [[BigInt(height), agreed]];
          expect(doneOf(sent).map((event) => [event.height, event.statusHash])).toEqual(expected);
          expect(world.height(title)).toBe(done);
        }
      }),
      { numRuns: 12 },
    );
  });
});

const anyStep = fc.record({
  what: fc.constantFrom("transfer", "withdraw", "agree", "word", "pay", "join", "vote", "leave"),
  by: fc.nat(4),
  on: fc.nat(4),
  units: fc.integer({ min: 1, max: 5_000 }),
  isOk: fc.boolean(),
});
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

/** What a run has seen of its title. */
interface Seen {
  readonly title: string;
  readonly hashes: Uint8Array[];
  readonly done: Map<bigint, string>;
  readonly paid: Set<string>;
}

const EVERYBODY = [...NODES, CANDIDATE];

function take(world: ParaWorld, seen: Seen, step: Step): readonly Sent[] {
  const { title, hashes } = seen;
  const by = EVERYBODY[step.by] ?? alice;
  const subject = EVERYBODY[step.on] ?? bob;
  const amount = arg.u64(step.units);
  const named = hashes[step.units % Math.max(hashes.length, 1)] ?? hashOf("none");
  switch (step.what) {
    case "transfer":
    case "withdraw":
      return [
        world.act(by, `cross_asset::${step.what}`, text(title), arg.address(bob.address), amount),
      ];
    case "agree":
      return agree(world, seen, step);
    case "word": {
      const height = Math.max(world.height(title), 0) + (step.units % 2);
      const change = { title, stateHash: hashOf("word", step.units % 3) };
      return [world.commit(by, world.status(height, change))];
    }
    case "pay":
      return [world.act(by, "cross_asset::pay_owed", arg.bytes(named))];
    case "join":
      return [world.act(by, "node_vote::join", text(title), arg.u64(FROZEN))];
    case "vote": {
      const args = [text(title), arg.address(subject.address), arg.bool(step.isOk)];
      return NODES.map((node) => world.act(node, "node_vote::vote", ...args));
    }
    default:
      return [world.act(by, step.isOk ? "node_vote::quit" : "node_vote::cancel", text(title))];
  }
}

/** All nodes say the same of the next height: some of what is known crossed, with any result. */
function agree(world: ParaWorld, { title, hashes }: Seen, step: Step): readonly Sent[] {
  const named = hashes.filter((_, i) => (i + step.units) % 3 !== 0);
  const height = world.height(title) + 1;
  const status = world.status(height, {
    title,
    crossTxHashes: [...named, ...named.slice(0, 1)],
    crossTxResult: bits([...named, ...named.slice(0, 1)].map((_, i) => (i + step.on) % 4 !== 0)),
  });
  return EVERYBODY.map((node) => world.commit(node, status));
}

function look(seen: Seen, sent: Sent): void {
  for (const name of ["AssetTransfer", "AssetWithdraw"]) {
    for (const reader of eventsOf(sent, `cross_asset::${name}`)) seen.hashes.push(reader.bytes());
  }
  for (const { height, statusHash: hash, totalNodes, mostSame } of doneOf(sent)) {
    expect(seen.done.has(height)).toBe(false);
    expect(height).toBe(BigInt(seen.done.size));
    expect(3n * mostSame > 2n * totalNodes).toBe(true);
    seen.done.set(height, hash);
  }
  for (const reader of eventsOf(sent, "cross_asset::AssetSettled")) {
    const hash = toHex(reader.bytes());
    reader.string();
    reader.u64();
    reader.u8();
    // Owed is a promise; everything else ends an action.
    if (reader.u8() === 4) continue;
    expect(seen.paid.has(hash)).toBe(false);
    seen.paid.add(hash);
  }
}

function frozenByRows(world: ParaWorld, title: string): bigint {
  return EVERYBODY.reduce((sum, { address }: AccountSigner) => {
    const row = world.view("node_list::get_node", text(title), arg.address(address));
    row.u8();
    return sum + row.u64();
  }, 0n);
}

describe("coins of a parallel chain", { timeout: TIMEOUT_MS }, () => {
  it("are kept to the last unit, and no withdrawal is paid twice", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 6, maxLength: 24 }), (steps) => {
        const [world, title] = freshTitle();
        const seen: Seen = { title, hashes: [], done: new Map(), paid: new Set() };
        for (const step of steps) {
          for (const sent of take(world, seen, step)) look(seen, sent);
          expect(coinsIn(world)).toBe(SUPPLY);
          expect(world.height(title)).toBe(seen.done.size - 1);
          const frozen = world.view("vault::frozen", text(title)).u64();
          expect(frozen).toBe(frozenByRows(world, title));
        }
        const nodes = world.view("node_list::get_nodes", text(title)).vector((r) => r.address());
        expect(nodes.length).toBeGreaterThan(0);
      }),
      { numRuns: 20 },
    );
  });
});
