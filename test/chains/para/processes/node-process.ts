// A process of its own: a root chain that has founded a parallel one, or a node of the parallel
// chain that follows the root as a peer. Says on its output where it is served, and runs on.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  accountSigner,
  beginParaChain,
  createChainNode,
  createParaNode,
  createPeerNetwork,
  createRestApi,
  foundChain,
  joinChain,
  keepDialled,
  keyWallet,
  newProducerSecret,
  type ParaConfig,
  type ParaNode,
  paraConfig,
  rootAccess,
  systemClock,
  systemEntropy,
} from "#chains";
import { createPeerDoor, dialPeer, openSqliteStore, serveHttp } from "#chains-node";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { parseSecretKey } from "#core/ed25519.ts";
import { sha2_256 } from "#core/hash.ts";

const HOST = "127.0.0.1";
const TITLE = "user.p.land.";
const NODES = 4;
const RETRY_MS = 500;
const clock = systemClock;

const [mode = "", folder = "", peer = "", place = "0"] = process.argv.slice(2);

function account(name: string) {
  return accountSigner(present(parseSecretKey(sha2_256(utf8(name))), "a hash is a key"));
}

/** The root chain's node here, and the door by which others reach it. */
async function runRoot(peers: readonly string[]) {
  mkdirSync(folder, { recursive: true });
  const store = openSqliteStore(join(folder, "root.sqlite"));
  const start = () =>
    peers.length === 0
      ? Promise.resolve(foundChain(clock, systemEntropy, {}))
      : joinChain(dialPeer, peers, clock, systemEntropy, newProducerSecret(systemEntropy));
  const node = await createChainNode({ clock, entropy: systemEntropy, store, start });
  const network = createPeerNetwork(node, clock);
  keepDialled(network, clock, dialPeer, peers);
  return { node, network };
}

async function serveRoot(): Promise<void> {
  const { node, network } = await runRoot([]);
  const client = node.connect();
  // Whoever watches makes a sole producer's time move on.
  client.onHead(() => undefined);
  const door = createPeerDoor((link) => network.join(link));
  const server = await serveHttp(createRestApi(node), { host: HOST, port: 0, onUpgrade: door });
  const nodes = Array.from({ length: NODES }, (_, index) => account(`node ${index}`).address);
  const owner = account("owner").publicKey;
  const founding = { title: TITLE, number: 1, owner, nodes };
  await beginParaChain(client, clock, node.producerAccount, founding);
  process.stdout.write(`API: ${server.url}/v1\n`);
}

async function servePara(): Promise<void> {
  const { node: root, network } = await runRoot([peer]);
  const client = root.connect();
  const genesis = present(await client.block(0n), "a genesis");
  const { timestampUs } = genesis.block.header;
  const owner = account("owner").publicKey;
  const config = present(paraConfig(TITLE, 1, owner, { height: 0n, timestampUs }), "a title");
  const node = await started(config, client, () => network.count() > 0);
  const server = await serveHttp(createRestApi(node), { host: HOST, port: 0 });
  process.stdout.write(`API: ${server.url}/v1\n`);
}

async function started(
  config: ParaConfig,
  client: Parameters<typeof rootAccess>[0],
  isSynced: () => boolean,
): Promise<ParaNode> {
  const store = openSqliteStore(join(folder, "para.sqlite"));
  const wallet = keyWallet(account(`node ${place}`));
  const root = rootAccess(client, isSynced);
  for (;;) {
    const before = await root.blockAt(config.startHeight);
    if (before !== undefined && isSynced()) break;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  return createParaNode({ config, root, wallet, clock, entropy: systemEntropy, store });
}

await (mode === "root" ? serveRoot() : servePara());
