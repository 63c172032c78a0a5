// Tells on the terminal how a chain goes: one line that is written over where there is a terminal,
// a line now and then where there is none.
import type { LedgerInfo } from "#chains";

/** Between two lines of a log. */
const LOG_INTERVAL_MS = 10_000;

export interface Progress {
  /** @param beside what else runs in this process, in short. */
  show(ledger: LedgerInfo, peers: number, beside?: readonly string[]): void;
  end(): void;
}

export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** @param now milliseconds on any clock that goes forward. */
export function createProgress(terminal: Terminal, now: () => number): Progress {
  const isTerminal = terminal.isTTY === true;
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    show(ledger, peers, beside = []) {
      const text = [describe(ledger, peers), ...beside].join(" · ");
      if (isTerminal) {
        terminal.write(`\r${text}\u001b[K`);
        return;
      }
      if (now() - lastMs < LOG_INTERVAL_MS) return;
      lastMs = now();
      terminal.write(`${text}\n`);
    },
    end() {
      if (isTerminal) terminal.write("\n");
    },
  };
}

function describe(ledger: LedgerInfo, peers: number): string {
  const { height, finalHeight, version, timestampUs } = ledger;
  const time = new Date(Number(timestampUs / 1_000n)).toISOString();
  const final = finalHeight === height ? "" : ` (${finalHeight} final)`;
  const among = peers === 0 ? "" : `, ${peers} ${peers === 1 ? "peer" : "peers"}`;
  return `block ${height}${final}, ${version + 1n} transactions${among}, ${time}`;
}
