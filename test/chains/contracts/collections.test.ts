import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { utf8 } from "#core/bytes.ts";
import { refusalOf } from "./abort.ts";
import { arg, type Ran } from "./contract-chain.ts";
import { startTrialChain } from "./trial-modules.ts";

const chain = startTrialChain();
const RUNS = { numRuns: 40 };
const OUT_OF_BOUNDS = "0x1::vector 131072";
const OWNER = makeAddress("0x0e");

const numbers = fc.array(fc.bigInt({ min: 0n, max: 9n }), { maxLength: 8 });

function ask(name: string, ...args: readonly Uint8Array[]) {
  return chain.ask(`0x7e57::collections::${name}`, { args });
}

function list(bytes: Uint8Array | undefined): bigint[] {
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.vector((item) => item.u64()));
}

/** The first returned values as lists, or the refusal. */
function lists(ran: Ran, count = ran.returns.length): bigint[][] | string {
  return ran.status.type === "executed" ? ran.returns.slice(0, count).map(list) : refusalOf(ran);
}

describe("vector", () => {
  it("appends, forwards and backwards", () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const args = [arg.u64s(a), arg.u64s(b)];
        expect(list(ask("append", ...args).returns[0])).toEqual([...a, ...b]);
        expect(list(ask("reverse_append", ...args).returns[0])).toEqual([...a, ...b.toReversed()]);
      }),
      RUNS,
    );
  });

  it("inserts and removes at every index, and refuses the ones beyond", () => {
    fc.assert(
      fc.property(numbers, fc.nat(9), (values, index) => {
        const args = [arg.u64s(values), arg.u64(index)];
        const { length } = values;
        const inserted = index > length ? OUT_OF_BOUNDS : [values.toSpliced(index, 0, 42n)];
        expect(lists(ask("insert", ...args, arg.u64(42)))).toEqual(inserted);
        const isInside = index < length;
        const removed = isInside ? [values.toSpliced(index, 1)] : OUT_OF_BOUNDS;
        expect(lists(ask("remove", ...args), 1)).toEqual(removed);
        const filled = isInside ? values.with(index, values.at(-1) ?? 0n).slice(0, -1) : [];
        const swapped = isInside ? [filled] : OUT_OF_BOUNDS;
        expect(lists(ask("swap_remove", ...args), 1)).toEqual(swapped);
        const taken = isInside ? arg.u64(values[index] ?? 0n) : undefined;
        expect(ask("remove", ...args).returns[1]).toEqual(taken);
        expect(ask("swap_remove", ...args).returns[1]).toEqual(taken);
      }),
      RUNS,
    );
  });

  it("takes parts, and refuses ranges that are not inside", () => {
    fc.assert(
      fc.property(numbers, fc.nat(9), fc.nat(9), (values, start, end) => {
        const args = [arg.u64s(values), arg.u64(start), arg.u64(end)];
        const isInside = start <= end && end <= values.length;
        const middle = values.slice(start, end);
        const turned = [...values.slice(0, start), ...middle.toReversed(), ...values.slice(end)];
        expect(lists(ask("slice", ...args))).toEqual(isInside ? [middle] : OUT_OF_BOUNDS);
        expect(lists(ask("reverse_slice", ...args))).toEqual(isInside ? [turned] : OUT_OF_BOUNDS);
      }),
      RUNS,
    );
  });

  it("cuts its end off", () => {
    fc.assert(
      fc.property(numbers, fc.nat(9), (values, length) => {
        const parts = [values.slice(0, length), values.slice(length)];
        const expected = length > values.length ? OUT_OF_BOUNDS : parts;
        expect(lists(ask("trim", arg.u64s(values), arg.u64(length)))).toEqual(expected);
      }),
      RUNS,
    );
  });

  it("finds the first of equals", () => {
    const found = ask("index_of", arg.u64s([5n, 7n, 7n]), arg.u64(7));
    expect(found.returns).toEqual([Uint8Array.of(1), arg.u64(1)]);
    expect(ask("index_of", arg.u64s([5n]), arg.u64(7)).returns[0]).toEqual(Uint8Array.of(0));
  });
});

describe("option", () => {
  it("is filled, swapped and emptied", () => {
    const { returns } = ask("cycle", arg.u64(1), arg.u64(2));
    expect(returns).toEqual([arg.u64(1), arg.u64(2), Uint8Array.of(1)]);
  });

  it("refuses a second value and a value from none", () => {
    expect(refusalOf(ask("fill_twice"))).toBe("0x1::option 262144");
    expect(refusalOf(ask("take_from_none"))).toBe("0x1::option 262145");
  });
});

describe("string", () => {
  it("takes parts between characters only", () => {
    const part = (i: number, j: number) =>
      ask("sub_string", arg.text("aé⚓"), arg.u64(i), arg.u64(j));
    expect(part(1, 3).returns[0]).toEqual(arg.text("é"));
    expect(part(3, 6).returns[0]).toEqual(arg.text("⚓"));
    for (const [i, j] of [
      [2, 3],
      [1, 2],
      [3, 1],
      [0, 7],
    ] as const) {
      expect([i, j, refusalOf(part(i, j))]).toEqual([i, j, "0x1::string 2"]);
    }
  });

  it("finds and joins", () => {
    expect(ask("find", arg.text("anchor"), arg.text("ho")).returns[0]).toEqual(arg.u64(3));
    expect(ask("find", arg.text("anchor"), arg.text("x")).returns[0]).toEqual(arg.u64(6));
    const joined = ask("join", arg.text("an"), arg.bytes(utf8("chor")));
    expect(joined.returns[0]).toEqual(arg.text("anchor"));
    const broken = ask("join", arg.text("an"), arg.bytes(Uint8Array.of(0xc3)));
    expect(refusalOf(broken)).toBe("0x1::string 1");
  });
});

describe("table", () => {
  const run = (name: string, ...args: readonly Uint8Array[]) =>
    chain.run(`0x7e57::collections::${name}`, { sender: OWNER, args });
  const look = (key: number) => ask("look", arg.address(OWNER), arg.u64(key)).returns;
  const shown = (length: number, value?: number) => [
    arg.u64(length),
    encodeBcs((writer) => writer.bool(value !== undefined)),
    arg.u64(value ?? 0),
  ];

  it("holds, counts, replaces and gives up its items", () => {
    expect(refusalOf(run("make_shelf"))).toBe("EXECUTED");
    run("put", arg.u64(1), arg.u64(10));
    run("set", arg.u64(2), arg.u64(20));
    run("set", arg.u64(1), arg.u64(11));
    expect(look(1)).toEqual(shown(2, 11));
    expect(look(2)).toEqual(shown(2, 20));
    expect(look(3)).toEqual(shown(2));
    expect(refusalOf(run("put", arg.u64(1), arg.u64(0)))).toBe("0x1::table 65537");
    expect(refusalOf(run("take", arg.u64(3)))).toBe("0x1::table 65538");
    expect(refusalOf(run("drop_shelf"))).toBe("0x1::table_with_length 196611");
    run("take", arg.u64(1));
    run("take", arg.u64(2));
    expect(look(1)).toEqual(shown(0));
    expect(refusalOf(run("drop_shelf"))).toBe("EXECUTED");
  });
});
