/** Functions as callers see them: those that were generated and those of the library. */
import type { DataType } from "./type-model.ts";

export type Passing = "value" | "reference" | "mutable";

export interface Passed {
  readonly passing: Passing;
  readonly type: DataType;
}

export interface FunctionModel {
  /** `0xa::lib`. */
  readonly module: string;
  readonly name: string;
  readonly visibility: "private" | "public" | "friend";
  readonly isEntry: boolean;
  readonly typeParameterCount: number;
  /** A leading `&signer`. */
  readonly takesSigner: boolean;
  /** First parameter counts down to the end of a recursion. */
  readonly isRecursive: boolean;
  readonly parameters: readonly Passed[];
  readonly returns: readonly Passed[];
  /** Resources of its module that it borrows or takes. */
  readonly acquires: ReadonlySet<string>;
}

/** `reference` as the assembler writes it. */
export function passedText({ passing, type }: Passed, text: (type: DataType) => string): string {
  const prefix = passing === "value" ? "" : passing === "mutable" ? "&mut " : "&";
  return `${prefix}${text(type)}`;
}
