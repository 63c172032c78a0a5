// Modules that the encoder writes, judged by the engine that runs them.
import { describe, expect, it } from "vitest";
import { InvariantError } from "#core/assert.ts";
import { FunctionBuilder } from "../../../../src/sandbox/compiler/wasm/function-builder.ts";
import { ModuleBuilder } from "../../../../src/sandbox/compiler/wasm/module-builder.ts";
import type { FunctionType } from "../../../../src/sandbox/compiler/wasm/value-type.ts";

const MEMORY = { module: "host", name: "memory", pagesMin: 1 };
const UNARY: FunctionType = { parameters: ["i32"], results: ["i32"] };

function run(builder: ModuleBuilder, name: string, ...args: unknown[]): unknown {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const imports = { host: { memory, double: (value: number) => 2 * value } };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(builder.finish()), imports);
  const exported = instance.exports[name] as (...values: unknown[]) => unknown;
  return exported(...args);
}

function exportFunction(
  type: FunctionType,
  write: (out: FunctionBuilder, module: ModuleBuilder) => void,
): ModuleBuilder {
  const module = new ModuleBuilder("host", MEMORY, [{ name: "double", type: UNARY }]);
  const index = module.declare("f", type);
  const out = new FunctionBuilder(type);
  write(out, module);
  module.define(index, out);
  module.export("f", index);
  return module;
}

describe("modules of the encoder", () => {
  it("count down in a loop, with a label to leave it", () => {
    const module = exportFunction(UNARY, (out) => {
      const sum = out.local("i32");
      const done = out.block();
      const again = out.loop();
      out.get(0).op("i32.eqz").brIf(done);
      out.get(sum).get(0).op("i32.add").set(sum);
      out.get(0).i32(1).op("i32.sub").set(0).br(again);
      out.end().end().get(sum);
    });
    expect(run(module, "f", 10)).toBe(55);
  });

  it("choose between two arms", () => {
    const module = exportFunction(UNARY, (out) => {
      const result = out.local("i32");
      out.get(0).if();
      out.i32(7).set(result).else();
      out.i32(-7).set(result).end().get(result);
    });
    expect(run(module, "f", 1)).toBe(7);
    expect(run(module, "f", 0)).toBe(-7);
  });

  it("call imports and functions declared later, and return several values", () => {
    const pair: FunctionType = { parameters: ["i64"], results: ["i64", "i64"] };
    const module = exportFunction({ parameters: ["i64"], results: ["i64"] }, (out, outer) => {
      const later = outer.declare("later", pair);
      out.get(0).call(later).op("i64.sub");
      const body = new FunctionBuilder(pair);
      body.get(0).i64(10n).op("i64.mul").get(0);
      outer.define(later, body);
    });
    expect(run(module, "f", 5n)).toBe(45n);
    const importing = exportFunction(UNARY, (out, outer) => {
      out.get(0).call(outer.importIndex("double"));
    });
    expect(run(importing, "f", 21)).toBe(42);
  });

  it("store, load and copy in the memory they import, data segments included", () => {
    const module = exportFunction(UNARY, (out, outer) => {
      const segment = outer.segment(Uint8Array.of(1, 2, 3, 4));
      out.i32(100).i32(0).i32(4).memoryInit(segment);
      out.i32(200).i32(100).i32(4).memoryCopy();
      out.i32(201).i32(9).i32(1).memoryFill();
      out.get(0).memory("i32.load", 200);
    });
    expect(run(module, "f", 0)).toBe(0x04030901);
  });

  it("put a prologue in front of the body, with the same locals", () => {
    const module = new ModuleBuilder("host", MEMORY, []);
    const index = module.declare("f", UNARY);
    const out = new FunctionBuilder(UNARY);
    const local = out.local("i32");
    out.get(local);
    const prologue = out.fragment();
    prologue.get(0).i32(1).op("i32.add").set(local);
    module.define(index, out, prologue);
    module.export("f", index);
    expect(run(module, "f", 41)).toBe(42);
  });

  it("refuse what our own code gets wrong", () => {
    const open = new FunctionBuilder(UNARY);
    open.block();
    expect(() => open.finish()).toThrow(InvariantError);
    const module = new ModuleBuilder("host", MEMORY, []);
    module.declare("never defined", UNARY);
    expect(() => module.finish()).toThrow(InvariantError);
    expect(() => module.importIndex("nobody")).toThrow(InvariantError);
  });
});
