// Every number with which the page says that an entry function of the resource model refuses,
// function by function, each as a transaction that leaves nothing but its fees.
import { describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import { assert } from "#core/assert.ts";
import { gasUnits } from "#core/gas-units.ts";
import { formatTypeTag } from "#core/type-tag.ts";
import { refusalsOnPage } from "../contracts-page.ts";
import { accountNamed } from "../fixture.ts";
import {
  alice,
  arg,
  bob,
  COIN,
  decide,
  FUNDS,
  faucet,
  feeRow,
  outcomeOf,
  producer,
  type ResourceChain,
  type Sent,
  startResourceChain,
  TRIAL,
} from "./resource-chain.ts";

const RICH = { maxGas: gasUnits(1_100_000n) };
const PROPOSAL = arg.text("cheaper");
const TO_PRODUCER = [arg.address(producer.address)];
const CPU_FEE = [arg.text("res.cpufee"), arg.u64(400n), arg.address(TRIAL), arg.u64(0)];
/** Most producers there are, and that somebody votes for. */
const [PRODUCERS_MAX, VOTED_MAX] = [1_000, 64];
/** As many as the gas of a block is enough for. */
const STOOD_PER_BLOCK = 3;
const FROZEN_BLOCKS = 86_400n;

function act(
  chain: ResourceChain,
  by: AccountSigner,
  name: string,
  args: readonly Uint8Array[],
): Sent {
  return chain.act(by, `0x50::${name}`, args, RICH);
}

function done(sent: Sent): void {
  assert(outcomeOf(sent) === "EXECUTED", outcomeOf(sent));
}

function stake(chain: ResourceChain, name: string, units: bigint, by = alice, bp = producer): Sent {
  return act(chain, by, name, [arg.address(bp.address), arg.u64(units)]);
}

function fresh(name: string, units: bigint): Sent {
  return stake(startResourceChain(), name, units);
}

/** Alice has staked ten coins by this function. */
function staked(name: string): ResourceChain {
  const chain = startResourceChain();
  done(stake(chain, name, 10n * COIN));
  return chain;
}

/** The producer is barred by the others, who are itself. */
function barred(): ResourceChain {
  const chain = startResourceChain();
  const bar = [arg.address(producer.address), arg.bool(true)];
  done(decide(chain, "0x50::producers::removebp", bar));
  return chain;
}

function updateArgs(by: AccountSigner): readonly Uint8Array[] {
  return [arg.bytes(by.publicKey), arg.u64(0n), arg.text("")];
}

let crowd: { readonly chain: ResourceChain; readonly names: readonly AccountSigner[] } | undefined;

/** As many producers as there can be. It takes a while, so all have the same chain. */
function crowded() {
  if (crowd !== undefined) return crowd;
  const chain = startResourceChain();
  const names = Array.from({ length: PRODUCERS_MAX - 1 }, (_, place) =>
    accountNamed(`bp ${place}`),
  );
  const payments = names.map(({ address }) => {
    const args = [arg.address(address), arg.u64(200n * COIN)];
    return { by: faucet, name: "0x1::aptos_account::transfer", args };
  });
  chain.together(payments).forEach(done);
  for (let from = 0; from < names.length; from += STOOD_PER_BLOCK) {
    const updates = names.slice(from, from + STOOD_PER_BLOCK).map((by) => {
      return { by, name: "0x50::producers::updatebp", args: updateArgs(by), terms: RICH };
    });
    chain.together(updates).forEach(done);
  }
  crowd = { chain, names };
  return crowd;
}

/** Alice votes for one producer more than one may. */
function overVoted(name: string): Sent {
  const { chain, names } = crowded();
  const head = chain.head();
  const votes = names.slice(0, VOTED_MAX).map(({ address }) => {
    return { by: alice, name: `0x50::${name}`, args: [arg.address(address), arg.u64(COIN)] };
  });
  chain.together(votes).forEach(done);
  const sent = stake(chain, name, COIN);
  chain.rewind(head);
  return sent;
}

function overStood(): Sent {
  const { chain } = crowded();
  const head = chain.head();
  const sent = act(chain, bob, "producers::updatebp", updateArgs(bob));
  chain.rewind(head);
  return sent;
}

function proposed(): ResourceChain {
  const chain = startResourceChain();
  done(propose(chain));
  return chain;
}

function propose(chain: ResourceChain, name = PROPOSAL, args: readonly Uint8Array[] = CPU_FEE) {
  const call = [name, arg.text("config"), arg.text("setconfig"), arg.list(args)];
  return act(chain, alice, "multisig::propose", call);
}

function onProposal(chain: ResourceChain, by: AccountSigner, name: string): Sent {
  return act(chain, by, `multisig::${name}`, [arg.address(alice.address), PROPOSAL]);
}

type Ways = Record<number, () => Sent>;

/** What both kinds of votes are refused for. */
function voteWays(name: string): Ways {
  return {
    4: () => stake(startResourceChain(), name, COIN, alice, bob),
    5: () => fresh(name, COIN + 1n),
    6: () => fresh(name, FUNDS + COIN),
    7: () => stake(staked(name), name, 10n * COIN),
    8: () => stake(barred(), name, COIN),
    15: () => overVoted(name),
  };
}

function unfreezeWays(name: string, vote: string): Ways {
  return {
    10: () => act(startResourceChain(), alice, name, TO_PRODUCER),
    11: () => act(staked(vote), alice, name, TO_PRODUCER),
    12: () => {
      const chain = staked(vote);
      done(stake(chain, vote, 0n));
      chain.skipTo(chain.height() + FROZEN_BLOCKS - 1n);
      return act(chain, alice, name, TO_PRODUCER);
    },
  };
}

const WAYS: Record<string, Ways> = {
  "fees::setfee": {
    1: () => act(startResourceChain(), bob, "fees::setfee", feeRow("acting::work", 100n)),
    2: () => setOwnFee(ownRow("acting::work", 99n)),
    3: () => setOwnFee(ownRow("work", 100n)),
  },
  "config::setconfig": {
    1: () => act(startResourceChain(), bob, "config::setconfig", CPU_FEE),
    3: () => configure("res.unknown", 1n),
    14: () => configure("res.cpufee", 0n),
  },
  "ram::vote4ram": {
    ...voteWays("ram::vote4ram"),
    9: () => {
      const chain = staked("ram::vote4ram");
      // More than is free, in one piece.
      const kept = chain.act(alice, "0x7e57::acting::keep", [arg.u64(6_000n)]);
      done(kept);
      return stake(chain, "ram::vote4ram", 0n);
    },
  },
  "ram::unfreezeram": unfreezeWays("ram::unfreezeram", "ram::vote4ram"),
  "votes::vote": voteWays("votes::vote"),
  "votes::unfreeze": unfreezeWays("votes::unfreeze", "votes::vote"),
  "votes::claim": {
    10: () => act(startResourceChain(), alice, "votes::claim", TO_PRODUCER),
    13: () => {
      const chain = staked("votes::vote");
      done(stake(chain, "votes::vote", 0n));
      done(act(chain, alice, "votes::claim", TO_PRODUCER));
      return act(chain, alice, "votes::claim", TO_PRODUCER);
    },
  },
  "producers::updatebp": {
    15: () => overStood(),
    19: () => {
      const args = [arg.bytes(new Uint8Array(31)), arg.u64(0n), arg.text("")];
      return act(startResourceChain(), alice, "producers::updatebp", args);
    },
  },
  "producers::removebp": {
    1: () => remove(producer.address, false),
    4: () => remove(bob.address, false),
  },
  "multisig::propose": {
    3: () => propose(startResourceChain(), arg.text("")),
    15: () => propose(startResourceChain(), PROPOSAL, [new Uint8Array(1_024)]),
    17: () => propose(proposed()),
  },
  "multisig::approve": {
    16: () => onProposal(proposed(), bob, "approve"),
    17: () => onProposal(startResourceChain(), producer, "approve"),
  },
  "multisig::unapprove": {
    17: () => onProposal(proposed(), producer, "unapprove"),
  },
  "multisig::cancel": {
    17: () => act(startResourceChain(), alice, "multisig::cancel", [PROPOSAL]),
  },
  "multisig::exec": {
    17: () => onProposal(startResourceChain(), bob, "exec"),
    18: () => onProposal(proposed(), bob, "exec"),
  },
};

/** Of an action of alice's own account. */
function ownRow(action: string, fee: bigint): readonly Uint8Array[] {
  return [arg.address(alice.address), ...feeRow(action, fee).slice(1)];
}

function setOwnFee(row: readonly Uint8Array[]): Sent {
  return act(startResourceChain(), alice, "fees::setfee", row);
}

function configure(name: string, num: bigint): Sent {
  const args = [arg.text(name), arg.u64(num), arg.address(TRIAL), arg.u64(0)];
  return decide(startResourceChain(), "0x50::config::setconfig", args);
}

function remove(of: Parameters<typeof arg.address>[0], isBarred: boolean): Sent {
  const args = [arg.address(of), arg.bool(isBarred)];
  return act(startResourceChain(), alice, "producers::removebp", args);
}

const LISTED = refusalsOnPage("## The resource model: 0x50");

describe("an entry function of the resource model", () => {
  it.each(LISTED)("refuses as the page says: %s", (pair) => {
    const [name = "", code = ""] = pair.split(" ");
    const run = WAYS[name]?.[Number(code)];
    if (run === undefined) throw new Error("nobody has tried");
    const sent = run();
    expect(outcomeOf(sent)).toMatch(new RegExp(`^0x50::[a-z_]+ ${code}$`));
    // What it cost, and nothing that it did.
    const taken = sent.receipt.events.map(({ type }) => formatTypeTag(type));
    expect(taken.filter((type) => type.startsWith("0x50::"))).toEqual([]);
  });

  it("refuses with nothing that the page does not list for it", () => {
    const listed = new Set<string>(LISTED);
    const tried = Object.entries(WAYS).flatMap(([name, ways]) =>
      Object.keys(ways).map((code) => `${name} ${code}`),
    );
    expect(tried.filter((pair) => !listed.has(pair))).toEqual([]);
    expect(LISTED.length).toBeGreaterThan(30);
  });
});
