// Numbers, times and names as people read them.

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

const clockTime = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const exactTime = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const amounts = new Intl.NumberFormat("en");

export function timeOfDay(atMs: number): string {
  return clockTime.format(atMs);
}

export function timeToTheSecond(atMs: number): string {
  return exactTime.format(atMs);
}

export function amount(units: bigint): string {
  return amounts.format(units);
}

/** "now", "8 s ago", "3 min ago". */
export function ago(ms: number): string {
  if (ms < 2 * SECOND_MS) return "now";
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s ago`;
  return `${Math.floor(ms / MINUTE_MS)} min ago`;
}

export function plural(count: number | bigint, one: string, many = `${one}s`): string {
  return `${amounts.format(count)} ${Number(count) === 1 ? one : many}`;
}

/** The ends of a long hexadecimal text. */
export function shortHex(hex: string): string {
  const digits = hex.replace(/^0x/, "");
  return digits.length <= 12 ? digits : `${digits.slice(0, 6)}…${digits.slice(-4)}`;
}

/** The first letters of the first two words. */
export function initials(name: string): string {
  return name
    .split(/[\s-]+/)
    .slice(0, 2)
    .map((word) => Array.from(word)[0] ?? "")
    .join("")
    .toUpperCase();
}
