// What begins a parallel chain goes on where an earlier life of it was cut short.
import { expect, it } from "vitest";
import { type AccountSigner, beginParaChain, hasParaGroup, signTransaction } from "#chains";
import { addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { parseModuleId } from "#core/identifier.ts";
import { formatTypeTag } from "#core/type-tag.ts";
import { commit, fund, rawTransaction, startChain, type TestChain, u64 } from "../fixture.ts";
import { meanwhile } from "../shard/shard-network.ts";
import { CONFIG, paraAccount, text } from "./para-chain.ts";

const MODULE = present(parseModuleId("0x40::node_group"), "a module");
const FROZEN = 1_000_000n;
const NODES = [0, 1, 2, 3].map((place) => paraAccount(place).address);

async function act(
  chain: TestChain,
  by: AccountSigner,
  name: string,
  args: readonly Uint8Array[],
): Promise<void> {
  const { sequenceNumber } = await chain.client.account(by.address);
  const raw = rawTransaction(by.address, sequenceNumber, `0x40::${name}`, args);
  const { receipt } = await commit(chain, signTransaction(raw, by));
  expect(receipt.status.type).toBe("executed");
}

/** How many have applied for a group, and how many were approved. */
async function groupEvents({ client }: TestChain): Promise<readonly string[]> {
  const { events } = await client.events(MODULE, { version: 0n, index: 0 }, 100);
  return events.map(({ eventType }) => formatTypeTag(eventType).replace(/^.*::/, ""));
}

it("a parallel chain that was applied for is approved, and not applied for again", async () => {
  const chain = await startChain();
  const { client, clock, node } = chain;
  client.onHead(() => undefined);
  const producer = node.producerAccount;
  await fund(chain, producer.address, 1_000_000_000n);
  await act(chain, producer, "manager::appoint", [addressToBytes(producer.address)]);
  await act(chain, producer, "node_group::apply", [
    text(CONFIG.title),
    encodeBcs((writer) => writer.vector(NODES, (out, address) => out.address(address))),
    u64(FROZEN),
    encodeBcs((writer) => writer.bool(false)),
  ]);
  expect(await meanwhile(chain, hasParaGroup(client, CONFIG.title))).toBe(false);
  const founding = { title: CONFIG.title, number: 1, owner: CONFIG.owner, nodes: NODES };
  const config = await meanwhile(chain, beginParaChain(client, clock, producer, founding));
  expect(config).toMatchObject({ title: CONFIG.title, chainId: CONFIG.chainId });
  await clock.advance(3_000);
  expect(await groupEvents(chain)).toEqual(["Applied", "Approved"]);
  // Begun again, it does nothing.
  await meanwhile(chain, beginParaChain(client, clock, producer, founding));
  await clock.advance(3_000);
  expect(await groupEvents(chain)).toEqual(["Applied", "Approved"]);
});
