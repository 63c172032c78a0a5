// The model contract and the toy bank as nodes see them: views come a little late, commands are
// carried out with the next block, and answers take their time.
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { toHex, utf8 } from "#core/bytes.ts";
import type { ChangeSet } from "#core/effects.ts";
import { domainHash } from "#core/hash.ts";
import { type FunctionId, parseFunctionId } from "#core/identifier.ts";
import { makeStructTag } from "#core/type-tag.ts";
import type { ChainChannel, ChannelSettings } from "../../src/channel/chain-view.ts";
import type { CommandResult } from "../../src/channel/core/input.ts";
import type { Seat } from "../../src/channel/messages.ts";
import { COINS, ToyExecutor, u64 } from "../channel/toy-executor.ts";
import type { VirtualClock } from "./clock.ts";
import type { KeyRing, NodeKeys } from "./keys.ts";
import { ModelChain } from "./model-chain.ts";
import { Refused } from "./model-refusal.ts";
import type { Prng } from "./prng.ts";
import type { Settling, ToyCall } from "./settling.ts";
import type { ChainLink } from "./sim-node.ts";

const BLOCK_MS = 500;
const ANSWER_MS_MAX = 400;
const SETTINGS: ChannelSettings = {
  disputeWindow: 15_000n,
  removalWindow: 15_000n,
  tick: undefined,
};
/** What every member but the creator brings. */
const ASSET_COINS = 1_000n;
const STAKE = 100n;
const PAYMENT_MAX = 50;

export function toyAddress(keys: NodeKeys): Address {
  return makeAddress(toHex(domainHash("ToyAddress", keys.memberKey)));
}

export function toyFunction(name: string): FunctionId {
  return present(parseFunctionId(`0x99::bank::${name}`), "a function");
}

function identityOf(keys: NodeKeys): Omit<Seat, "seat"> {
  const { memberKey, nodeKey, revealTip } = keys;
  return { address: toyAddress(keys), memberKey, nodeKey, revealTip };
}

export class ModelLink implements Settling {
  readonly #clock: VirtualClock;
  readonly #prng: Prng;
  readonly #ring: KeyRing;
  readonly #settings: ChannelSettings;
  readonly #waiting: (() => void)[] = [];
  #chain: ModelChain | undefined;
  #view: ChainChannel | undefined;
  lost = 0;
  isHalted = false;
  onView: (view: ChainChannel) => void = () => undefined;

  constructor(
    clock: VirtualClock,
    ring: KeyRing,
    prng: Prng,
    settings: Partial<ChannelSettings> = {},
  ) {
    this.#clock = clock;
    this.#ring = ring;
    this.#prng = prng;
    this.#settings = { ...SETTINGS, ...settings };
  }

  get chain(): ModelChain {
    return present(this.#chain, "somebody has entered");
  }

  async enter(keys: NodeKeys): Promise<void> {
    if (this.#chain !== undefined) {
      this.#chain.join(identityOf(keys), u64(ASSET_COINS));
      return;
    }
    this.#chain = new ModelChain({
      channel: domainHash("ToyChannel", utf8(String(this.#prng.below(2 ** 31)))),
      creator: { seat: 1n, ...identityOf(keys) },
      stateType: makeStructTag("0x99::bank::Diary"),
      assetType: COINS,
      stateRoot: new ToyExecutor().stateRoot(),
      settings: this.#settings,
      stake: STAKE,
      now: this.#clock.now,
      verify: this.#ring.verify,
    });
    this.#view = this.#chain.view();
    this.#planBlock();
  }

  view(): ChainChannel {
    return present(this.#view, "somebody has entered");
  }

  makeExecutor(): ToyExecutor {
    return new ToyExecutor();
  }

  chooseCall(_by: NodeKeys, prng: Prng, others: readonly NodeKeys[]): ToyCall {
    const amount = u64(BigInt(prng.below(PAYMENT_MAX)));
    switch (prng.below(4)) {
      case 0:
        return { function: toyFunction("claim"), args: [amount] };
      case 1: {
        const to = addressToBytes(toyAddress(prng.pick(others)));
        return { function: toyFunction("pay"), args: [to, amount] };
      }
      case 2:
        return { function: toyFunction("fail"), args: [] };
      default:
        return { function: toyFunction("note"), args: [prng.bytes(8)] };
    }
  }

  assetOf(seat: bigint): Uint8Array | undefined {
    return seat === 1n ? undefined : u64(ASSET_COINS);
  }

  coinsIn({ key }: ChangeSet[number], value: Uint8Array): bigint {
    if (key.kind !== "resource") return 0n;
    const isCoins = key.type.name === COINS.name || key.type.name === "Parked";
    return isCoins ? decodeBcs(value, (reader) => reader.u64()) : 0n;
  }

  /** The model holds stakes and nothing else; what is gone was paid back. */
  async coinsOnChain(): Promise<bigint> {
    return 0n;
  }

  submit(
    by: NodeKeys,
    command: Parameters<ChainLink["submit"]>[1],
    done: (result: CommandResult) => void,
  ): void {
    if (this.#prng.permille(this.lost)) return;
    this.#waiting.push(() => {
      const result = this.#carryOut(by, command);
      this.#clock.after(this.#prng.below(ANSWER_MS_MAX), () => done(result));
    });
  }

  #carryOut(by: NodeKeys, command: Parameters<ChainLink["submit"]>[1]): CommandResult {
    const key = toHex(by.nodeKey);
    const { members } = this.chain.view();
    const member = members.findLast(({ nodeKey }) => toHex(nodeKey) === key);
    if (member === undefined) return { ok: false, code: "2", detail: "no member" };
    try {
      this.chain.command(member.seat, command);
      return { ok: true };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { ok: false, code: error.code, detail: command.type };
    }
  }

  #planBlock(): void {
    this.#clock.after(BLOCK_MS, () => {
      this.#planBlock();
      if (this.isHalted) return;
      this.chain.now += BigInt(BLOCK_MS);
      for (const carryOut of this.#waiting.splice(0)) carryOut();
      this.#view = this.chain.view();
      this.onView(this.#view);
    });
  }
}
