// Every number with which the shard contracts refuse, and that a refused transaction leaves nothing
// behind but its fee.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import { present } from "#core/assert.ts";
import { arg } from "./call.ts";
import { prevotes, report } from "./double-signing.ts";
import { type LedgerChain, outcomeOf, type Ran, startLedger } from "./ledger-chain.ts";
import {
  alice,
  bob,
  COIN,
  commitOnShard,
  configureArgs,
  confirm,
  confirmAll,
  confirmCommit,
  confirmCommits,
  creator,
  deposit,
  EPOCH_BLOCKS,
  faucet,
  fundOnShard,
  joinAs,
  must,
  node,
  nodes,
  peerArgs,
  retry,
  SETTINGS,
  SHARD,
  SHARDS_FEES,
  type ShardSettings,
  type ShardWorld,
  STAKE,
  SUPPLY,
  startRoot,
  startWorld,
  withdraw,
} from "./shard-world.ts";
import { openToUsers, SMALL, stakeCall, startStakes } from "./stakes.ts";

const FUNDED = 50n * COIN;
const ID = [arg.u64(SHARD)];

function world(): ShardWorld {
  const begun = startWorld();
  fundOnShard(begun, alice, FUNDED);
  return begun;
}

/** A root whose shard 1 is configured and has no peers. */
function configured(settings: ShardSettings = SMALL): LedgerChain {
  const root = startRoot();
  must(mgmt(root, creator, "create_shard"));
  must(mgmt(root, creator, "configure_shard", configureArgs(SHARD, settings)));
  return root;
}

function mgmt(
  root: LedgerChain,
  by: AccountSigner,
  name: string,
  args: readonly Uint8Array[] = [],
): Ran {
  return root.call(by.address, `0x30::shard_mgmt::${name}`, args);
}

function gas(
  on: LedgerChain,
  by: AccountSigner,
  name: string,
  args: readonly Uint8Array[] = [],
): Ran {
  return on.call(by.address, `0x30::shard_gas::${name}`, args);
}

function apply(root: LedgerChain, by: AccountSigner, key = by.publicKey as Uint8Array): Ran {
  const args = [arg.u64(SHARD), arg.bytes(key), arg.address(by.address)];
  return mgmt(root, by, "apply_join", args);
}

function joinWith(root: LedgerChain, by: AccountSigner, peer: AccountSigner, stake: bigint): Ran {
  const args = [...peerArgs(peer), arg.text("/ip4/127.0.0.1"), arg.u64(stake)];
  return mgmt(root, by, "join_shard", args);
}

function configure(changes: Partial<ShardSettings>): Ran {
  const root = startRoot();
  must(mgmt(root, creator, "create_shard"));
  const settings = configureArgs(SHARD, { ...SETTINGS, ...changes });
  return mgmt(root, creator, "configure_shard", settings);
}

function approved(root: LedgerChain, peer: AccountSigner): LedgerChain {
  must(apply(root, peer));
  must(mgmt(root, creator, "approve_join", peerArgs(peer)));
  return root;
}

function full(): LedgerChain {
  const root = configured({ ...SMALL, n: 4 });
  for (const peer of nodes.slice(0, 4)) joinAs(root, peer, STAKE);
  return approved(root, node(4));
}

function closing(): LedgerChain {
  const root = startStakes();
  openToUsers(root, node(0), 10n);
  for (const place of [0, 1]) {
    const at = [arg.u64(SHARD), arg.u64(1n), arg.u64(9n)];
    const said = [arg.bytes(node(place).publicKey), ...at, arg.bytes(new Uint8Array(32))];
    must(gas(root, node(place), "commit_dpos", [...said, arg.u64(0n)]));
  }
  return root;
}

function commitWith(hash: Uint8Array, changes: { readonly epoch?: bigint } = {}): Ran {
  const begun = world();
  begun.shard.blocks(EPOCH_BLOCKS);
  return confirmCommit(begun, node(0), { ...commitOnShard(begun), ...changes }, hash);
}

function paid(): ShardWorld {
  const begun = world();
  confirmAll(begun, [0, 1, 2, 3, 4], withdraw(begun, alice, COIN));
  return begun;
}

