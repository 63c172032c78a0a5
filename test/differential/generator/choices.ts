/**
 * A list of numbers read as decisions. Programs are built from such lists, so that fast-check can
 * shrink them: a shorter list or a smaller number decides for something simpler, and a list that is
 * used up always decides for the first, simplest option.
 */
import { assert } from "#core/assert.ts";

export interface Choices {
  readonly values: readonly number[];
  position: number;
}

export function choicesOf(values: readonly number[]): Choices {
  return { values, position: 0 };
}

/** 0 to `count` - 1. */
export function below(choices: Choices, count: number): number {
  assert(count > 0, "there is something to choose from");
  const value = choices.values[choices.position] ?? 0;
  choices.position += 1;
  return value % count;
}

export function between(choices: Choices, least: number, most: number): number {
  return least + below(choices, most - least + 1);
}

/** True once in `times`, never when nothing is left to read. */
export function rarely(choices: Choices, times: number): boolean {
  return below(choices, times) === times - 1;
}

export function pick<T>(choices: Choices, options: readonly T[]): T {
  const index = below(choices, options.length);
  const option = options[index];
  assert(option !== undefined, "an index below the length");
  return option;
}

/** As {@link pick}, undefined where there is no option. */
export function pickAny<T>(choices: Choices, options: readonly T[]): T | undefined {
  return options.length === 0 ? undefined : pick(choices, options);
}

/** An option by weight; the first one when nothing is left to read. */
export function pickWeighted<T>(
  choices: Choices,
  options: readonly (readonly [weight: number, option: T])[],
): T {
  const total = options.reduce((sum, [weight]) => sum + weight, 0);
  let rest = below(choices, total);
  for (const [weight, option] of options) {
    if (rest < weight) return option;
    rest -= weight;
  }
  assert(false, "the weights add up to the total");
}
