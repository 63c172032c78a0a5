import { expect, it } from "vitest";
import { simulateNamed } from "./lives.ts";

const TIMEOUT_MS = 120_000;

/** A life as everything that its nodes reported, and when. */
async function lifeOf(profile: string, seed: number): Promise<readonly string[]> {
  const lines: string[] = [];
  await simulateNamed(profile, seed, (line) => lines.push(line));
  return lines;
}

it.each(["mixed", "real"])(
  "a seed of the profile %s lives the same life again",
  async (profile) => {
    const life = await lifeOf(profile, 7);
    expect(life.length).toBeGreaterThan(100);
    expect(await lifeOf(profile, 7)).toEqual(life);
    expect(await lifeOf(profile, 8)).not.toEqual(life);
  },
  TIMEOUT_MS,
);
