// Publishes a package of compiled modules at the account of a key, with the official SDK.
// As a script: `node publish.ts [API] [FAUCET]` publishes twenty-one on a chain of this machine.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  Account,
  Aptos,
  AptosConfig,
  Ed25519PrivateKey,
  Network,
  Serializer,
} from "@aptos-labs/ts-sdk";

/** A key that everybody knows: good for play money, and for nothing else. */
const EXAMPLE_KEY = `ed25519-priv-0x${"21".repeat(32)}`;
/** What publishing costs, and more. */
const FUNDS = 10_000_000;
const POLICY_COMPATIBLE = 1;

export interface Publication {
  /** URL of the chain's REST API, with its version: `http://127.0.0.1:8080/v1`. */
  readonly api: string;
  readonly faucet: string;
  /** Ed25519 secret key of the account that publishes; its address stands in Move.toml. */
  readonly key: string;
  readonly name: string;
  /** Bytecode by module name, each behind those it uses. */
  readonly modules: ReadonlyMap<string, Uint8Array>;
}

/** Returns the address that the package is at. Throws the SDK's errors. */
export async function publish({ api, faucet, key, name, modules }: Publication): Promise<string> {
  const network = Network.CUSTOM;
  const aptos = new Aptos(new AptosConfig({ network, fullnode: api, faucet }));
  const signer = Account.fromPrivateKey({ privateKey: new Ed25519PrivateKey(key) });
  const { accountAddress } = signer;
  const options = { waitForIndexer: false };
  await aptos.fundAccount({ accountAddress, amount: FUNDS, options });
  const transaction = await aptos.publishPackageTransaction({
    account: accountAddress,
    metadataBytes: metadataOf(name, [...modules.keys()]),
    moduleBytecode: [...modules.values()],
  });
  const { hash } = await aptos.signAndSubmitTransaction({ signer, transaction });
  await aptos.waitForTransaction({ transactionHash: hash });
  return accountAddress.toString();
}

/** BCS of `0x1::code::PackageMetadata`, without sources. */
function metadataOf(name: string, moduleNames: readonly string[]): Uint8Array {
  const out = new Serializer();
  out.serializeStr(name);
  out.serializeU8(POLICY_COMPATIBLE);
  out.serializeU64(0);
  out.serializeStr("");
  out.serializeBytes(new Uint8Array());
  out.serializeU32AsUleb128(moduleNames.length);
  for (const module of moduleNames) {
    out.serializeStr(module);
    out.serializeBytes(new Uint8Array());
    out.serializeBytes(new Uint8Array());
    out.serializeBool(false);
  }
  // No dependencies but what the chain began with, and no extension.
  out.serializeU32AsUleb128(0);
  out.serializeBool(false);
  return out.toUint8Array();
}

/** Twenty-one, by the key that its Move.toml has the address of. */
export function publishTwentyOne(api: string, faucet: string): Promise<string> {
  const bytes = readFileSync(join(import.meta.dirname, "bytecode", "twenty_one.mv"));
  const modules = new Map([["twenty_one", bytes]]);
  return publish({ api, faucet, key: EXAMPLE_KEY, name: "TwentyOne", modules });
}

if (process.argv[1] === import.meta.filename) {
  const [api = "http://127.0.0.1:8080/v1", faucet = "http://127.0.0.1:8081"] =
    process.argv.slice(2);
  process.stdout.write(`Published at ${await publishTwentyOne(api, faucet)}\n`);
}
