/** Constants: integers at the edges of their widths, a few addresses, and values made of them. */
import { below, between, type Choices, pick } from "./choices.ts";
import { emit, type Scope } from "./scope.ts";
import { bitsOf, type DataType, type IntegerName, typeText } from "./type-model.ts";

/** Accounts of generated programs, likely ones twice. The first one has published the modules. */
export const ACCOUNTS = ["0xa", "0xb1", "0xa", "0xb1", "0xb2", "0xb3"] as const;

/** What an integer may be: small mostly, else where widths and signs would show. */
function chooseInteger(choices: Choices, name: IntegerName): bigint {
  const bits = BigInt(bitsOf(name));
  const most = (1n << bits) - 1n;
  switch (below(choices, 8)) {
    case 5:
      return most - BigInt(below(choices, 3));
    case 6:
      return (1n << (bits - 1n)) + BigInt(between(choices, 0, 2)) - 1n;
    case 7: {
      const exponent = BigInt(below(choices, bitsOf(name)));
      return (
        ((1n << exponent) * BigInt(between(choices, 1, 7)) + BigInt(below(choices, 256))) & most
      );
    }
    default:
      return BigInt(below(choices, 9));
  }
}

export function emitInteger(scope: Scope, name: IntegerName): void {
  emit(scope, `ld_${name} ${chooseInteger(scope.choices, name)}`);
}

export function addressHex(account: string): string {
  return account.slice(2).padStart(64, "0");
}

/** Vectors of scalars that stand in the constant pool. */
export function emitVectorConstant(scope: Scope, element: DataType): void {
  const count = below(scope.choices, 4);
  const items = Array.from({ length: count }, () => scalarHex(scope.choices, element));
  emit(
    scope,
    `ld_const vector<${typeText(element)}> ${count.toString(16).padStart(2, "0")}${items.join("")}`,
  );
}

/** BCS of a scalar. */
export function scalarHex(choices: Choices, type: DataType): string {
  if (type.kind !== "scalar") return "";
  if (type.name === "bool") return below(choices, 2) === 0 ? "00" : "01";
  if (type.name === "address") return addressHex(pick(choices, ACCOUNTS));
  return littleEndian(chooseInteger(choices, type.name), bitsOf(type.name) / 8);
}

function littleEndian(value: bigint, size: number): string {
  const digits = value.toString(16).padStart(2 * size, "0");
  return (digits.match(/../g) ?? []).toReversed().join("");
}
