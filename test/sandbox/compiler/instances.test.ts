// Instances of generic functions grow exponentially with the code that names them.
import { describe, expect, it } from "vitest";
import { statusName } from "#sandbox";
import { createCompiledHarness } from "./harness.ts";

/** `f0` calls 2 instances of `f1`, each of which calls 2 of `f2`, and so on. */
function branching(depth: number): string {
  const functions = Array.from({ length: depth }, (_, level) =>
    [
      `public fun f${level}<T>()`,
      ...(level + 1 < depth
        ? ["u8", "u16"].map((other) => `  call_generic f${level + 1}<Pair<T, ${other}>>`)
        : []),
      "  ret",
    ].join("\n"),
  );
  return `module 0x1::many
struct Pair<phantom A, phantom B>
  nothing: bool
public fun start()
  call_generic f0<bool>
  ret
${functions.join("\n")}
`;
}

function start(depth: number, mayReplay: boolean) {
  const harness = createCompiledHarness();
  harness.publish(branching(depth));
  return harness.call("0x1::many::start", { mayReplay });
}

describe("instances of generic functions", () => {
  it("[LI6] are bounded in both executors, by the same number at the same call", () => {
    // 1 + 2 + … + 2048 of them, then 4095 and 4096 more.
    expect(statusName(start(12, true).status)).toBe("EXECUTED");
    const { status } = start(13, true);
    expect(statusName(status)).toBe("EXECUTION_LIMIT_REACHED");
    expect(status).toMatchObject({ location: { offset: expect.any(Number) as number } });
  });

  it("[CC3] are left to the interpreter once they are too many to compile", () => {
    expect(statusName(start(9, false).status)).toBe("EXECUTED");
    expect(() => start(12, false)).toThrow("ran interpreted");
  });
});
