// Exits of the model contract: the highest confirmed header that anybody showed, open exits with
// their windows, and what the paid ones may still claim.

import type { ChainExits } from "../../src/channel/chain-view.ts";
import type { ClaimEvidence, ExitEvidence } from "../../src/channel/evidence.ts";
import type { Certificate, HeaderRef } from "../../src/channel/messages.ts";
import { check } from "./model-refusal.ts";

/** What exits need of the contract around them. */
export interface ExitsHost {
  readonly now: () => bigint;
  readonly window: () => bigint;
  /** The settled header. */
  readonly settled: () => HeaderRef;
  /** Takes steps in; throws where they do not hold. */
  readonly show: (evidence: ExitEvidence) => void;
  readonly isAlone: (seat: bigint) => boolean;
  /** Whether what the seat left behind is settled. */
  readonly isSettled: (seat: bigint) => boolean;
  readonly hasAsset: (seat: bigint) => boolean;
  /** Ends the seat at a header. */
  readonly endAt: (seat: bigint, reference: HeaderRef) => void;
  readonly forget: (seat: bigint) => void;
}

interface OpenExit {
  readonly seat: bigint;
  readonly due: bigint;
  readonly posted: HeaderRef;
}

export class ModelExits {
  readonly #host: ExitsHost;
  #highest: HeaderRef | undefined;
  #open: OpenExit[] = [];
  #claims: { readonly seat: bigint; readonly header: HeaderRef }[] = [];

  constructor(host: ExitsHost) {
    this.#host = host;
  }

  view(): ChainExits {
    return { highest: this.highest(), open: [...this.#open], claims: [...this.#claims] };
  }

  highest(): HeaderRef {
    return this.#highest ?? this.#host.settled();
  }

  /** A confirmation that holds was shown. */
  note({ ack: { header } }: Certificate): void {
    if (isHigher(header, this.highest())) this.#highest = header;
  }

  open(seat: bigint, evidence: ExitEvidence): void {
    const { show, isAlone, now, window } = this.#host;
    show(evidence);
    check(!isAlone(seat), 60);
    check(!this.#open.some((exit) => exit.seat === seat), 61);
    this.#open.push({ seat, due: now() + window(), posted: this.highest() });
  }

  contest(seat: bigint, evidence: ExitEvidence): void {
    this.#exit(seat);
    const before = this.highest();
    this.#host.show(evidence);
    check(this.highest() !== before, 13);
  }

  finish(seat: bigint): void {
    const { due } = this.#exit(seat);
    const { now, isSettled, endAt, hasAsset, forget } = this.#host;
    if (!isSettled(seat)) {
      check(now() >= due, 14);
      endAt(seat, this.highest());
    }
    this.#open = this.#open.filter((exit) => exit.seat !== seat);
    if (hasAsset(seat)) this.#claims.push({ seat, header: this.highest() });
    else forget(seat);
  }

  claim({ seat }: ClaimEvidence): void {
    check(
      this.#claims.some((claim) => claim.seat === seat),
      62,
    );
    this.#claims = this.#claims.filter((claim) => claim.seat !== seat);
    this.#host.forget(seat);
  }

  #exit(seat: bigint): OpenExit {
    const found = this.#open.find((exit) => exit.seat === seat);
    check(found !== undefined, 62);
    return found;
  }
}

export function isHigher(a: HeaderRef, b: HeaderRef): boolean {
  const parts = [
    [a.epoch.term, b.epoch.term],
    [a.epoch.view, b.epoch.view],
    [a.number, b.number],
  ] as const;
  for (const [left, right] of parts) if (left !== right) return left > right;
  return false;
}
