/** Calls of generated functions from outside, with arguments in BCS. */
import { below, between, type Choices, pick, pickAny, pickWeighted, rarely } from "./choices.ts";
import type { FunctionModel } from "./function-model.ts";
import { ACCOUNTS, scalarHex } from "./literals.ts";
import { chooseType, type TypeSource } from "./structs.ts";
import { type DataType, substitute, typeText } from "./type-model.ts";

export interface PlannedCall {
  readonly mode: "entry" | "function" | "system";
  readonly function: string;
  readonly typeArgs: readonly string[];
  /** Hex of each argument's BCS. */
  readonly args: readonly string[];
  readonly signers: readonly string[];
  readonly gasLimit: number;
  /** Goes on in the session of the call before. */
  readonly continues: boolean;
  /** Afterwards the session goes back to before this call. */
  readonly isRolledBack: boolean;
}

/** Loops and recursions beyond this end without gas. */
const GAS_LIMIT = 30_000;

/** @param callable at least one function. */
export function chooseCall(
  choices: Choices,
  callable: readonly FunctionModel[],
  source: TypeSource,
): PlannedCall {
  const callee = pick(choices, callable);
  const typeArgs = Array.from({ length: callee.typeParameterCount }, () =>
    chooseType(choices, source, 1),
  );
  const args = callee.parameters.map(({ type }, index) =>
    callee.isRecursive && index === 0
      ? recursionDepth(choices)
      : valueHex(choices, substitute(type, typeArgs)),
  );
  const mode = callee.visibility === "public" && !rarely(choices, 4) ? "function" : "system";
  return {
    mode: callee.isEntry && callee.returns.length === 0 && rarely(choices, 2) ? "entry" : mode,
    function: `${callee.module}::${callee.name}`,
    typeArgs: typeArgs.map(typeText),
    args: rarely(choices, 24) ? args.map((hex) => hex.slice(2)) : args,
    signers: callee.takesSigner ? [pick(choices, ACCOUNTS)] : [],
    gasLimit: rarely(choices, 4) ? between(choices, 40, 2500) : GAS_LIMIT,
    continues: rarely(choices, 3),
    isRolledBack: rarely(choices, 6),
  };
}

/** The call that has an account publish all there is. */
export function openingCall({ module, name }: FunctionModel, account: string): PlannedCall {
  return {
    mode: "entry",
    function: `${module}::${name}`,
    typeArgs: [],
    args: [],
    signers: [account],
    gasLimit: GAS_LIMIT,
    continues: true,
    isRolledBack: false,
  };
}

/** Mostly shallow, sometimes deeper than frames or operands may go. */
function recursionDepth(choices: Choices): string {
  const depth = pickWeighted(choices, [
    [8, 3],
    [2, 30],
    [1, 1030],
  ] as const);
  const value = BigInt(depth + below(choices, 4));
  const digits = value.toString(16).padStart(16, "0");
  return (digits.match(/../g) ?? []).toReversed().join("");
}

/** BCS of some value of the type, which has no type parameters. */
function valueHex(choices: Choices, type: DataType): string {
  switch (type.kind) {
    case "scalar":
    case "parameter":
      return scalarHex(choices, type);
    case "vector": {
      const count = below(choices, 4);
      const items = Array.from({ length: count }, () => valueHex(choices, type.element));
      return `0${count}${items.join("")}`;
    }
    case "struct": {
      const { struct, typeArgs } = type;
      const variant = pickAny(choices, struct.variants ?? []);
      const fields = variant?.fields ?? struct.fields;
      const number = variant === undefined ? "" : `0${struct.variants?.indexOf(variant) ?? 0}`;
      const inner = fields.map((field) => valueHex(choices, substitute(field.type, typeArgs)));
      return `${number}${inner.join("")}`;
    }
  }
}
