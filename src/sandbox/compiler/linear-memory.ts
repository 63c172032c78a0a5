/**
 * The host's hold on the linear memory: typed access, and allocation by the same bump pointer as
 * programs use. Views are renewed when the memory has grown, so never keep one across a call into a
 * program.
 */
import type { Address } from "../core/address.ts";
import { assert } from "../core/assert.ts";
import {
  HEAP,
  HEAP_END,
  HEAP_TOP,
  INITIAL_PAGES,
  KECCAK_CONSTANTS,
  MEMORY_PAGES_MAX,
  PAGE_SIZE,
} from "./memory-map.ts";
import { ROUND_CONSTANTS } from "./routines/sha3.ts";

const ALIGN = 8;
const WORD_RANGE = 2 ** 32;

/** The heap is at its end: the interpreter takes over. */
export class HeapExhaustedError extends Error {
  override readonly name = "HeapExhaustedError";
}

/** The low 32 bits of a safe integer that is not negative. */
export function lowWord(value: number): number {
  return value | 0;
}

/** The bits above them. */
export function highWord(value: number): number {
  return Math.floor(value / WORD_RANGE);
}

export class LinearMemory {
  /** Whose address stands at `SIGNER`. */
  signer: Address | undefined;
  readonly memory = new WebAssembly.Memory({ initial: INITIAL_PAGES });
  #view = new DataView(this.memory.buffer);
  #bytes = new Uint8Array(this.memory.buffer);

  constructor() {
    this.resetHeap();
    ROUND_CONSTANTS.forEach((constant, index) => {
      this.#view.setBigUint64(KECCAK_CONSTANTS + 8 * index, constant, true);
    });
  }

  get view(): DataView {
    this.#renew();
    return this.#view;
  }

  get bytes(): Uint8Array {
    this.#renew();
    return this.#bytes;
  }

  /** Size of the heap's used part, in bytes. */
  get heapUsed(): number {
    return this.heapTop - HEAP;
  }

  /** The heap's first free byte. */
  get heapTop(): number {
    return this.view.getUint32(HEAP_TOP, true);
  }

  /** Gives back everything from `address` on. */
  set heapTop(address: number) {
    this.view.setUint32(HEAP_TOP, address, true);
  }

  /** Forgets everything on the heap. */
  resetHeap(): void {
    this.view.setUint32(HEAP_TOP, HEAP, true);
    this.view.setUint32(HEAP_END, this.#bytes.length, true);
  }

  /**
   * Address of `size` bytes, aligned to 8, with undefined contents. Throws {@link
   * HeapExhaustedError}.
   */
  allocate(size: number): number {
    const top = this.view.getUint32(HEAP_TOP, true);
    const end = Math.ceil((top + size) / ALIGN) * ALIGN;
    if (end > this.#bytes.length) this.#grow(end);
    this.view.setUint32(HEAP_TOP, end, true);
    return top;
  }

  readU32(address: number): number {
    return this.view.getUint32(address, true);
  }

  writeU32(address: number, value: number): void {
    this.view.setUint32(address, value, true);
  }

  /** A non-negative 64-bit integer below 2^53. */
  readSafe(address: number): number {
    const { view } = this;
    const high = view.getInt32(address + 4, true);
    return high * WORD_RANGE + view.getUint32(address, true);
  }

  writeSafe(address: number, value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, "a counter is a safe integer");
    const { view } = this;
    view.setInt32(address, lowWord(value), true);
    view.setInt32(address + 4, highWord(value), true);
  }

  #grow(end: number): void {
    const pages = Math.ceil(end / PAGE_SIZE);
    if (pages > MEMORY_PAGES_MAX) throw new HeapExhaustedError("the heap is at its end");
    const missing = pages - this.#bytes.length / PAGE_SIZE;
    try {
      this.memory.grow(missing);
    } catch (cause) {
      throw new HeapExhaustedError("the host gives no more memory", { cause });
    }
    this.writeU32(HEAP_END, this.bytes.length);
  }

  #renew(): void {
    if (this.#bytes.length > 0) return;
    // A detached buffer has no bytes.
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#view = new DataView(this.memory.buffer);
  }
}
