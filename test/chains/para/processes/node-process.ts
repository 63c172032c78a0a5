// A machine of its own, as a process: a node of the root that takes its turns, and beside it, where
// it is asked for, a node of the parallel chain. Says on its output where they are served, and runs
// on. All keys are by name, so that whoever starts it has them too.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type ChainNode,
  type ChainStart,
  createChainNode,
  createParaNode,
  createPeerNetwork,
  createRestApi,
  foundChain,
  joinChain,
  keepDialled,
  keyWallet,
  type PeerNetwork,
  paraConfig,
  rootAccess,
  systemClock,
  systemEntropy,
} from "#chains";
import { createPeerDoor, dialPeer, openSqliteStore, serveHttp } from "#chains-node";
import { present } from "#core/assert.ts";
import { accountNamed, secretNamed } from "../../fixture.ts";
import { paraAccount, TITLE } from "../para-chain.ts";
import { type Machine, PRODUCERS, producerName, SLOT_MS } from "./machine.ts";

const HOST = "127.0.0.1";
const clock = systemClock;
/** The seed's times are for blocks of seconds; here they are a tenth as long. */
const SETTINGS = {
  emptyBlockInterval: 2n,
  sendMs: 500n,
  consensusQueryMs: 2_000n,
  pruneMs: 2_500n,
};

const machine = JSON.parse(process.argv[2] ?? "") as Machine;

function start(): Promise<ChainStart> {
  const producerSecret = secretNamed(producerName(machine.place));
  if (machine.peers.length > 0) {
    return joinChain(dialPeer, machine.peers, clock, systemEntropy, producerSecret);
  }
  const producers = Array.from({ length: PRODUCERS }, (_, place) => {
    return accountNamed(producerName(place)).publicKey;
  });
  const founding = { producerSecret, producers, slotMs: SLOT_MS };
  return Promise.resolve(foundChain(clock, systemEntropy, founding));
}

async function serveRoot() {
  mkdirSync(machine.folder, { recursive: true });
  const store = openSqliteStore(join(machine.folder, "root.sqlite"));
  const node = await createChainNode({ clock, entropy: systemEntropy, store, start });
  const network = createPeerNetwork(node, clock);
  keepDialled(network, clock, dialPeer, machine.peers);
  const onUpgrade = createPeerDoor((link) => network.join(link));
  const api = createRestApi(node);
  const server = await serveHttp(api, { host: HOST, port: machine.port, onUpgrade });
  return { node, network, url: `${server.url}/v1` };
}

async function servePara(root: ChainNode, network: PeerNetwork): Promise<string> {
  const client = root.connect();
  const { timestampUs } = present(await client.block(0n), "a genesis").block.header;
  const owner = accountNamed("para owner").publicKey;
  const config = present(paraConfig(TITLE, 1, owner, { height: 0n, timestampUs }), "a title");
  const node = await createParaNode({
    config,
    root: rootAccess(client, () => network.count() > 0),
    wallet: keyWallet(paraAccount(machine.place)),
    clock,
    entropy: systemEntropy,
    store: openSqliteStore(join(machine.folder, "para.sqlite")),
    settings: SETTINGS,
  });
  const server = await serveHttp(createRestApi(node), { host: HOST, port: 0 });
  return `${server.url}/v1`;
}

const { node, network, url } = await serveRoot();
const para = machine.hasPara ? await servePara(node, network) : undefined;
process.stdout.write(`${JSON.stringify({ root: url, para })}\n`);
