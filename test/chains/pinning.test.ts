// The code of open channels: pinned when they are created, replaced by nobody while they are open.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Address, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { equalBytes } from "#core/bytes.ts";
import { publicKeyOf, signEd25519 } from "#core/ed25519.ts";
import { gasUnits } from "#core/gas-units.ts";
import { parseHash, ZERO_HASH } from "#core/hash.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { signTransaction } from "../../src/chains/ledger/account-signer.ts";
import { nodeOwnerMessage } from "../../src/channel/codec.ts";
import { deserializeModule } from "../../src/sandbox/binary-format/deserializer.ts";
import { serializeModule } from "../../src/sandbox/binary-format/serializer.ts";
import {
  accountNamed,
  commit,
  fund,
  rawTransaction,
  secretNamed,
  startChain,
  type TestChain,
  u64,
} from "./fixture.ts";
import { publishArguments } from "./package-metadata.ts";

const TRIAL = makeAddress("0x7e57");
const GAME = join(import.meta.dirname, "contracts", "trial", "bytecode", "game.mv");
const ALICE = accountNamed("alice");

/** The trial game as alice's own; another version of it has a private function by another name. */
function game(isOther = false): Uint8Array {
  const read = deserializeModule(Uint8Array.from(readFileSync(GAME)));
  const module = present(read.ok ? read.value : undefined, "the trial package deserialises");
  const ours = (address: Address) => (address === TRIAL ? ALICE.address : address);
  const renamed = module.identifiers.map((name) => (isOther && name === "keep" ? "held" : name));
  return serializeModule({
    ...module,
    addresses: module.addresses.map(ours),
    identifiers: renamed as typeof module.identifiers,
  });
}

/** Alice's transactions, one after the other. */
async function playing() {
  const chain = await startChain();
  await fund(chain, ALICE.address, 100_000_000n);
  let number = 0n;
  const send = async (target: string, args: readonly Uint8Array[]) => {
    const changes = { maxGas: gasUnits(2_000_000n) };
    const raw = rawTransaction(ALICE.address, number++, target, args, changes);
    const { receipt } = await commit(chain, signTransaction(raw, ALICE));
    return receipt.status;
  };
  const publish = (bytes: Uint8Array) => {
    const described = { name: "game", moduleNames: ["game"] };
    return send("0x1::code::publish_package_txn", publishArguments(described, [bytes]));
  };
  await register(chain, send);
  return { chain, send, publish };
}

async function register(
  chain: TestChain,
  send: (target: string, args: readonly Uint8Array[]) => Promise<unknown>,
): Promise<void> {
  const node = secretNamed("alice's node");
  const genesis = present(parseHash(await view(chain, "0x20::state_channel::get_genesis")), "hash");
  const proof = signEd25519(nodeOwnerMessage(genesis, ALICE.address), node);
  const keys = [ALICE.publicKey, publicKeyOf(node), ZERO_HASH, proof];
  const args = keys.map((key) => encodeBcs((writer) => writer.bytes(key)));
  await send("0x20::state_channel::register_node_entry", args);
}

/** What a view of bytes returns. */
async function view({ client }: TestChain, target: string, ...args: Uint8Array[]) {
  const id = present(parseFunctionId(target), "a function");
  const [answer] = await client.view({ function: id, typeArgs: [], args });
  return decodeBcs(present(answer, "an answer"), (reader) => reader.bytes().slice());
}

describe("a dapp republished under an open channel", () => {
  it("is refused until the last channel that plays by it is closed", async () => {
    const { send, publish } = await playing();
    const executed = { type: "executed" };
    expect(await publish(game())).toEqual(executed);
    const own = `${ALICE.address}::game`;
    expect(await send(`${own}::open`, [u64(0n), u64(0n)])).toEqual(executed);
    const refused = { type: "failed", status: "CONSTRAINT_NOT_SATISFIED" };
    expect(await publish(game(true))).toMatchObject(refused);
    expect(await publish(game())).toEqual(executed);
    expect(await send(`${own}::close`, [u64(1n)])).toEqual(executed);
    expect(await publish(game(true))).toMatchObject(refused);
    expect(await send(`${own}::close`, [u64(2n)])).toEqual(executed);
    expect(await publish(game(true))).toEqual(executed);
  });

  it("leaves the channel its profile, which members and the judge hold it to", async () => {
    const { chain, send, publish } = await playing();
    await publish(game());
    const before = await view(chain, "0x20::pinning::get_profile", u64(1n));
    expect(equalBytes(before, ZERO_HASH)).toBe(true);
    await send(`${ALICE.address}::game::open`, [u64(0n), u64(0n)]);
    const pinned = await view(chain, "0x20::pinning::get_profile", u64(1n));
    expect(equalBytes(pinned, ZERO_HASH)).toBe(false);
    await send(`${ALICE.address}::game::close`, [u64(1n)]);
    expect(await view(chain, "0x20::pinning::get_profile", u64(1n))).toEqual(pinned);
  });
});
