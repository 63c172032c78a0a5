/** What is used of the outcome of a payload, whoever ran it: the sandbox, or the chain itself. */
import type { Outcome } from "#sandbox";

export type PayloadOutcome = Pick<Outcome, "status" | "gasUsed" | "events" | "changes">;