const paidRequest = { shardId: SHARD, height: 0n, user: alice.address, withdrawId: 1n };
const HASH = new Uint8Array(32);

/** One way or more into every refusal; where it is refused is part of the outcome. */
const CASES: readonly [number, string, () => Ran][] = [
  [1, "a deposit on a shard", () => gas(world().shard, alice, "deposit_gas", [...ID, arg.u64(1n)])],
  [1, "a withdrawal on the root", () => gas(world().root, alice, "user_withdraw_gas", ID)],
  [1, "a retry on the root", () => gas(world().root, alice, "withdraw_retry", ID)],
  [1, "an end of an epoch on the root", () => gas(world().root, alice, "shard_commit_dpos")],
  [1, "a shard of a shard", () => mgmt(world().shard, alice, "create_shard")],
  [1, "a stake on a shard", () => stakeCall(world().shard, bob.address, "user_stake", node(0), 1n)],
  [1, "the operator on a shard", () => gas(world().shard, faucet, "init")],
  [2, "a shard that cannot be paid", () => mgmt(poor(), bob, "create_shard")],
  [
    2,
    "a deposit of more than there is",
    () => gas(world().root, bob, "deposit_gas", [...ID, arg.u64(SUPPLY)]),
  ],
  [
    2,
    "a withdrawal of more than there is",
    () => gas(world().shard, bob, "user_withdraw_gas", [arg.u64(1n)]),
  ],
  [
    2,
    "a stake that cannot be paid",
    () => joinWith(approved(configured(), node(0)), node(0), node(0), SUPPLY),
  ],
  [
    3,
    "a deposit into no shard",
    () => gas(world().root, bob, "deposit_gas", [arg.u64(9n), arg.u64(1n)]),
  ],
  [
    3,
    "a stake in no shard",
    () =>
      world().root.call(bob.address, "0x30::shard_stake::user_stake", [
        arg.u64(9n),
        arg.bytes(HASH),
        arg.u64(1n),
      ]),
  ],
  [
    4,
    "settings by another",
    () => mgmt(configured(), bob, "configure_shard", configureArgs(SHARD, SMALL)),
  ],
  [4, "a beginning by another", () => mgmt(full(), bob, "activate_shard", ID)],
  [4, "a stop by another", () => mgmt(world().root, bob, "stop_shard", ID)],
  [4, "an end by another", () => gas(world().root, bob, "archive_shard", ID)],
  [4, "an approval by another", () => mgmt(configured(), bob, "approve_join", peerArgs(node(0)))],
  [4, "an exit by another", () => mgmt(world().root, bob, "exit_shard", peerArgs(node(0)))],
  [4, "an opening by another", () => gas(startRoot(), bob, "init")],
  [
    4,
    "an owner's change by another",
    () => stakeCall(startStakes(), bob.address, "change_proportion", node(0), 1n),
  ],
  [
    4,
    "an owner that stakes as a user",
    () => stakeCall(startStakes(), node(0).address, "user_stake", node(0), 1n),
  ],
  [
    4,
    "a payment out of governance by another",
    () =>
      world().root.call(bob.address, "0x30::governance::withdraw", [
        arg.address(bob.address),
        arg.u64(1n),
      ]),
  ],
  [
    4,
    "a join by another than the owner",
    () => joinWith(approved(configured(), node(0)), bob, node(0), STAKE),
  ],
  [
    5,
    "settings of a shard that runs",
    () => mgmt(world().root, creator, "configure_shard", configureArgs(SHARD, SMALL)),
  ],
  [5, "a beginning twice", () => mgmt(world().root, creator, "activate_shard", ID)],
  [5, "an application to a shard without settings", () => apply(unsettled(), node(0))],
  [5, "a stop before the beginning", () => mgmt(configured(), creator, "stop_shard", ID)],
  [5, "an end without a stop", () => gas(world().root, creator, "archive_shard", ID)],
  [
    5,
    "settings after somebody joined",
    () => mgmt(full(), creator, "configure_shard", configureArgs(SHARD, SMALL)),
  ],
  [6, "a committee with more faults than it bears", () => configure({ k: 7, c: 3 })],
  [6, "a committee below the network's least", () => configure({ n: 3, k: 3, c: 1, l: 48 })],
  [6, "no committee", () => configure({ k: 0, c: 0, l: 0 })],
  [6, "more seats than peers", () => configure({ n: 6 })],
  [6, "more peers than an epoch's end can look at", () => configure({ n: 101 })],
  [6, "a position table that is too short", () => configure({ l: 105 })],
  [6, "a position table that does not divide", () => configure({ l: 113 })],
  [6, "an impatient block delay", () => configure({ blockMs: 4_999 })],
  [6, "an impatient hash delay", () => configure({ hashMs: 4_999 })],
  [6, "an impatient handshake", () => configure({ handshakeSecs: 9 })],
  [6, "too small a stake", () => configure({ stake: 9_999n })],
  [6, "an epoch of no blocks", () => configure({ epochBlocks: 0 })],
  [6, "a price without a limit", () => configure({ gasPrice: 1n })],
  [
    6,
    "a network address that is too long",
    () => {
      const root = approved(configured(), node(0));
      const args = [...peerArgs(node(0)), arg.text("a".repeat(257)), arg.u64(STAKE)];
      return mgmt(root, node(0), "join_shard", args);
    },
  ],
  [7, "an application in another node's name", () => apply(configured(), bob, node(0).publicKey)],
  [7, "a key of the wrong length", () => apply(configured(), bob, new Uint8Array(33))],
  [8, "an application after approval", () => apply(approved(configured(), node(0)), node(0))],
  [
    9,
    "an approval of who did not apply",
    () => mgmt(configured(), creator, "approve_join", [...peerArgs(node(0))]),
  ],
  [9, "a join without approval", () => joinWith(applied(), node(0), node(0), STAKE)],
  [9, "an exit of no peer", () => mgmt(configured(), bob, "exit_shard", peerArgs(node(0)))],
  [9, "a stake for no peer", () => stakeCall(startStakes(), bob.address, "user_stake", bob, 1n)],
  [
    10,
    "a stake while an epoch is closed",
    () => stakeCall(closing(), bob.address, "user_stake", node(0), 1n),
  ],
  [
    11,
    "a join with too little",
    () => joinWith(approved(configured(), node(0)), node(0), node(0), STAKE - 1n),
  ],
  [12, "a join where all places are taken", () => joinWith(full(), node(4), node(4), STAKE)],
  [
    12,
    "more of users than the owner takes",
    () => stakeCall(startStakes(), bob.address, "user_stake", node(0), 1n),
  ],
  [12, "a shard more than there are chain ids", () => mgmt(crowded(), creator, "create_shard")],
  [13, "a beginning with too few", () => mgmt(configured(), creator, "activate_shard", ID)],
  [
    14,
    "an exit twice",
    () => {
      const { root } = world();
      must(mgmt(root, node(8), "exit_shard", peerArgs(node(8))));
      return mgmt(root, node(8), "exit_shard", peerArgs(node(8)));
    },
  ],
  [
    15,
    "an exit that leaves a seat empty",
    () => {
      const { root } = world();
      for (const place of [0, 1])
        must(mgmt(root, node(place), "exit_shard", peerArgs(node(place))));
      return mgmt(root, node(2), "exit_shard", peerArgs(node(2)));
    },
  ],
  [
    16,
    "an end with coins left",
    () => {
      const { root } = world();
      must(mgmt(root, creator, "stop_shard", ID));
      return gas(root, creator, "archive_shard", ID);
    },
  ],
  [17, "an opening twice", () => gas(startRoot(), faucet, "init")],
  [
    17,
    "a deposit before the opening",
    () =>
      gas(startLedger(4, faucet.address, { type: "root" }), faucet, "deposit_gas", [
        ...ID,
        arg.u64(1n),
      ]),
  ],
  [18, "a deposit of nothing", () => gas(world().root, bob, "deposit_gas", [...ID, arg.u64(0n)])],
  [
    18,
    "a deposit of more than can exist",
    () => gas(world().root, bob, "deposit_gas", [...ID, arg.u64(SUPPLY + 1n)]),
  ],
  [
    18,
    "a withdrawal of nothing",
    () => gas(world().shard, alice, "user_withdraw_gas", [arg.u64(0n)]),
  ],
  [
    18,
    "a confirmation of nothing",
    () => confirm(world(), node(0), { ...paidRequest, amount: 0n }),
  ],
  [
    18,
    "a confirmation without an id",
    () =>
      confirm(world(), node(0), {
        ...paidRequest,
        withdrawId: 0n,
        amount: 1n,
      }),
  ],
  ...["user_stake", "unfreeze_stake", "withdraw_stake", "add_init_pos", "reduce_init_pos"].map(
    (name): [number, string, () => Ran] => [
      18,
      `${name} of nothing`,
      () => stakeCall(startStakes(), node(0).address, name, node(0), 0n),
    ],
  ),
  [
    19,
    "a confirmation by a candidate",
    () =>
      confirm(world(), node(7), {
        ...paidRequest,
        amount: 1n,
      }),
  ],
  [
    20,
    "a withdrawal of more than the root holds",
    () => {
      const begun = world();
      const lie = { ...paidRequest, amount: FUNDED + 1n };
      confirmAll(begun, [0, 1, 2, 3], lie);
      return confirm(begun, node(4), lie);
    },
  ],
  [
    21,
    "another amount for what was paid",
    () =>
      confirm(paid(), node(5), {
        ...paidRequest,
        amount: 2n * COIN,
      }),
  ],
  [22, "an epoch to come", () => commitWith(HASH, { epoch: 2n })],
  [23, "a hash that is none", () => commitWith(new Uint8Array(31))],
  [
    24,
    "more off a stake than is on it",
    () => stakeCall(staked(), bob.address, "unfreeze_stake", node(0), 6n),
  ],
  [
    24,
    "a withdrawal of what is not free",
    () => stakeCall(staked(), bob.address, "withdraw_stake", node(0), 1n),
  ],
  [
    24,
    "a claim by who never staked",
    () => startStakes().call(bob.address, "0x30::shard_stake::withdraw_fee", peerArgs(node(0))),
  ],
  [
    24,
    "a payment of what is not owed",
    () => startStakes().call(bob.address, "0x30::shard_stake::withdraw_ong", []),
  ],
  [
    25,
    "more than all for users",
    () => stakeCall(startStakes(), node(0).address, "change_proportion", node(0), 101n),
  ],
  [
    26,
    "a withdrawal too many",
    () => {
      const { shard } = world();
      const one = [arg.u64(1n)];
      for (let id = 1; id <= 128; id++) must(gas(shard, alice, "user_withdraw_gas", one));
      return gas(shard, alice, "user_withdraw_gas", one);
    },
  ],
  [27, "a retry of what never was", () => retry(world(), alice, 1n)],
  [28, "the end of an epoch that goes on", () => gas(world().shard, bob, "shard_commit_dpos")],
  [
    35,
    "a deposit that was made before",
    () => {
      const { root } = world();
      const once = [...ID, arg.u64(COIN), arg.u64(0n)];
      must(gas(root, bob, "deposit_gas_once", once));
      return gas(root, bob, "deposit_gas_once", once);
    },
  ],
  [
    36,
    "evidence of one vote twice",
    () => {
      const { root, evidence } = signedTwice();
      return report(root, { ...evidence, second: evidence.first });
    },
  ],
  [
    37,
    "evidence against who has not signed it",
    () => {
      const { root, evidence } = signedTwice();
      return report(root, { ...evidence, key: node(1).publicKey });
    },
  ],
  [
    38,
    "the owner of a peer that was punished",
    () => {
      const { root, evidence } = signedTwice();
      must(report(root, evidence));
      return stakeCall(root, node(0).address, "add_init_pos", node(0), COIN);
    },
  ],
];

