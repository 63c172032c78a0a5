/** Comparing what a leader signed with what its entries do (SPEC.md FR3). */
import { equalBytes } from "#core/bytes.ts";
import { hashChangeSet, refOfConfiguration } from "../codec.ts";
import type { Header } from "../messages.ts";
import { sameConfiguration } from "./configuration.ts";
import type { Executed } from "./execution.ts";
import type { ChannelFacts } from "./run.ts";

/** How a header contradicts what its entries did. */
export function contradictionOf(
  facts: ChannelFacts,
  header: Header,
  executed: Executed,
): string | undefined {
  if (!equalBytes(header.stateRoot, executed.stateRoot)) return "the state root is wrong";
  if (!equalBytes(header.stepsRoot, executed.stepsRoot)) return "the steps root is wrong";
  if (!equalBytes(header.changeSetRoot, hashChangeSet(executed.changes))) {
    return "the change-set root is wrong";
  }
  return sameConfiguration(header.next, refOfConfiguration(facts.channel, executed.next))
    ? undefined
    : "the next configuration is wrong";
}
