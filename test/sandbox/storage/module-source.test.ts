import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { parseModuleId } from "#core/identifier.ts";
import { createMemoryState } from "../../../src/sandbox/storage/memory.ts";
import { modulesOfState, pinnedModules } from "../../../src/sandbox/storage/module-source.ts";

const COIN = present(parseModuleId("0x1::coin"), "a name");
const CHAT = present(parseModuleId("0x21::chat"), "a name");
const CODE = Uint8Array.of(1, 2, 3);

describe("sources of modules", () => {
  it("[CO1] finds code in a state under the module's key", () => {
    const state = createMemoryState();
    state.apply([{ key: { kind: "module", module: COIN }, op: { type: "new", value: CODE } }]);
    expect(modulesOfState(state).get(COIN)).toBe(CODE);
    expect(modulesOfState(state).get(CHAT)).toBeUndefined();
  });

  it("[EX2] offers exactly the code that was pinned", () => {
    const pinned = pinnedModules([{ id: CHAT, bytes: CODE }]);
    expect(pinned.get(CHAT)).toBe(CODE);
    expect(pinned.get(COIN)).toBeUndefined();
  });
});
