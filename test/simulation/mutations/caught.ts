// A mutated core must be caught: some seed of some profile ends in the violation that the checker
// was made for, and in none by another name before.
import { expect } from "vitest";
import { present } from "#core/assert.ts";
import { PROFILES } from "../profiles.ts";
import { simulateSeed } from "../simulate.ts";

/** The failures of seeds, until one is the wanted one. */
export async function expectCaught(
  checker: string,
  profileName: string,
  seedsMax: number,
): Promise<void> {
  const profile = present(PROFILES[profileName], `there is a profile ${profileName}`);
  const others: string[] = [];
  for (let seed = 1; seed <= seedsMax; seed++) {
    const { failure } = await simulateSeed(seed, profile);
    if (failure?.startsWith(`${checker}:`)) return;
    if (failure !== undefined) others.push(failure.split("\n")[0] ?? "");
  }
  expect.fail(`${seedsMax} seeds went by without "${checker}"; found: ${others.join(" | ")}`);
}
