/**
 * Puts a WebAssembly module together. A function has its index from the moment it is declared, so
 * functions may call each other in any order; imports come first and are fixed when the module is
 * begun.
 */
import { assert } from "../../core/assert.ts";
import { ByteSink } from "./byte-sink.ts";
import { type FunctionBody, writeCodeSection, writeFunctionSection } from "./code-section.ts";
import { writeDataSection } from "./data-section.ts";
import { type FunctionExport, writeExportSection } from "./export-section.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import { type MemoryImport, writeImportSection } from "./import-section.ts";
import { writeNameSection } from "./name-section.ts";
import { type FunctionType, functionTypeKey, writeTypeSection } from "./value-type.ts";

const MAGIC_AND_VERSION = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  export: 7,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

export interface HostFunction {
  readonly name: string;
  readonly type: FunctionType;
}

interface Declared {
  readonly name: string;
  readonly typeIndex: number;
  body: FunctionBody | undefined;
}

export class ModuleBuilder {
  readonly #memory: MemoryImport;
  readonly #importModule: string;
  readonly #imports: readonly HostFunction[];
  readonly #types: FunctionType[] = [];
  readonly #typeIndices = new Map<string, number>();
  readonly #functions: Declared[] = [];
  readonly #exports: FunctionExport[] = [];
  readonly #segments: Uint8Array[] = [];

  constructor(importModule: string, memory: MemoryImport, imports: readonly HostFunction[]) {
    this.#importModule = importModule;
    this.#memory = memory;
    this.#imports = imports;
  }

  /** Index of an imported function, for `call`. */
  importIndex(name: string): number {
    const index = this.#imports.findIndex((entry) => entry.name === name);
    assert(index >= 0, `${name} is imported`);
    return index;
  }

  /** Declares a function and returns its index. */
  declare(name: string, type: FunctionType): number {
    this.#functions.push({ name, typeIndex: this.#typeIndex(type), body: undefined });
    return this.#imports.length + this.#functions.length - 1;
  }

  /** @param prologue code in front of the body, written by a `fragment` of the same builder. */
  define(index: number, builder: FunctionBuilder, prologue?: FunctionBuilder): void {
    const declared = this.#functions[index - this.#imports.length];
    assert(declared !== undefined && declared.body === undefined, "a function is defined once");
    const { typeIndex } = declared;
    assert(typeIndex === this.#typeIndex(builder.type), `${declared.name} is as declared`);
    declared.body = { typeIndex, locals: builder.locals, code: builder.finish(prologue) };
  }

  /** Adds bytes for `memory.init` and returns their segment's index. */
  segment(bytes: Uint8Array): number {
    this.#segments.push(bytes);
    return this.#segments.length - 1;
  }

  export(name: string, index: number): void {
    this.#exports.push({ name, index });
  }

  finish(): Uint8Array<ArrayBuffer> {
    const bodies = this.#functions.map(({ body, name }) => {
      assert(body !== undefined, `${name} is defined`);
      return body;
    });
    const imports = this.#imports.map(({ name, type }) => {
      return { module: this.#importModule, name, typeIndex: this.#typeIndex(type) };
    });
    const names = this.#functions.map(({ name }, position) => {
      return { index: imports.length + position, name };
    });
    const sink = new ByteSink().fixed(MAGIC_AND_VERSION);
    section(sink, SECTION.type, (body) => writeTypeSection(body, this.#types));
    section(sink, SECTION.import, (body) => writeImportSection(body, this.#memory, imports));
    section(sink, SECTION.function, (body) => writeFunctionSection(body, bodies));
    section(sink, SECTION.export, (body) => writeExportSection(body, this.#exports));
    section(sink, SECTION.dataCount, (body) => body.unsigned(this.#segments.length));
    section(sink, SECTION.code, (body) => writeCodeSection(body, bodies));
    section(sink, SECTION.data, (body) => writeDataSection(body, this.#segments));
    section(sink, SECTION.custom, (body) => writeNameSection(body, names));
    return sink.finish();
  }

  #typeIndex(type: FunctionType): number {
    const key = functionTypeKey(type);
    const known = this.#typeIndices.get(key);
    if (known !== undefined) return known;
    this.#types.push(type);
    this.#typeIndices.set(key, this.#types.length - 1);
    return this.#types.length - 1;
  }
}

function section(sink: ByteSink, id: number, write: (body: ByteSink) => unknown): void {
  const body = new ByteSink();
  write(body);
  sink.byte(id).sized(body.view());
}
