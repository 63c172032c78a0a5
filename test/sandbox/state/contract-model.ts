/**
 * A multiproof checked the way a contract would: straight from rules SM2 to SM5 of SPEC.md, over
 * hex text and Node's own SHA-256, in one recursive pass that yields the root before and after.
 * Shares no code with the product. Returns undefined for anything it refuses.
 */
import { createHash } from "node:crypto";

export interface ContractEntry {
  readonly keyHash: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

type Leaf = { readonly keyHash: string; readonly valueHash: string };
type Node = { readonly hash: string; readonly leaf?: Leaf; readonly isEmpty?: boolean };
type Visit = {
  readonly before: string;
  readonly after: Node;
  /** A leaf below is nobody's entry. */
  readonly foreign: boolean;
  readonly tag: number;
};

const EMPTY: Node = { hash: "00".repeat(32), isEmpty: true };

class Refused extends Error {}

export function runContract(
  root: string,
  shape: readonly number[],
  hashes: readonly string[],
  entries: readonly ContractEntry[],
): string | undefined {
  let node = 0;
  let hash = 0;
  const next = () => hashes[hash++] ?? refuse();

  function visit(depth: number, path: string, here: readonly ContractEntry[]): Visit {
    const tag = shape[node++];
    const created = here.flatMap(({ keyHash, after }) =>
      after === undefined ? [] : [{ keyHash, valueHash: after }],
    );
    const held = here.filter(({ before }) => before !== undefined);
    if (tag === 0) {
      if (held.length > 0) refuse();
      return { before: EMPTY.hash, after: build(created, depth), foreign: false, tag };
    }
    if (tag === 1) {
      const [own, second] = held;
      if (own?.before === undefined || second !== undefined) return refuse();
      const before = hashLeaf({ keyHash: own.keyHash, valueHash: own.before });
      return { before, after: build(created, depth), foreign: false, tag };
    }
    if (tag === 3) {
      const leaf = { keyHash: next(), valueHash: next() };
      if (held.length > 0 || here.some(({ keyHash }) => keyHash === leaf.keyHash)) refuse();
      if (!bitsOf(leaf.keyHash).startsWith(path)) refuse();
      const after = build([...created, leaf], depth);
      return { before: hashLeaf(leaf), after, foreign: true, tag };
    }
    if (tag === 2 || tag === 4) {
      if (here.length > 0) refuse();
      const only = tag === 2 ? next() : hashInner(next(), next());
      if (only === EMPTY.hash) refuse();
      return { before: only, after: { hash: only }, foreign: true, tag };
    }
    if (tag !== 5 || here.length === 0 || depth === 256) return refuse();
    return visitInner(depth, path, here);
  }

  function visitInner(depth: number, path: string, here: readonly ContractEntry[]): Visit {
    const [zeros, ones] = ["0", "1"].map((bit) =>
      here.filter(({ keyHash }) => bitsOf(keyHash)[depth] === bit),
    ) as [ContractEntry[], ContractEntry[]];
    const left = visit(depth + 1, `${path}0`, zeros);
    const right = visit(depth + 1, `${path}1`, ones);
    if (zeros.length === 0) checkBare(left, right);
    if (ones.length === 0) checkBare(right, left);
    const tags = [left.tag, right.tag].sort((a, b) => a - b).join();
    if (["0,0", "0,1", "0,3"].includes(tags)) refuse();
    return {
      before: hashInner(left.before, right.before),
      after: join(left.after, right.after),
      foreign: left.foreign || right.foreign,
      tag: 5,
    };
  }

  function checkBare(bare: Visit, keyed: Visit): void {
    const canVanish = keyed.tag !== 0 && !keyed.foreign;
    if (bare.tag !== 0 && (bare.tag === 2) === canVanish) refuse();
  }

  try {
    const sorted = entries.every(({ keyHash }, at) => {
      const following = entries[at + 1];
      return following === undefined || keyHash < following.keyHash;
    });
    if (!sorted) return undefined;
    const top = visit(0, "", entries);
    const bare = entries.length === 0 && top.tag !== 0 && top.tag !== 2;
    if (bare || node !== shape.length || hash !== hashes.length) return undefined;
    return top.before === root ? top.after.hash : undefined;
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

function build(leaves: readonly Leaf[], depth: number): Node {
  const [first, second] = leaves;
  if (first === undefined) return EMPTY;
  if (second === undefined) return { hash: hashLeaf(first), leaf: first };
  const [zeros, ones] = ["0", "1"].map((bit) =>
    leaves.filter(({ keyHash }) => bitsOf(keyHash)[depth] === bit),
  ) as [Leaf[], Leaf[]];
  return { hash: hashInner(build(zeros, depth + 1).hash, build(ones, depth + 1).hash) };
}

function join(left: Node, right: Node): Node {
  if (left.isEmpty && (right.isEmpty || right.leaf)) return right;
  if (right.isEmpty && left.leaf) return left;
  return { hash: hashInner(left.hash, right.hash) };
}

function hashLeaf({ keyHash, valueHash }: Leaf): string {
  return sha(sha(Buffer.from("HOLDFAST::StateLeaf")) + keyHash + valueHash);
}

function hashInner(left: string, right: string): string {
  return sha(sha(Buffer.from("HOLDFAST::StateInner")) + left + right);
}

function sha(input: string | Buffer): string {
  const bytes = typeof input === "string" ? Buffer.from(input, "hex") : input;
  return createHash("sha256").update(bytes).digest("hex");
}

function bitsOf(hex: string): string {
  return hex
    .split("")
    .map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0"))
    .join("");
}

function refuse(): never {
  throw new Refused();
}
