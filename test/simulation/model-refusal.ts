// How the model contract refuses: with the real one's numbers.

/** Refused, with the contract's number. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: string;
  constructor(code: number) {
    super(`abort ${code}`);
    this.code = String(code);
  }
}

export function check(condition: boolean, code: number): asserts condition {
  if (!condition) throw new Refused(code);
}