function signedTwice() {
  const root = startStakes();
  root.blocks(1);
  return { root, evidence: prevotes(root, 0) };
}

function poor(): LedgerChain {
  const root = startRoot();
  const all = root.balance(bob.address) - 99n * COIN;
  const args = [arg.address(alice.address), arg.u64(all)];
  must(root.call(bob.address, "0x1::aptos_account::transfer", args));
  return root;
}

/** A root with as many shards as have chain ids. */
function crowded(): LedgerChain {
  const root = startRoot();
  for (let id = 1; id <= 89; id++) must(mgmt(root, creator, "create_shard"));
  return root;
}

function unsettled(): LedgerChain {
  const root = startRoot();
  must(mgmt(root, creator, "create_shard"));
  return root;
}

function applied(): LedgerChain {
  const root = configured();
  must(apply(root, node(0)));
  return root;
}

function staked(): LedgerChain {
  const root = startStakes();
  openToUsers(root, node(0), 10n);
  must(stakeCall(root, bob.address, "user_stake", node(0), 5n));
  return root;
}

function codesOfPackage(): readonly number[] {
  const path = "../../../../src/chains/contracts/shard/sources/errors.move";
  const source = readFileSync(join(import.meta.dirname, path), "utf8");
  return [...source.matchAll(/\{ (\d+) \}/g)].map(([, code]) => Number(code));
}

