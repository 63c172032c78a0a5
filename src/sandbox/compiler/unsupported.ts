/**
 * What the compiler leaves to the interpreter: programs beyond its own limits (frames, layouts,
 * number of instances) and instructions whose operands do not resolve. Not a failure of the
 * program: the call runs interpreted instead.
 */
export class UnsupportedError extends Error {
  override readonly name = "UnsupportedError";
}

export function unsupported(detail: string): never {
  throw new UnsupportedError(detail);
}
