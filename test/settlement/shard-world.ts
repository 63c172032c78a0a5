// Members of one chat group on a shard of four nodes, whose gas comes from a root of one producer:
// all real, on a clock that the test moves.
import type { ChainClient } from "#chains";
import {
  fundFromFaucet,
  rootLink,
  type ShardLink,
  type ShardLinkOptions,
  shardLink,
} from "#settlement";
import { readUnfinished } from "../../src/settlement/adapters/shard/contract.ts";
import { coinsOf } from "../../src/settlement/coins.ts";
import { accountNamed, genesisStore, START_MS } from "../chains/fixture.ts";
import { type ManualClock, manualClock } from "../chains/manual-clock.ts";
import {
  SHARD,
  type ShardNetwork,
  shardNode,
  startNode,
  startShardOn,
  stopNode,
} from "../chains/shard/shard-network.ts";
import type { AdapterWorld, Line, WorldTerms } from "../conformance/settlement-world.ts";
import { type LastingClients, lastingClients } from "./lasting-clients.ts";
import { type LivingNode, livingNode } from "./living-node.ts";
import { during, FUNDS, groupOn, memberBy, type TestMember } from "./world.ts";

const NODES = 4;
/** A sole producer's block calls the one below it final, and nodes of other chains believe it. */
const UNDOABLE_MAX = 1;
export const GAS = { lowWater: 4_000_000n, target: 20_000_000n, budget: 60_000_000n };

export interface RootSite {
  readonly clock: ManualClock;
  readonly node: LivingNode;
  readonly client: ChainClient;
}

export interface ShardTestWorld extends AdapterWorld {
  readonly clock: ManualClock;
  readonly root: RootSite;
  readonly network: ShardNetwork<RootSite>;
  readonly member: (name: string, line?: Line) => Promise<Omit<TestMember, "client">>;
  readonly during: <T>(work: Promise<T>) => Promise<T>;
  link(options?: Partial<ShardLinkOptions>): ShardLink;
  /** Stops a node of the shard and starts it again. */
  restartNode(place: number): Promise<void>;
}

export async function startShardWorld({ undoable = 0 }: WorldTerms = {}): Promise<ShardTestWorld> {
  const clock = manualClock(START_MS);
  const node = await livingNode(clock, await genesisStore(), { finalityDepth: undoable });
  const root: RootSite = { clock, node, client: node.connect() };
  root.client.onHead(() => undefined);
  const network = await startShardOn(root, NODES);
  const clients: LastingClients = lastingClients(clock);
  clients.attach(shardNode(network, 0).node);
  const link = (options: Partial<ShardLinkOptions> = {}) =>
    shardLink({
      root: rootLink(node.connect()),
      shard: rootLink(clients.connect(), "node 0"),
      shardId: SHARD,
      clock,
      gas: GAS,
      ...options,
    });
  const ours = rootLink(clients.connect());
  // Somebody watches there too, so that time goes on.
  ours.onHead(() => undefined);
  const theirs = rootLink(root.client);
  const restartNode = async (place: number) => {
    await stopNode(network, place);
    await during({ clock }, startNode(network, place));
    if (place === 0) clients.attach(shardNode(network, 0).node);
  };
  return {
    clock,
    root,
    network,
    link,
    restartNode,
    tellingMs: 3_000,
    member: async (name, line = (access) => access) => {
      const account = accountNamed(name);
      await during({ clock }, fundFromFaucet(root.client, account.address, 3n * FUNDS));
      const access = line(link().access(account));
      const balance = async () => {
        const { address } = account;
        const unfinished = await readUnfinished(ours, address);
        const returning = unfinished.reduce((sum, { amount }) => sum + amount, 0n);
        return (await coinsOf(ours, address)) + (await coinsOf(theirs, address)) + returning;
      };
      return memberBy(clock, name, access, balance);
    },
    ...groupOn(clock, ours),
    restart: async () => {
      await node.restart();
      for (const place of network.places.keys()) await restartNode(place);
    },
    undo: () => node.undo(Math.min(undoable, UNDOABLE_MAX)),
  };
}
