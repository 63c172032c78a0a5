/** Runs the verifier over assembled modules and names the verdict. */
import { PRODUCTION_CONFIG, type VerifierConfig } from "../../../src/sandbox/verifier/config.ts";
import type { VerificationError } from "../../../src/sandbox/verifier/error.ts";
import { verifyModule } from "../../../src/sandbox/verifier/verifier.ts";
import { assemble } from "../../assembler/assembler.ts";

/** `OK`, or the status of the refusal. */
export function judge(source: string, config: Partial<VerifierConfig> = {}): string {
  return refusal(source, config)?.status ?? "OK";
}

/** The refusal itself; undefined for a sound module. */
export function refusal(
  source: string,
  config: Partial<VerifierConfig> = {},
): VerificationError | undefined {
  const result = verifyModule(assemble(source), { ...PRODUCTION_CONFIG, ...config });
  return result.ok ? undefined : result.error;
}

/** A module around one function `f`. */
export function moduleWith(body: string, head = "public fun f()", declarations = ""): string {
  return `module 0x1::m\n${declarations}\n${head}\n${body}`;
}

/** Judges a function body; see {@link moduleWith}. */
export function judgeBody(body: string, head?: string, declarations?: string): string {
  return judge(moduleWith(body, head, declarations));
}

export function repeat(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("\n");
}