describe("the shard contracts refuse", () => {
  it.each(CASES)("with %i: %s", (code, _, run) => {
    expect(outcomeOf(run())).toMatch(new RegExp(`^0x30::[a-z_]+ ${code}$`));
  });

  it("with 34: a shard whose supply is in other hands", () => {
    const facts = { shardId: SHARD, epochBlocks: 5n, k: 4, c: 1, peers: [] };
    const begin = () => startLedger(11, faucet.address, { type: "shard", facts });
    expect(begin).toThrow(/34/);
  });

  it("with these numbers and no others, but for what becomes of messages", () => {
    // 29 to 33 are outcomes of messages: see there.
    const tested = new Set([...CASES.map(([code]) => code), 29, 30, 31, 32, 33, 34]);
    expect([...tested].sort((a, b) => a - b)).toEqual(codesOfPackage());
  });

  it("and keep nothing of what was refused but its fee", () => {
    const begun = paid();
    const { root, shard } = begun;
    deposit(begun, bob, COIN);
    // The shard's figures but for its fees, which a refused transaction pays as any other.
    const figures = () => {
      const ofRoot = root.viewBytes("0x30::shard_gas::get_root_figures", ...ID);
      const reader = shard.view("0x30::shard_gas::get_shard_figures");
      const [supply, pool, _fees] = [reader.u128(), reader.u64(), reader.u64()];
      return { ofRoot, supply, pool, rest: [reader.u128(), reader.u128(), reader.u128()] };
    };
    const refused = (on: LedgerChain, by: AccountSigner, name: string, args: Uint8Array[]) => {
      const before = on.balance(by.address);
      const [old, sent] = [figures(), on.sent().length];
      const receipt = on.act(by, name, args);
      expect(receipt.status.type).toBe("aborted");
      expect(on.sent().length).toBe(sent);
      expect(on.balance(by.address)).toBe(before - receipt.gasUsed);
      expect(figures()).toEqual(old);
    };
    refused(root, alice, "0x30::shard_gas::deposit_gas", [arg.u64(2n), arg.u64(COIN)]);
    const lie = [
      arg.bytes(node(5).publicKey),
      arg.address(alice.address),
      arg.u64(SHARD),
      arg.u64(2n * COIN),
      arg.u64(1n),
    ];
    refused(root, node(5), "0x30::shard_gas::peer_confirm_withdraw", lie);
    refused(shard, alice, "0x30::shard_gas::user_withdraw_gas", [arg.u64(SUPPLY)]);
    refused(shard, alice, "0x30::shard_gas::withdraw_retry", [arg.u64(7n)]);
  });

  it("the fees of one shard before those of another are touched", () => {
    const begun = world();
    begun.shard.blocks(EPOCH_BLOCKS);
    const commit = { ...commitOnShard(begun), fee: FUNDED + 1n };
    confirmCommits(begun, [0, 1, 2, 3], commit);
    expect(outcomeOf(confirmCommit(begun, node(4), commit))).toBe("0x30::custody 20");
    const pool = begun.shard.view("0x1::transaction_fee::pool_balance", arg.address(SHARDS_FEES));
    expect(pool.u64()).toBe(0n);
    expect(present(begun.root.sent().at(-1), "a message").message.eventType).not.toBe(1);
  });
});
