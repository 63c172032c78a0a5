import { afterEach, describe, expect, it, vi } from "vitest";
import { chainProfile, createExecutor } from "#sandbox";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the default executor", () => {
  it("compiles where the host has WebAssembly", () => {
    expect(createExecutor(chainProfile()).name).toBe("compiled");
  });

  it("interprets where there is no WebAssembly", () => {
    vi.stubGlobal("WebAssembly", undefined);
    expect(createExecutor(chainProfile()).name).toBe("interpreter");
  });

  it("interprets where the page's policy forbids compiling", () => {
    class Module {
      constructor() {
        throw new Error("Refused to compile: 'wasm-unsafe-eval' is not an allowed source");
      }
    }
    vi.stubGlobal("WebAssembly", { ...WebAssembly, Module });
    expect(createExecutor(chainProfile()).name).toBe("interpreter");
  });
});
