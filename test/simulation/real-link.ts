// The real chain, its contracts and the settlement adapter under the simulation's clock, and the
// group chat run by the virtual machine. Nothing here knows what the contract decides.
import {
  type AccountSigner,
  accountSigner,
  type ChainClient,
  type ChainNode,
  type ChainStore,
  createChainNode,
} from "#chains";
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { equalBytes } from "#core/bytes.ts";
import { parseSecretKey } from "#core/ed25519.ts";
import { type FunctionId, parseFunctionId } from "#core/identifier.ts";
import {
  balanceOf,
  chatDapp,
  createSettlementAdapter,
  fundFromFaucet,
  type LoadedChannel,
  loadChannel,
  rootAccess,
  type SettlementAdapter,
} from "#settlement";
import { faucetSigner } from "../../src/chains/genesis.ts";
import { branchBlock, heightOf } from "../../src/chains/ledger/block-tree.ts";
import { readAccount } from "../../src/chains/ledger/framework.ts";
import type { ChainChannel, ChainEvent } from "../../src/channel/chain-view.ts";
import type { CommandResult } from "../../src/channel/core/input.ts";
import type { ChannelExecutor, Clock } from "../../src/channel/ports.ts";
import { runCommand } from "../../src/channel/settlement-command.ts";
import { createPinnedExecutor } from "../../src/node/pinned-executor.ts";
import { genesisStore, transferTo } from "../chains/fixture.ts";
import { undoBlocks } from "../settlement/living-node.ts";
import type { VirtualClock } from "./clock.ts";
import type { NodeKeys } from "./keys.ts";
import type { Prng } from "./prng.ts";
import type { Settling, ToyCall } from "./settling.ts";
import type { ChainLink } from "./sim-node.ts";

type Command = Parameters<ChainLink["submit"]>[1];

const FUNDS = 100_000_000n;
const STAKE = 100n;
const GROUP_ID = 1n;
/** Rounds of promise jobs after which nothing moves any more without time. */
const SETTLE_ROUNDS = 60;
const POST = present(parseFunctionId("0x21::chat::post"), "a function");
const TEXT_MAX = 200;
/** The fixture's chains all have this producer. */
const PRODUCER = present(parseSecretKey(new Uint8Array(32).fill(0x5a)), "32 bytes are a key");
/** Where fees, block rewards and bonds come from and go: views, and of whom. */
const PILES = [
  ["0x1::transaction_fee::pool_balance", makeAddress("0x50")],
  ["0x50::vault::rewards_pool", accountSigner(PRODUCER).address],
  ["0x50::vault::commission", faucetSigner().address],
  ["0x50::vault::reserve", undefined],
  // What members have put up for forced calls and exits.
  ["0x20::bond::balance", undefined],
] as const;

interface Player {
  readonly signer: AccountSigner;
  readonly account: Address;
  readonly client: ChainClient;
  readonly adapter: SettlementAdapter;
}

export class RealLink implements Settling {
  readonly #clock: VirtualClock;
  readonly #chainClock: Clock;
  readonly #prng: Prng;
  readonly #players = new Map<NodeKeys, Player>();
  readonly #undoable: number;
  #store: ChainStore | undefined;
  #node: ChainNode | undefined;
  #id = 0n;
  #loaded: LoadedChannel | undefined;
  #view: ChainChannel | undefined;
  #fined = 0n;
  /** Until when accounts of punished seats are kept out, in the chain's time. */
  readonly bans = new Map<bigint, bigint>();
  lost = 0;
  isHalted = false;
  onView: (view: ChainChannel) => void = () => undefined;

