// A mutated chain must be caught: some seed ends in the violation that the checker was made for.
import { expect } from "vitest";
import { simulateChains } from "../simulate-chains.ts";

export const CAUGHT_MS_MAX = 300_000;

export async function expectCaught(checker: string, seedsMax: number): Promise<void> {
  const others: string[] = [];
  for (let seed = 1; seed <= seedsMax; seed++) {
    const { failure } = await simulateChains(seed);
    if (failure?.startsWith(`${checker}:`)) return;
    if (failure !== undefined) others.push(failure.split("\n")[0] ?? "");
  }
  expect.fail(`${seedsMax} seeds went by without "${checker}"; found: ${others.join(" | ")}`);
}
