import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import type { StateKey } from "#core/effects.ts";
import { rememberedKeys } from "../../../src/chains/ledger/remembered-keys.ts";

const handle = makeAddress("0x7");

function made(name: string): StateKey {
  return { kind: "tableItem", handle, key: new TextEncoder().encode(name) };
}

describe("remembered keys", () => {
  it("are the same object for a name, and what makes them says", () => {
    const keyOf = rememberedKeys(made);
    const one = keyOf("one");
    expect(keyOf("other")).toEqual(made("other"));
    expect(keyOf("one")).toBe(one);
    expect(one).toEqual(made("one"));
  });

  it("are bounded in number: beyond that they are made anew, and say the same", () => {
    let count = 0;
    const keyOf = rememberedKeys<string>((name) => {
      count += 1;
      return made(name);
    });
    for (let name = 0; name < 4_096; name++) keyOf(`${name}`);
    for (let name = 0; name < 4_096; name++) keyOf(`${name}`);
    expect(count).toBe(4_096);
    keyOf("one more");
    expect(keyOf("0")).toEqual(made("0"));
    expect(count).toBe(4_098);
  });
});
