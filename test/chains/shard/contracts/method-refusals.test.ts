// Every number with which the page says that an entry function of the shard contracts refuses,
// function by function.
import { describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import type { Evidence } from "../../../../src/chains/shard/consensus/evidence.ts";
import { type MethodCode, refusalsOnPage } from "../../contracts-page.ts";
import { arg } from "./call.ts";
import { ONE, OTHER, placeIn, prevotes, proposals, report } from "./double-signing.ts";
import { type LedgerChain, outcomeOf, type Ran, startLedger } from "./ledger-chain.ts";
import {
  alice,
  bob,
  COIN,
  configureArgs,
  creator,
  FUNDS,
  faucet,
  fundOnShard,
  joinAs,
  must,
  node,
  nodes,
  SHARD,
  STAKE,
  SUPPLY,
  startRoot,
  startWorld,
} from "./shard-world.ts";
import { endView, openToUsers, SMALL, startStakes } from "./stakes.ts";

/** What calls differ in. */
interface Terms {
  readonly shard: bigint;
  readonly peer: AccountSigner;
  readonly amount: bigint;
}

const USUAL: Terms = { shard: SHARD, peer: node(0), amount: 1n };
const HASH = new Uint8Array(32);
const NO_ROUND = new Uint8Array([0]);

const peerOf = ({ shard, peer }: Terms) => [arg.u64(shard), arg.bytes(peer.publicKey)];
const stakeOf = (terms: Terms) => [...peerOf(terms), arg.u64(terms.amount)];
const shardOf = ({ shard }: Terms) => [arg.u64(shard)];
const nothing = () => [];

function evidenceOf(terms: Terms, kind: readonly Uint8Array[], rounds: readonly Uint8Array[]) {
  const { shard, peer } = terms;
  const place = [arg.u64(1n), arg.bytes(peer.publicKey), arg.u64(5n), arg.u32(2)];
  const said = [arg.bytes(new Uint8Array(64)), arg.bytes(new Uint8Array())];
  return [
    arg.u64(shard),
    ...place,
    ...kind,
    ...said.flatMap((bytes) => [bytes, ...rounds, arg.bytes(new Uint8Array(64))]),
  ];
}

/** Arguments that fit in type, and unless it is said otherwise in meaning. */
const ON_ROOT: Record<string, (terms: Terms) => readonly Uint8Array[]> = {
  "shard_mgmt::create_shard": nothing,
  "shard_mgmt::configure_shard": ({ shard }) => configureArgs(shard, SMALL),
  "shard_mgmt::apply_join": (terms) => [...peerOf(terms), arg.address(terms.peer.address)],
  "shard_mgmt::approve_join": peerOf,
  "shard_mgmt::join_shard": (terms) => [
    ...peerOf(terms),
    arg.text("/ip4/127.0.0.1"),
    arg.u64(terms.amount),
  ],
  "shard_mgmt::activate_shard": shardOf,
  "shard_mgmt::exit_shard": peerOf,
  "shard_mgmt::stop_shard": shardOf,
  "shard_gas::archive_shard": shardOf,
  "shard_gas::init": nothing,
  "shard_gas::deposit_gas": (terms) => [...shardOf(terms), arg.u64(terms.amount)],
  "shard_gas::deposit_gas_once": (terms) => [...shardOf(terms), arg.u64(terms.amount), arg.u64(0n)],
  "shard_gas::peer_confirm_withdraw": ({ shard, peer, amount }) => [
    arg.bytes(peer.publicKey),
    arg.address(alice.address),
    ...[shard, amount, 1n].map(arg.u64),
  ],
  "shard_gas::commit_dpos": (terms) => committing(terms),
  "double_sign::report_votes": (terms) => evidenceOf(terms, [arg.u8(0)], []),
  "double_sign::report_proposals": (terms) => evidenceOf(terms, [], [NO_ROUND]),
  "shard_stake::add_init_pos": stakeOf,
  "shard_stake::reduce_init_pos": stakeOf,
  "shard_stake::user_stake": stakeOf,
  "shard_stake::unfreeze_stake": stakeOf,
  "shard_stake::withdraw_stake": stakeOf,
  "shard_stake::withdraw_fee": peerOf,
  "shard_stake::withdraw_ong": nothing,
  "shard_stake::change_max_authorization": stakeOf,
  "shard_stake::change_proportion": stakeOf,
  "governance::withdraw": ({ amount }) => [arg.address(bob.address), arg.u64(amount)],
  "governance::change_operator": () => [arg.address(bob.address)],
};

const ON_SHARD: Record<string, (terms: Terms) => readonly Uint8Array[]> = {
  "shard_gas::user_withdraw_gas": ({ amount }) => [arg.u64(amount)],
  "shard_gas::withdraw_retry": () => [arg.u64(1n)],
  "shard_gas::shard_commit_dpos": nothing,
};

function committing({ shard, peer, amount }: Terms, epoch = 1n, hash = HASH) {
  const at = [shard, epoch, 10n].map(arg.u64);
  return [arg.bytes(peer.publicKey), ...at, arg.bytes(hash), arg.u64(amount)];
}

function call(
  chain: LedgerChain,
  by: AccountSigner,
  name: string,
  changes: Partial<Terms> = {},
): Ran {
  const terms = { ...USUAL, ...changes };
  const args = ON_ROOT[name] ?? ON_SHARD[name];
  if (args === undefined) throw new Error(`no function of the page: ${name}`);
  return chain.call(by.address, `0x30::${name}`, args(terms));
}

function unconfigured(): LedgerChain {
  const root = startRoot();
  must(call(root, creator, "shard_mgmt::create_shard"));
  return root;
}

/** A shard that takes peers, and has so many. */
function open(peers = 0): LedgerChain {
  const root = unconfigured();
  must(call(root, creator, "shard_mgmt::configure_shard"));
  for (const peer of nodes.slice(0, peers)) joinAs(root, peer, STAKE);
  return root;
}

function approved(root: LedgerChain, peer: AccountSigner): LedgerChain {
  must(call(root, peer, "shard_mgmt::apply_join", { peer }));
  must(call(root, creator, "shard_mgmt::approve_join", { peer }));
  return root;
}

/** A shard with four seats and a candidate that has begun, and room for one peer more. */
function running(): LedgerChain {
  const root = startStakes(SMALL, nodes.slice(0, 5));
  // Contracts learn the hash of a block, genesis's as well, from the one above it.
  root.blocks(1);
  return root;
}

const CANDIDATE = 4;

/** More than one node has said that an epoch is over: stakes stand still. */
function closing(root = running()): LedgerChain {
  for (const place of [0, 1]) {
    must(call(root, node(place), "shard_gas::commit_dpos", { peer: node(place), amount: 0n }));
  }
  return root;
}

function leaving(): LedgerChain {
  const root = running();
  must(call(root, node(CANDIDATE), "shard_mgmt::exit_shard", { peer: node(CANDIDATE) }));
  return root;
}

function punished(): LedgerChain {
  const root = running();
  must(report(root, prevotes(root, 0)));
  return root;
}

/** Node 3 was in office, and is no peer any more. */
function gone(): LedgerChain {
  const root = running();
  must(call(root, node(3), "shard_mgmt::exit_shard", { peer: node(3) }));
  for (let epoch = 0; epoch < 2; epoch++) endView(root, 0n);
  return root;
}

/** Bob has 5 units with node 0. */
function staked(): LedgerChain {
  const root = running();
  openToUsers(root, node(0), 10n);
  must(call(root, bob, "shard_stake::user_stake", { amount: 5n }));
  return root;
}

function stopped(root = running()): LedgerChain {
  must(call(root, creator, "shard_mgmt::stop_shard"));
  return root;
}

/** The last of three that say so. */
function thirdWord(name: string, amount: bigint): Ran {
  const root = running();
  for (const place of [0, 1]) must(call(root, node(place), name, { peer: node(place), amount }));
  return call(root, node(2), name, { peer: node(2), amount });
}

function paidOtherwise(): Ran {
  const root = running();
  const name = "shard_gas::peer_confirm_withdraw";
  for (const place of [0, 1, 2]) must(call(root, node(place), name, { peer: node(place) }));
  return call(root, node(3), name, { peer: node(3), amount: 2n });
}

function poor(): LedgerChain {
  const root = startRoot();
  const args = [arg.address(alice.address), arg.u64(root.balance(bob.address) - 1n)];
  must(root.call(bob.address, "0x1::aptos_account::transfer", args));
  return root;
}

function crowded(): LedgerChain {
  const root = startRoot();
  for (let id = 1; id <= 89; id++) must(call(root, creator, "shard_mgmt::create_shard"));
  return root;
}

/** A shard of which alice asks back as often as one may. */
function busy(): LedgerChain {
  const world = startWorld();
  fundOnShard(world, alice, COIN);
  for (let id = 1; id <= 128; id++) must(call(world.shard, alice, "shard_gas::user_withdraw_gas"));
  return world.shard;
}

type Ways = Record<number, () => Ran>;

const STAKE_OF_OWNER = [
  "shard_stake::add_init_pos",
  "shard_stake::reduce_init_pos",
  "shard_stake::change_max_authorization",
  "shard_stake::change_proportion",
];

/** What all changes of a peer by its owner are refused for. */
function ownersWays(name: string): Ways {
  return {
    4: () => call(running(), bob, name),
    9: () => call(running(), bob, name, { peer: bob }),
    10: () => call(closing(), node(0), name),
    38: () => call(punished(), node(0), name),
  };
}

/** What all moves of users' stakes are refused for. */
function usersWays(name: string): Ways {
  return {
    9: () => call(running(), bob, name, { peer: bob }),
    10: () => call(closing(staked()), bob, name),
    18: () => call(staked(), bob, name, { amount: 0n }),
  };
}

function depositWays(name: string): Ways {
  return {
    2: () => call(running(), bob, name, { amount: SUPPLY }),
    5: () => call(open(), bob, name),
    17: () => call(startLedger(4, faucet.address, { type: "root" }), faucet, name),
    18: () => call(running(), bob, name, { amount: 0n }),
  };
}

function evidenceWays(prove: (root: LedgerChain, member: number, epoch: bigint) => Evidence): Ways {
  const told = (root: LedgerChain, member: number, changes: Partial<Evidence> = {}, epoch = 1n) => {
    return report(root, { ...prove(root, member, epoch), ...changes });
  };
  return {
    9: () => told(gone(), 3),
    19: () => told(running(), CANDIDATE),
    22: () => told(running(), 0, {}, 2n),
    36: () => {
      const root = running();
      return told(root, 0, { second: prove(root, 0, 1n).first });
    },
    37: () => told(running(), 0, { key: node(1).publicKey }),
  };
}

/** By function and number, but for 1 and 3, which are the same for all that have them. */
const WAYS: Record<string, Ways> = {
  "shard_mgmt::create_shard": {
    2: () => call(poor(), bob, "shard_mgmt::create_shard"),
    12: () => call(crowded(), creator, "shard_mgmt::create_shard"),
  },
  "shard_mgmt::configure_shard": {
    4: () => call(unconfigured(), bob, "shard_mgmt::configure_shard"),
    5: () => call(open(1), creator, "shard_mgmt::configure_shard"),
    6: () => {
      const args = configureArgs(SHARD, { ...SMALL, c: 2 });
      return unconfigured().call(creator.address, "0x30::shard_mgmt::configure_shard", args);
    },
  },
  "shard_mgmt::apply_join": {
    5: () => call(unconfigured(), node(0), "shard_mgmt::apply_join"),
    7: () => call(open(), bob, "shard_mgmt::apply_join"),
    8: () => call(approved(open(), node(0)), node(0), "shard_mgmt::apply_join"),
  },
  "shard_mgmt::approve_join": {
    4: () => call(open(), bob, "shard_mgmt::approve_join"),
    9: () => call(open(), creator, "shard_mgmt::approve_join"),
  },
  "shard_mgmt::join_shard": {
    2: () => join(approved(open(), node(0)), { amount: SUPPLY }),
    4: () => call(approved(open(), node(0)), bob, "shard_mgmt::join_shard"),
    5: () => join(stopped(approved(running(), node(6))), { peer: node(6), amount: STAKE }),
    6: () => {
      const address = arg.text("a".repeat(257));
      const args = [...peerOf(USUAL), address, arg.u64(STAKE)];
      const root = approved(open(), node(0));
      return root.call(node(0).address, "0x30::shard_mgmt::join_shard", args);
    },
    9: () => join(open(), { amount: STAKE }),
    10: () => join(closing(approved(running(), node(6))), { peer: node(6), amount: STAKE }),
    11: () => join(approved(open(), node(0)), { amount: STAKE - 1n }),
    12: () => join(approved(open(SMALL.n), node(6)), { peer: node(6), amount: STAKE }),
  },
  "shard_mgmt::activate_shard": {
    4: () => call(open(4), bob, "shard_mgmt::activate_shard"),
    5: () => call(running(), creator, "shard_mgmt::activate_shard"),
    13: () => call(open(3), creator, "shard_mgmt::activate_shard"),
  },
  "shard_mgmt::exit_shard": {
    4: () => call(running(), bob, "shard_mgmt::exit_shard"),
    9: () => call(running(), bob, "shard_mgmt::exit_shard", { peer: bob }),
    10: () => call(closing(), node(0), "shard_mgmt::exit_shard"),
    14: () => call(leaving(), node(CANDIDATE), "shard_mgmt::exit_shard", { peer: node(CANDIDATE) }),
    15: () => call(leaving(), node(0), "shard_mgmt::exit_shard"),
  },
  "shard_mgmt::stop_shard": {
    4: () => call(running(), bob, "shard_mgmt::stop_shard"),
    5: () => call(open(), creator, "shard_mgmt::stop_shard"),
  },
  "shard_gas::archive_shard": {
    4: () => call(stopped(), bob, "shard_gas::archive_shard"),
    5: () => call(running(), creator, "shard_gas::archive_shard"),
    16: () => call(stopped(), creator, "shard_gas::archive_shard"),
  },
  "shard_gas::init": {
    4: () => call(startRoot(), bob, "shard_gas::init"),
    17: () => call(startRoot(), faucet, "shard_gas::init"),
  },
  "shard_gas::deposit_gas": depositWays("shard_gas::deposit_gas"),
  "shard_gas::deposit_gas_once": {
    ...depositWays("shard_gas::deposit_gas_once"),
    35: () => {
      const root = running();
      must(call(root, bob, "shard_gas::deposit_gas_once"));
      return call(root, bob, "shard_gas::deposit_gas_once");
    },
  },
  "shard_gas::peer_confirm_withdraw": {
    7: () => call(running(), bob, "shard_gas::peer_confirm_withdraw"),
    18: () => call(running(), node(0), "shard_gas::peer_confirm_withdraw", { amount: 0n }),
    19: () => byCandidate("shard_gas::peer_confirm_withdraw"),
    20: () => thirdWord("shard_gas::peer_confirm_withdraw", SUPPLY),
    21: () => paidOtherwise(),
  },
  "shard_gas::commit_dpos": {
    5: () => call(open(4), node(0), "shard_gas::commit_dpos"),
    7: () => call(running(), bob, "shard_gas::commit_dpos"),
    19: () => byCandidate("shard_gas::commit_dpos"),
    20: () => thirdWord("shard_gas::commit_dpos", SUPPLY),
    22: () => commit(committing(USUAL, 2n)),
    23: () => commit(committing(USUAL, 1n, new Uint8Array(31))),
  },
  "double_sign::report_votes": evidenceWays((root, member, epoch) => {
    return prevotes(root, member, { epoch });
  }),
  "double_sign::report_proposals": evidenceWays((root, member, epoch) => {
    return proposals(member, placeIn(root, { epoch }), [ONE, OTHER], [0, undefined]);
  }),
  ...Object.fromEntries(STAKE_OF_OWNER.map((name) => [name, ownersWays(name)])),
  "shard_stake::add_init_pos": {
    ...ownersWays("shard_stake::add_init_pos"),
    2: () => call(running(), node(0), "shard_stake::add_init_pos", { amount: SUPPLY }),
    14: () => {
      const peer = node(CANDIDATE);
      return call(leaving(), peer, "shard_stake::add_init_pos", { peer });
    },
    18: () => call(running(), node(0), "shard_stake::add_init_pos", { amount: 0n }),
  },
  "shard_stake::reduce_init_pos": {
    ...ownersWays("shard_stake::reduce_init_pos"),
    11: () => call(running(), node(0), "shard_stake::reduce_init_pos"),
    18: () => call(running(), node(0), "shard_stake::reduce_init_pos", { amount: 0n }),
    24: () => call(running(), node(0), "shard_stake::reduce_init_pos", { amount: SUPPLY }),
  },
  "shard_stake::change_proportion": {
    ...ownersWays("shard_stake::change_proportion"),
    25: () => call(running(), node(0), "shard_stake::change_proportion", { amount: 101n }),
  },
  "shard_stake::user_stake": {
    ...usersWays("shard_stake::user_stake"),
    2: () => {
      const root = running();
      const name = "shard_stake::change_max_authorization";
      must(call(root, node(0), name, { amount: SUPPLY }));
      return call(root, bob, "shard_stake::user_stake", { amount: FUNDS + 1n });
    },
    4: () => call(running(), node(0), "shard_stake::user_stake"),
    12: () => call(running(), bob, "shard_stake::user_stake"),
    14: () => call(leaving(), bob, "shard_stake::user_stake", { peer: node(CANDIDATE) }),
  },
  "shard_stake::unfreeze_stake": {
    ...usersWays("shard_stake::unfreeze_stake"),
    24: () => call(staked(), bob, "shard_stake::unfreeze_stake", { amount: 6n }),
  },
  "shard_stake::withdraw_stake": {
    ...usersWays("shard_stake::withdraw_stake"),
    24: () => call(staked(), bob, "shard_stake::withdraw_stake"),
  },
  "shard_stake::withdraw_fee": {
    9: () => call(running(), bob, "shard_stake::withdraw_fee", { peer: bob }),
    24: () => call(running(), bob, "shard_stake::withdraw_fee"),
  },
  "shard_stake::withdraw_ong": {
    24: () => call(running(), bob, "shard_stake::withdraw_ong"),
  },
  "governance::withdraw": {
    2: () => call(startRoot(), faucet, "governance::withdraw"),
    4: () => call(unconfigured(), bob, "governance::withdraw"),
    18: () => call(unconfigured(), faucet, "governance::withdraw", { amount: 0n }),
  },
  "governance::change_operator": {
    4: () => call(startRoot(), bob, "governance::change_operator"),
  },
  "shard_gas::user_withdraw_gas": {
    2: () => call(startWorld().shard, bob, "shard_gas::user_withdraw_gas"),
    18: () => call(startWorld().shard, bob, "shard_gas::user_withdraw_gas", { amount: 0n }),
    26: () => call(busy(), alice, "shard_gas::user_withdraw_gas"),
  },
  "shard_gas::withdraw_retry": {
    27: () => call(startWorld().shard, bob, "shard_gas::withdraw_retry"),
  },
  "shard_gas::shard_commit_dpos": {
    28: () => call(startWorld().shard, bob, "shard_gas::shard_commit_dpos"),
  },
};

function join(root: LedgerChain, changes: Partial<Terms>): Ran {
  return call(root, changes.peer ?? node(0), "shard_mgmt::join_shard", changes);
}

function byCandidate(name: string): Ran {
  return call(running(), node(CANDIDATE), name, { peer: node(CANDIDATE) });
}

function commit(args: readonly Uint8Array[]): Ran {
  return running().call(node(0).address, "0x30::shard_gas::commit_dpos", args);
}

const LISTED = refusalsOnPage("## Shards: 0x30");

function wayInto(name: string, code: number): (() => Ran) | undefined {
  if (code === 1) {
    return () => call(name in ON_ROOT ? startWorld().shard : startRoot(), node(0), name);
  }
  if (code === 3) return () => call(running(), node(0), name, { shard: 9n });
  return WAYS[name]?.[code];
}

describe("an entry function of the shard contracts", () => {
  it.each(LISTED)("refuses as the page says: %s", (pair) => {
    const [name = "", code = ""] = pair.split(" ");
    const run = wayInto(name, Number(code));
    if (run === undefined) throw new Error("nobody has tried");
    expect(outcomeOf(run())).toMatch(new RegExp(`^0x30::[a-z_]+ ${code}$`));
  });

  it("refuses with nothing that the page does not list for it", () => {
    const listed = new Set<MethodCode>(LISTED);
    const tried = Object.entries(WAYS).flatMap(([name, ways]) =>
      Object.keys(ways).map((code) => `${name} ${code}` as MethodCode),
    );
    expect(tried.filter((pair) => !listed.has(pair))).toEqual([]);
    expect(LISTED.length).toBeGreaterThan(100);
  });
});