  /** @param undoable how many of its newest blocks the chain may take back. */
  constructor(clock: VirtualClock, prng: Prng, undoable = 0) {
    this.#clock = clock;
    this.#prng = prng;
    this.#undoable = undoable;
    this.#chainClock = {
      now: () => clock.now,
      after: (ms, callback) => this.#after(ms, callback),
    };
  }

  /** Time of the chain and of its clients; it stands still while the chain is halted. */
  #after(ms: number, callback: () => void): () => void {
    let isCancelled = false;
    const run = async () => {
      if (isCancelled) return;
      if (this.isHalted) {
        this.#clock.after(100, run);
        return;
      }
      callback();
      await settle();
    };
    this.#clock.after(ms, run);
    return () => {
      isCancelled = true;
    };
  }

  async enter(keys: NodeKeys): Promise<void> {
    this.#store ??= await genesisStore();
    this.#node ??= await createChainNode({
      clock: this.#chainClock,
      store: this.#store,
      entropy: (size) => this.#prng.bytes(size),
      settings: { finalityDepth: this.#undoable },
    });
    const signer = accountSigner(keys.memberSecret);
    const client = this.#node.connect();
    const access = rootAccess(client, signer);
    const { memberKey, nodeKey, revealTip } = keys;
    const adapter = createSettlementAdapter({
      access,
      clock: this.#chainClock,
      dapp: chatDapp({ groupId: GROUP_ID, name: "simulated" }),
      keys: {
        memberKey,
        nodeKey,
        revealTip,
        signAsNode: (message) => keys.signAsNode(message),
      },
    });
    const player = { signer, account: signer.address, client, adapter };
    await this.#during(fundFromFaucet(client, signer.address, FUNDS));
    const { id } = await this.#during(adapter.enter(STAKE));
    this.#players.set(keys, player);
    if (this.#loaded !== undefined) return;
    this.#id = id;
    this.#loaded = await this.#during(loadChannel(access, id));
    this.#view = this.#loaded.channel;
    adapter.subscribe(id, (event, channel) => {
      if (event?.type === "punished") this.#notePunished(event);
      this.#view = channel;
      this.onView(channel);
    });
  }

  #notePunished({ seat, fined, bannedUntil }: Extract<ChainEvent, { type: "punished" }>): void {
    this.#fined += fined;
    this.bans.set(seat, bannedUntil);
  }

  /** Lets time pass until a promise is kept. */
  async #during<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const watched = work.finally(() => {
      isDone = true;
    });
    watched.catch(() => undefined);
    await settle();
    while (!isDone) {
      await this.#clock.runUntil(this.#clock.now + 50n);
      await settle();
    }
    return watched;
  }

  /** The channel by the newest block, which may be taken back. */
  newest(): Promise<ChainChannel> {
    const [player] = this.#players.values();
    return this.#during(present(player, "somebody has entered").adapter.channel(this.#id)).then(
      (channel) => present(channel, "the channel is on the chain"),
    );
  }

  /**
   * The chain takes its newest blocks back, as many as it may. What players had sent in them never
   * comes again: other transactions of theirs have the same numbers.
   */
  async forget(): Promise<void> {
    const node = present(this.#node, "somebody has entered");
    const { tree } = node.source;
    const below = branchBlock(tree, heightOf(tree.head) - BigInt(this.#undoable));
    const instead = [...this.#players.values()].flatMap(({ signer }) => {
      const { sequenceNumber: first } = readAccount(below.state, signer.address);
      const { sequenceNumber: end } = readAccount(tree.head.state, signer.address);
      return Array.from({ length: Number(end - first) }, (_, index) =>
        transferTo(signer, first + BigInt(index), signer.address, 1n),
      );
    });
    const store = present(this.#store, "somebody has entered");
    await undoBlocks(node, store, this.#undoable, instead);
  }

  view(): ChainChannel {
    return present(this.#view, "somebody has entered");
  }

  makeExecutor(): ChannelExecutor {
    return createPinnedExecutor(present(this.#loaded, "somebody has entered"));
  }

  chooseCall(_by: NodeKeys, prng: Prng): ToyCall {
    const size = prng.below(TEXT_MAX);
    const text = Array.from({ length: size }, () => String.fromCharCode(97 + prng.below(26)));
    // An empty text aborts.
    return post(text.join(""));
  }

  assetOf(): undefined {
    return undefined;
  }

  coinsIn(): bigint {
    return 0n;
  }

  /**
   * Balances of everybody, the faucet's, fees and block rewards, and stakes, all read
   * at one block: a fee paid between two of the readings would be counted twice.
   */
  async coinsOnChain(): Promise<bigint> {
    const { client } = present([...this.#players.values()][0], "somebody has entered");
    for (;;) {
      const before = await this.#during(client.ledger());
      const sum = await this.#sumOfCoins(client);
      const after = await this.#during(client.ledger());
      if (equalBytes(before.headHash, after.headHash)) return sum;
    }
  }

  async #sumOfCoins(client: ChainClient): Promise<bigint> {
    const players = [...this.#players.values()];
    let sum = 0n;
    for (const { account } of players) sum += await this.#during(balanceOf(client, account));
    sum += await this.#during(balanceOf(client, faucetSigner().address));
    for (const [name, of] of PILES) {
      const view = present(parseFunctionId(name), "a function");
      const args = of === undefined ? [] : [addressToBytes(of)];
      const [pile] = await this.#during(client.view({ function: view, typeArgs: [], args }));
      sum += decodeBcs(present(pile, "a view of one value"), (reader) => reader.u64());
    }
    const reading = present(players[0], "somebody has entered").adapter.channel(this.#id);
    const channel = present(await this.#during(reading), "the channel is on the chain");
    // A stake that was lost stays in escrow for ever, whether or not its seat has left.
    return channel.members.reduce((all, { stake }) => all + stake, sum + this.#fined);
  }

  submit(by: NodeKeys, command: Command, done: (result: CommandResult) => void): void {
    const player = this.#players.get(by);
    if (player === undefined || this.#prng.permille(this.lost)) return;
    runCommand(player.adapter, this.#id, command).then(
      () => done({ ok: true }),
      (error: unknown) => {
        const code = error instanceof Error && "code" in error ? String(error.code) : "UNKNOWN";
        done({ ok: false, code, detail: String(error) });
      },
    );
  }
}

export function post(text: string): ToyCall {
  const target: FunctionId = POST;
  return { function: target, args: [encodeBcs((writer) => writer.string(text))] };
}

async function settle(): Promise<void> {
  for (let round = 0; round < SETTLE_ROUNDS; round++) await Promise.resolve();
}
