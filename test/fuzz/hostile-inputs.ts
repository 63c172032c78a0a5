/**
 * Calls as a hostile caller would make them: any bytes for arguments, any types, any names, too
 * few or too many of everything. Executors agree about each, and say what was wrong.
 */
import fc from "fast-check";
import { present } from "#core/assert.ts";
import { STATUS_CODES } from "#core/status.ts";
import {
  type Call,
  type Executor,
  internalGas,
  makeAddress,
  makeStructTag,
  parseFunctionId,
  type Session,
  type StateTree,
  statusName,
  type TypeTag,
} from "#sandbox";
import { assembleBytes } from "../assembler/assembler.ts";
import { LIBRARY_STATE, parties } from "../differential/executors.ts";
import { ENTRY, LEDGER, OWNERS } from "../differential/ledger-runs.ts";
import { describeOutcome } from "../differential/outcome-text.ts";

const PROBE = assembleBytes(`
module 0xa::probe version 7
import struct 0x1::string::String has copy, drop, store
struct Pair<A, phantom B> has copy, drop, store
  left: A
  right: vector<A>
public fun same<T>(x: T): T
  move_loc x
  ret
public fun drop_it<T: drop>(x: T)
  ret
public fun pair<A: copy + drop, B>(x: Pair<A, B>): Pair<A, B>
  move_loc x
  ret
public fun look(x: &vector<u64>, y: &mut u128): u64
  move_loc y
  pop
  move_loc x
  vec_len u64
  ret
public entry fun mixed(s: &signer, a: u8, b: vector<vector<u8>>, c: 0x1::string::String, d: bool)
  ret
public entry fun texts(c: vector<0x1::string::String>, d: u256, e: vector<address>)
  ret
fun hidden(x: u64)
  ret
`);

const FUNCTIONS = [
  "0xa::probe::same",
  "0xa::probe::drop_it",
  "0xa::probe::pair",
  "0xa::probe::look",
  "0xa::probe::mixed",
  "0xa::probe::texts",
  "0xa::probe::hidden",
  "0xa::probe::nothing",
  "0xb::probe::same",
  "0xa::ledger::push",
  "0xa::ledger::label",
  "0x1::table::new",
  "0x1::nothing::give",
  "0x1::vector::empty",
] as const;

const BYTES = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .constantFrom(...OWNERS)
    .map((owner) => Uint8Array.from(Buffer.from(makeAddress(owner).slice(2), "hex"))),
  ENTRY.map((hex) => Uint8Array.from(Buffer.from(hex, "hex"))),
  // A length that promises more than there is.
  fc
    .uint8Array({ minLength: 4, maxLength: 5 })
    .map((bytes) => Uint8Array.of(...bytes.map((byte) => byte | 0x80), 0x0f)),
  fc
    .nat(3000)
    .map((size) => Uint8Array.of((size & 0x7f) | 0x80, size >> 7, ...new Uint8Array(size))),
);

const LEAF: fc.Arbitrary<TypeTag> = fc.constantFrom(
  ...(["bool", "u8", "u16", "u32", "u64", "u128", "u256", "address", "signer"] as const).map(
    (kind): TypeTag => ({ kind }),
  ),
  { kind: "struct", struct: makeStructTag("0xa::ledger::Entry") },
  { kind: "struct", struct: makeStructTag("0xa::ledger::Book") },
  { kind: "struct", struct: makeStructTag("0xa::ledger::Missing") },
  { kind: "struct", struct: makeStructTag("0x99::nowhere::Missing") },
  { kind: "struct", struct: makeStructTag("0x1::string::String") },
);

/** Types that exist and types that do not, nested deeper than any tag that can be written. */
const TYPE: fc.Arbitrary<TypeTag> = fc
  .tuple(LEAF, fc.array(fc.constantFrom("vector", "pair", "odd"), { maxLength: 30 }))
  .map(([leaf, around]) => around.reduce((inner: TypeTag, kind) => wrap(inner, kind), leaf));

function wrap(inner: TypeTag, kind: string): TypeTag {
  if (kind === "vector") return { kind: "vector", element: inner };
  const struct = makeStructTag("0xa::probe::Pair");
  const typeArgs = kind === "pair" ? [inner, inner] : [inner];
  return { kind: "struct", struct: { ...struct, typeArgs } };
}

export const HOSTILE_CALL: fc.Arbitrary<Call> = fc
  .record({
    mode: fc.constantFrom("entry", "function", "system"),
    name: fc.constantFrom(...FUNCTIONS),
    typeArgs: fc.array(TYPE, { maxLength: 3 }),
    args: fc.array(BYTES, { maxLength: 7 }),
    signers: fc.array(fc.constantFrom(...OWNERS), { maxLength: 2 }),
    gas: fc.oneof(fc.constant(100_000), fc.nat(400)),
  })
  .map(({ mode, name, typeArgs, args, signers, gas }) => ({
    mode,
    function: present(parseFunctionId(name), "a function's name"),
    typeArgs,
    args,
    signers: signers.map(makeAddress),
    gasLimit: internalGas(gas),
  }));

const PARTIES = parties("chain", false);
const STATUSES: ReadonlySet<string> = new Set(Object.keys(STATUS_CODES));

/** Library, ledger and probe, with what the owners' accounts begin with. */
const STATE: StateTree = preparedState();

function preparedState(): StateTree {
  const state = LIBRARY_STATE.fork();
  const session = begin(PARTIES[0]?.executor, state);
  for (const module of [LEDGER, PROBE]) {
    const { status } = session.publish(makeAddress("0xa"), [module], internalGas(10_000_000));
    if (status.type !== "executed") throw new Error(`refused: ${statusName(status)}`);
  }
  state.apply(session.changes());
  return state;
}

function begin(executor: Executor | undefined, state: StateTree): Session {
  const context = { uniqueSeed: new Uint8Array(32), chainId: 4 };
  return present(executor, "an executor").begin(state, context);
}

/** What is wrong with how executors take a call; undefined if nothing is. */
export function problemOfCall(call: Call): string | undefined {
  const said = PARTIES.map(({ name, executor }) => {
    const outcome = begin(executor, STATE).execute(call);
    if (!STATUSES.has(statusName(outcome.status))) return `${name}: a status of its own`;
    return describeOutcome(outcome).join("\n");
  });
  return said.every((text) => text === said[0]) ? undefined : said.join("\nor\n");
}
