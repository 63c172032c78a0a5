/**
 * Assertions for our own mistakes. They stay on in production: a broken invariant must stop the
 * work at hand rather than sign or store something wrong. Bad input is never an assertion.
 */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws {@link InvariantError} unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Marks a branch that the types already exclude. */
export function assertNever(value: never, message = "unreachable variant"): never {
  throw new InvariantError(`${message}: ${String(value)}`);
}

/** Returns `value`, asserting that it is present. */
export function present<T>(value: T | undefined | null, message: string): T {
  assert(value !== undefined && value !== null, message);
  return value;
}
