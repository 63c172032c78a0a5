// What the commands `holdfast simulate` and `holdfast replay` run.
import { present } from "#core/assert.ts";
import type { Notice } from "../../src/channel/core/effect.ts";
import { CHAINS, simulateChains } from "./chains/simulate-chains.ts";
import { PROFILES } from "./profiles.ts";
import { type SeedResult, simulateSeed } from "./simulate.ts";

export const profileNames: readonly string[] = [...Object.keys(PROFILES), CHAINS];

/** @param onLine told of everything that the nodes report. */
export async function simulateNamed(
  name: string,
  seed: number,
  onLine?: (line: string) => void,
): Promise<SeedResult> {
  if (name === CHAINS) return simulateChains(seed, onLine);
  const profile = present(PROFILES[name], `there is a profile ${name}`);
  if (onLine === undefined) return simulateSeed(seed, profile);
  return simulateSeed(seed, profile, ({ node, at, notice }) => {
    onLine(`${String(at).padStart(8)} ${node.padEnd(3)} ${lineOf(notice)}`);
  });
}

function lineOf(notice: Notice): string {
  switch (notice.type) {
    case "call":
      return `call ${notice.nonce} ${notice.stage}${at(notice.height)}`;
    case "refused":
      return `request ${notice.request} refused: ${notice.error.name}: ${notice.error.detail}`;
    case "done":
      return `request ${notice.request} done`;
    case "applied":
      return `header ${notice.number} of seat ${notice.leader}: ${notice.receipts.length} entries`;
    case "reverted":
    case "restored":
    case "confirmed":
    case "settled":
      return `${notice.type}${at(notice.height)}`;
    case "leader":
      return `term ${notice.epoch.term}.${notice.epoch.view} of seat ${notice.leader ?? "none"}`;
    case "configuration": {
      const { number, seats } = notice.configuration;
      return `configuration ${number}: seats ${seats.map(({ seat }) => seat).join(", ")}`;
    }
    case "phase":
      return notice.phase;
    case "fraud":
      return `caught seat ${notice.accused}: ${notice.detail}`;
    case "error":
      return `${notice.error.name}: ${notice.error.detail}`;
  }
}

function at(height: bigint | undefined): string {
  return height === undefined ? "" : ` at height ${height}`;
}
