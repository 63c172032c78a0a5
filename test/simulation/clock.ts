// Virtual time: things happen in the order of their moments, and of being planned within one.

interface Planned {
  readonly at: bigint;
  readonly order: number;
  readonly run: () => void | Promise<void>;
}

export class VirtualClock {
  now: bigint;
  #order = 0;
  readonly #heap: Planned[] = [];

  constructor(now: bigint) {
    this.now = now;
  }

  plan(at: bigint, run: () => void | Promise<void>): void {
    this.#order += 1;
    const planned: Planned = { at: at < this.now ? this.now : at, order: this.#order, run };
    this.#heap.push(planned);
    this.#raise(this.#heap.length - 1);
  }

  after(ms: number, run: () => void | Promise<void>): void {
    this.plan(this.now + BigInt(Math.ceil(ms)), run);
  }

  /** Runs everything planned up to `until`. */
  async runUntil(until: bigint): Promise<void> {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until) break;
      this.#removeFirst();
      this.now = next.at;
      await next.run();
    }
    this.now = until;
  }

  #raise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    let index = 0;
    for (;;) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < this.#heap.length && this.#isBefore(child, least)) least = child;
      }
      if (least === index) return;
      this.#swap(index, least);
      index = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [left, right] = [this.#heap[a], this.#heap[b]];
    if (left === undefined || right === undefined) return false;
    return left.at === right.at ? left.order < right.order : left.at < right.at;
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#heap[a], this.#heap[b]];
    if (left === undefined || right === undefined) return;
    this.#heap[a] = right;
    this.#heap[b] = left;
  }
}
