// Requests to the chain name the module whose code makes them, whatever called that code and
// whether it was compiled in place. The harness compares every call with the interpreter.
import { describe, expect, it } from "vitest";
import { BcsReader } from "#core/bcs/reader.ts";
import { toHex, utf8 } from "#core/bytes.ts";
import { formatTypeTag } from "#core/type-tag.ts";
import { INLINE_REQUEST, NOTIFY_REQUEST, type Outcome } from "#sandbox";
import { createCompiledHarness } from "./harness.ts";

const LISTS = "vector<vector<u8>>, vector<vector<u8>>";
const QUEUE = `address, vector<u8>, vector<u8>, ${LISTS}`;
const NOTIFY = `address, vector<u8>, ${LISTS}`;

const NATIVES = `
module 0x1::action

native public fun queue_inline(${QUEUE})
native public fun notify(${NOTIFY})
`;

const ASKER = `
module 0x2::asker

import fun 0x1::action::queue_inline(${QUEUE})
import fun 0x1::action::notify(${NOTIFY})

public fun tell(whom: address)
  move_loc whom
  ld_const vector<u8> 0461736b73
  ld_const vector<vector<u8>> 00
  ld_const vector<vector<u8>> 020101020203
  call 0x1::action::notify
  ret

public fun queue(whom: address)
  move_loc whom
  ld_const vector<u8> 016d
  ld_const vector<u8> 0166
  ld_const vector<vector<u8>> 01027538
  ld_const vector<vector<u8>> 0100
  call 0x1::action::queue_inline
  ret
`;

const MIDDLE = `
module 0x3::middle

import fun 0x2::asker::tell(address)
import fun 0x1::action::notify(${NOTIFY})

public fun tell_twice(whom: address)
  copy_loc whom
  call 0x2::asker::tell
  move_loc whom
  ld_const vector<u8> 00
  ld_const vector<vector<u8>> 00
  ld_const vector<vector<u8>> 00
  call 0x1::action::notify
  ret
`;

const WHOM = `${"0".repeat(63)}9`;

function asked({ events }: Outcome) {
  return events.map(({ type, data }) => {
    const reader = new BcsReader(data);
    return {
      type: formatTypeTag(type),
      address: reader.address(),
      module: reader.string(),
      reader,
    };
  });
}

function start(changed = {}) {
  const harness = createCompiledHarness(changed);
  for (const text of [NATIVES, ASKER, MIDDLE]) harness.publish(text);
  return harness;
}

describe("a request", () => {
  it("[NA5] names its module before what it asks for", () => {
    const harness = start();
    const [queued] = asked(harness.call("0x2::asker::queue", { args: [WHOM] }));
    expect(queued).toMatchObject({ type: INLINE_REQUEST, module: "asker" });
    expect(queued?.address).toBe(`0x${"2".padStart(64, "0")}`);
    const { reader } = queued ?? { reader: new BcsReader(new Uint8Array()) };
    expect(reader.address()).toBe(`0x${WHOM}`);
    expect([reader.string(), reader.string()]).toEqual(["m", "f"]);
    expect(reader.vector((item) => item.string())).toEqual(["u8"]);
    expect(reader.vector((item) => toHex(item.bytes()))).toEqual([""]);
  });

  it("[NA5] names the module whose code asks, not the one that called it", () => {
    const harness = start();
    const told = asked(harness.call("0x3::middle::tell_twice", { args: [WHOM] }));
    expect(told.map(({ type }) => type)).toEqual([NOTIFY_REQUEST, NOTIFY_REQUEST]);
    expect(told.map(({ module }) => module)).toEqual(["asker", "middle"]);
    const [first] = told;
    expect(first?.reader.address()).toBe(`0x${WHOM}`);
    expect(first?.reader.bytes()).toEqual(utf8("asks"));
  });

  it("[NA3] is not made inside a channel", () => {
    const harness = start({ allowsChainOnly: false });
    const outcome = harness.call("0x2::asker::tell", { args: [WHOM] });
    expect(outcome.status).toMatchObject({ type: "aborted", code: 0xd0001n });
    expect(outcome.events).toEqual([]);
  });

  it("costs what an event of its bytes costs", () => {
    const harness = start();
    const { gasUsed } = harness.call("0x2::asker::tell", { args: [WHOM] });
    const short = harness.call("0x2::asker::tell", { args: [WHOM], gasLimit: gasUsed - 1 });
    expect(short.status).toMatchObject({ status: "OUT_OF_GAS" });
  });
});
