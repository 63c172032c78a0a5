/**
 * Carries an outbox to another chain as calls by an account of the node's own: numbers, signs and
 * hands them over, and looks for them in blocks. Whatever it is cut off from comes back later.
 */
import { assertNever } from "#core/assert.ts";
import type { Hash } from "#core/hash.ts";
import { isExecuted } from "#core/status.ts";
import type { AccountSigner } from "../ledger/account-signer.ts";
import { vmStatusText } from "../ledger/receipt.ts";
import type { Clock } from "../ports.ts";
import { type ChainClient, ChainError } from "../rpc/client.ts";
import { type AccountCall, signCall } from "./account-call.ts";
import {
  createOutbox,
  type Outbox,
  type OutboxEffect,
  type OutboxInput,
  type OutboxItem,
  type Outcome,
  stepOutbox,
  unsettled,
} from "./outbox.ts";

/** A call that has not come into a block by then is void: it is not waited for longer. */
const LIFETIME_SECS = 60n;

export type CourierClient = Pick<
  ChainClient,
  "ledger" | "account" | "submit" | "transaction" | "onHead"
>;

export interface CourierOptions {
  readonly client: CourierClient;
  readonly clock: Clock;
  readonly signer: AccountSigner;
  /** An item is dealt with: it had its effect, or the other chain refuses it for good. */
  readonly onSettled: (item: OutboxItem<AccountCall>, refusal: string | undefined) => void;
}

export interface Courier {
  add(items: readonly OutboxItem<AccountCall>[]): void;
  /** What is not dealt with, in the order in which it came. */
  unsettled(): readonly OutboxItem<AccountCall>[];
  /** What kept it from handing over last; undefined when it last could. */
  trouble(): string | undefined;
  close(): void;
}

interface CourierState {
  readonly options: CourierOptions;
  readonly outbox: Outbox<AccountCall>;
  /** Of the batch that is on its way, by the names of its items. */
  hashes: ReadonlyMap<string, Hash>;
  trouble: string | undefined;
  cancelWake: () => void;
  closed: boolean;
}

export function createCourier(options: CourierOptions): Courier {
  const { client, clock } = options;
  const state: CourierState = {
    options,
    outbox: createOutbox(clock.now()),
    hashes: new Map(),
    trouble: undefined,
    cancelWake: () => undefined,
    closed: false,
  };
  const stopListening = client.onHead(() => put(state, { type: "block" }));
  return {
    add: (items) => put(state, { type: "add", items }),
    unsettled: () => unsettled(state.outbox),
    trouble: () => state.trouble,
    close: () => {
      state.closed = true;
      stopListening();
      state.cancelWake();
    },
  };
}

function put(state: CourierState, input: OutboxInput<AccountCall>): void {
  if (state.closed) return;
  const nowMs = state.options.clock.now();
  for (const next of [{ type: "tick", nowMs } as const, input]) {
    for (const effect of stepOutbox(state.outbox, next)) run(state, effect);
  }
}

function run(state: CourierState, effect: OutboxEffect<AccountCall>): void {
  switch (effect.type) {
    case "send":
      return void send(state, effect);
    case "look":
      return void look(state, effect.attempt);
    case "settled":
      return state.options.onSettled(effect.item, effect.refusal);
    case "wake":
      return wakeAt(state, effect.atMs);
    default:
      assertNever(effect);
  }
}

function wakeAt(state: CourierState, atMs: bigint): void {
  const { clock } = state.options;
  state.cancelWake();
  const delayMs = Math.max(Number(atMs - clock.now()), 0);
  state.cancelWake = clock.after(delayMs, () => put(state, { type: "tick", nowMs: clock.now() }));
}

async function send(
  state: CourierState,
  { attempt, items }: Extract<OutboxEffect<AccountCall>, { readonly type: "send" }>,
): Promise<void> {
  const { client, clock, signer } = state.options;
  try {
    const [account, ledger] = await Promise.all([client.account(signer.address), client.ledger()]);
    const hashes = new Map<string, Hash>();
    for (const [place, { name, news }] of items.entries()) {
      const signed = signCall(signer, news, {
        chainId: ledger.chainId,
        sequenceNumber: account.sequenceNumber + BigInt(place),
        gasUnitPrice: ledger.gasUnitPrice,
        nowMs: clock.now(),
        lifetimeSecs: LIFETIME_SECS,
      });
      hashes.set(name, signed.hash);
      await submit(client, signed.bytes);
    }
    state.hashes = hashes;
    state.trouble = undefined;
    put(state, { type: "sent", attempt, height: ledger.height });
  } catch (error) {
    state.trouble = error instanceof Error ? error.message : String(error);
    put(state, { type: "unsent", attempt });
  }
}

/** What waits with this number already was handed over before: it may land as well. */
async function submit(client: CourierClient, bytes: Uint8Array): Promise<void> {
  try {
    await client.submit(bytes);
  } catch (error) {
    const isStanding = error instanceof ChainError && error.code === "invalid_transaction_update";
    if (!isStanding) throw error;
  }
}

async function look(state: CourierState, attempt: number): Promise<void> {
  const { client } = state.options;
  try {
    const { height, finalHeight } = await client.ledger();
    const outcomes = new Map<string, Outcome>();
    for (const [name, hash] of state.hashes) {
      outcomes.set(name, await outcomeOf(client, hash, finalHeight));
    }
    put(state, { type: "outcomes", attempt, height, outcomes });
  } catch {
    // Asked again with the next block.
  }
}

async function outcomeOf(client: CourierClient, hash: Hash, finalHeight: bigint): Promise<Outcome> {
  const found = await client.transaction(hash);
  if (found === undefined || found === "pending") return { type: "absent" };
  if (found.height > finalHeight) return { type: "included" };
  const { status } = found.receipt;
  return isExecuted(status) ? { type: "final" } : { type: "refused", why: vmStatusText(status) };
}
