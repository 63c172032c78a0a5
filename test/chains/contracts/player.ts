// Somebody who plays: an account with funds and a node, on a contract chain.
import { type Address, addressFromBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { concatBytes, utf8 } from "#core/bytes.ts";
import {
  type PublicKey,
  parseSecretKey,
  publicKeyOf,
  type SecretKey,
  type Signature,
  signEd25519,
} from "#core/ed25519.ts";
import { type Hash, parseHash, sha2_256, sha3 } from "#core/hash.ts";
import { nodeOwnerMessage } from "../../../src/channel/codec.ts";
import { arg, type ContractChain, FAUCET, FUNDS } from "./contract-chain.ts";

export interface Player {
  readonly name: string;
  readonly address: Address;
  readonly memberKey: PublicKey;
  readonly nodeKey: PublicKey;
  readonly revealTip: Hash;
  signAsNode(message: Uint8Array): Signature;
  signAsMember(message: Uint8Array): Signature;
}

const ED25519_SCHEME = Uint8Array.of(0);

function secret(seed: string): SecretKey {
  return present(parseSecretKey(sha2_256(utf8(seed))), "a hash is a key");
}

/** The account whose key this is. */
export function accountOf(key: PublicKey): Address {
  return addressFromBytes(sha3(concatBytes(key, ED25519_SCHEME)));
}

/** The keys of a name; the same name always has the same. */
export function playerNamed(name: string): Player {
  const member = secret(`${name} member`);
  const memberKey = publicKeyOf(member);
  const node = secret(`${name} node`);
  return {
    name,
    address: accountOf(memberKey),
    memberKey,
    nodeKey: publicKeyOf(node),
    revealTip: sha2_256(utf8(`${name} reveal`)),
    signAsNode: (message) => signEd25519(message, node),
    signAsMember: (message) => signEd25519(message, member),
  };
}

/** The 32 bytes that name the chain. */
export function genesisOf(chain: ContractChain): Hash {
  const [bytes] = chain.view("0x20::state_channel::get_genesis", {});
  const genesis = decodeBcs(present(bytes, "a view returns"), (reader) => reader.bytes().slice());
  return present(parseHash(genesis), "a hash");
}

export function fund(chain: ContractChain, player: Player, units: bigint = FUNDS): void {
  const args = [arg.address(player.address), arg.u64(units)];
  chain.ok("0x1::aptos_account::transfer", { sender: FAUCET, args });
}

/** What registers these keys as the player's, by whom the proof is signed. */
export function registrationArgs(
  chain: ContractChain,
  player: Player,
  node: Pick<Player, "nodeKey" | "signAsNode"> = player,
): readonly Uint8Array[] {
  const proof = node.signAsNode(nodeOwnerMessage(genesisOf(chain), player.address));
  return [player.memberKey, node.nodeKey, player.revealTip, proof].map(arg.bytes);
}

/** A player with funds whose node is registered. */
export function enter(chain: ContractChain, name: string): Player {
  const player = playerNamed(name);
  fund(chain, player);
  const args = registrationArgs(chain, player);
  chain.ok("0x20::state_channel::register_node_entry", { sender: player.address, args });
  return player;
}
