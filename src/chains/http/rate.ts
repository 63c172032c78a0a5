/** How much each client may ask for: a bucket of tokens that fills with time. Knows no clock. */

export interface RateLimits {
  /** Requests a second that go on for ever. */
  readonly perSecond: number;
  /** Requests that may come at once. */
  readonly burst: number;
  /** Clients that are told apart; beyond that the oldest is forgotten. */
  readonly clientsMax: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

export interface RateLimiter {
  readonly limits: RateLimits;
  readonly buckets: Map<string, Bucket>;
}

export function createRateLimiter(limits: RateLimits): RateLimiter {
  return { limits, buckets: new Map() };
}

/** Takes a token of `client`'s; false when it has none left. */
export function admit({ limits, buckets }: RateLimiter, client: string, nowMs: number): boolean {
  const bucket = buckets.get(client) ?? { tokens: limits.burst, atMs: nowMs };
  const elapsedSecs = Math.max(nowMs - bucket.atMs, 0) / 1_000;
  bucket.tokens = Math.min(limits.burst, bucket.tokens + elapsedSecs * limits.perSecond);
  bucket.atMs = nowMs;
  // The most recent stand last, so that the first is the one to forget.
  buckets.delete(client);
  buckets.set(client, bucket);
  if (buckets.size > limits.clientsMax) {
    for (const oldest of buckets.keys()) {
      buckets.delete(oldest);
      break;
    }
  }
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}
