// Members of one chat group on a parallel chain whose nodes commit to a root of one producer: all
// real, on a clock that the test moves.
import {
  accountSigner,
  type ChainClient,
  type ChainStore,
  createParaNode,
  keyWallet,
  type ParaNode,
  rootAccess,
} from "#chains";
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { toHex } from "#core/bytes.ts";
import { parseModuleId } from "#core/identifier.ts";
import { formatTypeTag } from "#core/type-tag.ts";
import {
  fundFromFaucet,
  type ParaLink,
  type ParaLinkOptions,
  paraLink,
  rootLink,
} from "#settlement";
import { coinsOf } from "../../src/settlement/coins.ts";
import { accountNamed, genesisStore, START_MS } from "../chains/fixture.ts";
import { type ManualClock, manualClock } from "../chains/manual-clock.ts";
import {
  CONFIG,
  groupTransactions,
  paraAccount,
  paraStore,
  relayAccount,
  submitAll,
  TITLE,
} from "../chains/para/para-chain.ts";
import type { AdapterWorld, Line, WorldTerms } from "../conformance/settlement-world.ts";
import { type LastingClients, lastingClients } from "./lasting-clients.ts";
import { type LivingNode, livingNode } from "./living-node.ts";
import { during, FUNDS, groupOn, memberBy, type TestMember } from "./world.ts";

/** A block is built, committed to, agreed on, and the agreement final. */
const AGREED_MS = 12_000;
const BLOCK_MS = 1_100;
/** A sole producer's block calls the one below it final, and nodes of other chains believe it. */
const UNDOABLE_MAX = 1;
/** Between two looks at what is on its way; more events than a test makes. */
const [LOOK_MS, EVENTS_MAX] = [500, 1_000];
const CROSSINGS = present(parseModuleId("0x40::cross_asset"), "a module");
const RELAY_FUNDS = 5_000_000_000n;
/** So that time goes on there as fast as on the root. */
const SETTINGS = { emptyBlockInterval: 1n };

export interface ParaSite {
  readonly store: ChainStore;
  readonly clients: LastingClients;
  node: ParaNode;
}

export interface ParaTestWorld extends AdapterWorld {
  readonly clock: ManualClock;
  readonly root: LivingNode;
  readonly sites: readonly ParaSite[];
  readonly member: (name: string, line?: Line) => Promise<Omit<TestMember, "client">>;
  readonly during: <T>(work: Promise<T>) => Promise<T>;
  /** A link to the node at a place. */
  link(place: number, options?: Partial<ParaLinkOptions>): ParaLink;
  restartPara(place: number): Promise<void>;
}

/** @param nodes of the parallel chain, each in its group. */
export async function startParaWorld(
  { undoable = 0 }: WorldTerms = {},
  nodes = 1,
): Promise<ParaTestWorld> {
  const clock = manualClock(START_MS);
  const rootStore = await genesisStore();
  const root = await livingNode(clock, rootStore, { finalityDepth: undoable });
  const watcher = root.connect();
  watcher.onHead(() => undefined);
  const places = Array.from({ length: nodes }, (_, place) => place);
  await foundGroup(clock, watcher, rootStore, places);
  const sites: ParaSite[] = [];
  for (const place of places) {
    const store = await paraStore(place);
    const clients = lastingClients(clock);
    const node = await openPara(clock, store, root, place);
    clients.attach(node);
    sites.push({ store, clients, node });
  }
  const siteAt = (place: number) => present(sites[place], "a node");
  const link = (place: number, options: Partial<ParaLinkOptions> = {}) =>
    paraLink({
      root: rootLink(root.connect()),
      para: rootLink(siteAt(place).clients.connect(), `node ${place}`),
      title: TITLE,
      clock,
      coins: { lowWater: 4_000_000n, target: 20_000_000n, budget: 60_000_000n },
      ...options,
    });
  const ours = link(0);
  const restartPara = async (place: number) => {
    const site = siteAt(place);
    await site.node.close();
    site.node = await openPara(clock, site.store, root, place);
    site.clients.attach(site.node);
  };
  return {
    clock,
    root,
    sites,
    link,
    restartPara,
    tellingMs: AGREED_MS,
    member: async (name, line = (access) => access) => {
      const account = accountNamed(name);
      await during({ clock }, fundFromFaucet(watcher, account.address, 3n * FUNDS));
      const access = line(link(0).access(account));
      const balance = async () => {
        await untilCrossed(clock, watcher);
        const onRoot = await coinsOf(rootLink(watcher), account.address);
        return (await coinsOf(ours, account.address)) + onRoot;
      };
      return memberBy(clock, name, access, balance);
    },
    ...groupOn(clock, ours),
    restart: async () => {
      await root.restart();
      for (const place of places) await restartPara(place);
    },
    undo: () => root.undo(Math.min(undoable, UNDOABLE_MAX)),
  };
}

/** Coins that are between the chains are on neither: waits until none are. */
async function untilCrossed(clock: ManualClock, root: ChainClient): Promise<void> {
  for (let isOpen = true; isOpen; ) {
    const { events } = await root.events(CROSSINGS, { version: 0n, index: 0 }, EVENTS_MAX);
    const open = new Set<string>();
    for (const { eventType, data } of events) {
      const name = formatTypeTag(eventType);
      // What was begun, and its end, both begin with the action's hash.
      const action = toHex(new BcsReader(data).bytes());
      if (name.endsWith("::AssetSettled")) open.delete(action);
      else open.add(action);
    }
    isOpen = open.size > 0;
    if (isOpen) await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
  }
}

async function openPara(
  clock: ManualClock,
  store: ChainStore,
  root: LivingNode,
  place: number,
): Promise<ParaNode> {
  const opening = createParaNode({
    config: CONFIG,
    root: rootAccess(root.connect(), () => true),
    wallet: keyWallet(paraAccount(place)),
    clock,
    entropy: () => {
      throw new Error("the relay's key is in the store");
    },
    // A store outlives the node that closes it.
    store: { ...store, close: () => Promise.resolve() },
    settings: SETTINGS,
  });
  return during({ clock }, opening);
}

/** Makes the group of all nodes, and pays for what they bring to the root. */
async function foundGroup(
  clock: ManualClock,
  client: ChainClient,
  rootStore: ChainStore,
  places: readonly number[],
): Promise<void> {
  const { identity } = present(await rootStore.load(), "the root keeps a chain");
  const producers = [accountSigner(identity.producerSecret)];
  const nodes = places.map(paraAccount);
  const relays = places.map(relayAccount);
  for (const step of groupTransactions(() => clock.now(), producers, nodes, relays)) {
    await during({ clock }, submitAll(client, step));
    await clock.advance(BLOCK_MS);
  }
  for (const { address } of [...nodes, ...relays]) {
    await during({ clock }, fundFromFaucet(client, address, RELAY_FUNDS));
  }
}
