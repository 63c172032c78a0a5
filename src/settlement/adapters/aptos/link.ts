/** A chain behind a REST endpoint, as a player's node uses it; its faucet gives play money. */
import type { Clock } from "#channel";
import { type Address, formatAddress } from "#core/address.ts";
import { fromHex } from "#core/bytes.ts";
import { parseHash } from "#core/hash.ts";
import type { ChainLink } from "../../chain-access.ts";
import { coinsOf } from "../../coins.ts";
import { trouble } from "../../settlement-error.ts";
import { type Endpoint, endpointAccess, endpointEventsIn, endpointReader } from "./access.ts";
import { readBlockTransactions } from "./block-transactions.ts";
import { createHeadPoll } from "./head-poll.ts";
import { isList, isRecord } from "./json.ts";
import { readBlock, readLedger } from "./ledger.ts";
import { createModuleAbis } from "./module-abi.ts";
import { createRest, type Fetch, JSON_TYPE, type Rest } from "./rest.ts";

export interface AptosLinkOptions {
  /** The endpoint, with or without `/v1` at its end: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where absent, the next port, as `holdfast chain` has it. */
  readonly faucet?: string | undefined;
  readonly clock: Clock;
  /** The platform's where absent. */
  readonly fetch?: Fetch;
  /** Blocks above one that make it final: 0, where the chain has but one producer. */
  readonly finalityDepth?: number;
}

const VERSION_PATH = "/v1";
/** As far as past events are looked for: every transaction has to be asked for. */
const PAST_VERSIONS = 1_000n;
const PAYMENT_TIMEOUT_MS = 20_000n;

/** Throws SettlementError BAD_ANSWER where `url` is none. */
export function aptosLink(options: AptosLinkOptions): ChainLink {
  const { clock, finalityDepth = 0 } = options;
  const fetchFrom: Fetch = options.fetch ?? ((url, init) => fetch(url, init));
  const { base, faucet } = addressesOf(options);
  const rest = createRest(base, fetchFrom, clock);
  const askFaucet = createRest(faucet, fetchFrom, clock);
  const endpoint: Endpoint = {
    rest,
    abis: createModuleAbis(rest),
    poll: createHeadPoll(async () => (await readLedger(rest)).version, clock),
    now: () => clock.now(),
    finalityDepth,
  };
  const reader = endpointReader(endpoint);
  return {
    ...reader,
    name: base,
    eventStart: async () => {
      const { version } = await readLedger(rest);
      return { version: version > PAST_VERSIONS ? version - PAST_VERSIONS : 0n, index: 0 };
    },
    height: async () => (await readLedger(rest)).height,
    block: (height) => readBlock(rest, height),
    transactionsIn: (height) => readBlockTransactions(rest, height),
    eventsIn: (height, module) => endpointEventsIn(endpoint, height, module),
    access: (signer) => endpointAccess(endpoint, signer),
    fund: async (address, least) => {
      const held = await coinsOf(reader, address);
      if (held >= least) return;
      await pay(rest, askFaucet, address, least - held, clock);
    },
    close: () => endpoint.poll.stop(),
  };
}

interface Addresses {
  readonly base: string;
  readonly faucet: string;
}

function addressesOf({ url, faucet }: AptosLinkOptions): Addresses {
  if (!URL.canParse(url)) throw trouble("BAD_ANSWER", `"${url}" is no URL of a chain`);
  const base = url.replace(/\/+$/, "");
  const next = new URL(base);
  const port = next.port === "" ? "80" : next.port;
  next.port = `${Number(port) + 1}`;
  next.pathname = "";
  const given = (faucet ?? next.href).replace(/\/+$/, "");
  return { base: base.endsWith(VERSION_PATH) ? base : `${base}${VERSION_PATH}`, faucet: given };
}

/** Resolves when the payment is in a block. */
async function pay(
  rest: Rest,
  faucet: Rest,
  address: Address,
  amount: bigint,
  clock: Clock,
): Promise<void> {
  const content = JSON.stringify({ address: formatAddress(address), amount: Number(amount) });
  const answer = await faucet({ path: "/fund", body: { type: JSON_TYPE, content } });
  if (!answer.ok) throw trouble("NO_FUNDS", `the faucet refuses: ${answer.refusal.message}`);
  const hashes = isRecord(answer.json) ? answer.json["txn_hashes"] : undefined;
  const first = isList(hashes) ? hashes[0] : undefined;
  const bytes = typeof first === "string" ? fromHex(first) : undefined;
  if (bytes === undefined || parseHash(bytes) === undefined || typeof first !== "string") {
    throw trouble("BAD_ANSWER", "the faucet names no payment");
  }
  const deadlineMs = clock.now() + PAYMENT_TIMEOUT_MS;
  for (;;) {
    const paid = await rest({ path: `/transactions/wait_by_hash/${first}` });
    if (paid.ok && isRecord(paid.json) && paid.json["type"] !== "pending_transaction") return;
    if (clock.now() >= deadlineMs) {
      throw trouble("CHAIN_UNREACHABLE", "the faucet's payment found its way into no block");
    }
  }
}
