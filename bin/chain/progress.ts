// Tells on the terminal how a chain goes: one line that is written over where there is a terminal,
// a line now and then where there is none.
import type { LedgerInfo } from "#chains";

/** Between two lines of a log. */
const LOG_INTERVAL_MS = 10_000;

export interface Progress {
  show(ledger: LedgerInfo, peers: number): void;
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
    show(ledger, peers) {
      if (isTerminal) {
        terminal.write(`\r${describe(ledger, peers)}\u001b[K`);
        return;
      }
      if (now() - lastMs < LOG_INTERVAL_MS) return;
      lastMs = now();
      terminal.write(`${describe(ledger, peers)}\n`);
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
