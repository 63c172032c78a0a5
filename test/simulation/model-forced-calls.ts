// Forced calls of the model contract: what members post for the leader to order, until somebody
// shows it, or its leader is deposed.
import { decodeBcs } from "#core/bcs/reader.ts";
import type { ChainForcedCall, ChainForcedCalls } from "../../src/channel/chain-view.ts";
import { encode, signedCall } from "../../src/channel/codec.ts";
import type { ForcedCallAnswer } from "../../src/channel/evidence.ts";
import type { SignedCall } from "../../src/channel/messages.ts";
import { check } from "./model-refusal.ts";

const WINDOW_MS = 60_000n;
const BARRED_MS = 60_000n;

export class ModelForcedCalls {
  readonly #now: () => bigint;
  #open: ChainForcedCall[] = [];
  #barred: ChainForcedCalls["barred"] = [];

  constructor(now: () => bigint) {
    this.#now = now;
  }

  view(): ChainForcedCalls {
    return { open: [...this.#open], barred: [...this.#barred] };
  }

  open(signed: SignedCall, leader: bigint | undefined): void {
    const { seat, nonce } = signed.call;
    check(!this.#open.some((forced) => forced.seat === seat), 68);
    const posted = this.#now();
    const due = posted + WINDOW_MS;
    this.#open.push({ seat, nonce, call: encode(signedCall, signed), posted, leader, due });
  }

  /** The certificate holds; of the proof the model takes the record at its word. */
  answer({ seat, header, record }: ForcedCallAnswer): void {
    const { nonce, posted } = this.#call(seat);
    const next = decodeBcs(record, (reader) => {
      reader.address();
      const read = reader.u64();
      reader.fixed(reader.remaining);
      return read;
    });
    check(next > nonce || (header.time >= posted && next < nonce), 36);
    this.#close(seat);
  }

  /** Returns who leads then: nobody. */
  depose(seat: bigint, leader: bigint | undefined): undefined {
    const call = this.#call(seat);
    check(leader !== undefined && call.leader === leader && this.#now() >= call.due, 14);
    this.#close(seat);
    this.#barred = [...this.#barred, { seat: leader, until: this.#now() + BARRED_MS }];
    return undefined;
  }

  noteLeader(leader: bigint): void {
    const due = this.#now() + WINDOW_MS;
    this.#open = this.#open.map((call) =>
      call.leader === leader ? call : { ...call, leader, due },
    );
  }

  isBarred(seat: bigint): boolean {
    return this.#barred.some((one) => one.seat === seat && this.#now() < one.until);
  }

  #call(seat: bigint): ChainForcedCall {
    const found = this.#open.find((call) => call.seat === seat);
    check(found !== undefined, 67);
    return found;
  }

  #close(seat: bigint): void {
    this.#open = this.#open.filter((call) => call.seat !== seat);
  }
}
