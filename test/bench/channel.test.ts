// The benches of the channel in small. Their figures mean nothing here; that they come out at all
// means that members play: calls are confirmed, newcomers admitted, leaders replaced.
import { describe, expect, it } from "vitest";
import { benchFailover } from "../../bin/bench/channel/failover.ts";
import { benchJoin } from "../../bin/bench/channel/join.ts";
import { benchLatency } from "../../bin/bench/channel/latency.ts";
import { benchScale } from "../../bin/bench/channel/scale.ts";
import { benchChannel } from "../../bin/bench/channel/throughput.ts";
import { createVirtualClock } from "../node/virtual-clock.ts";

/** Members sit down one after the other, each by transactions of its own. */
const TIMEOUT_MS = 120_000;
/** Of virtual time, for all that a round does besides: sitting down, and coming back. */
const FAILOVERS_MS = 120_000;
/** Of virtual time: a leader is given up after 500 ms, and the next call waits for its turn. */
const FAILOVER_MS_MAX = 3_000;

describe("the benches of the channel", { timeout: TIMEOUT_MS }, () => {
  it("channel: two members get their calls confirmed", async () => {
    const metrics = await benchChannel({ members: 2, calls: 20, rounds: 1 });
    expect(metrics.confirmed_per_s).toBeGreaterThan(0);
    expect(metrics.floor_ratio).toBeCloseTo(metrics.confirmed_per_s / metrics.floor_per_s, 6);
    expect(metrics.bundled_per_s).toBeGreaterThan(0);
    const bundledRatio = metrics.bundled_per_s / metrics.bundled_floor_per_s;
    expect(metrics.bundled_floor_ratio).toBeCloseTo(bundledRatio, 6);
  });

  it("latency: a follower's calls, and the messages that they need", async () => {
    const metrics = await benchLatency({ members: 2, calls: 5 });
    expect(metrics.floor_p50_ms).toBeGreaterThan(0);
    expect(metrics.p50_ms).toBeGreaterThan(0);
    expect(metrics.p99_ms).toBeGreaterThanOrEqual(metrics.p50_ms);
  });

  it("join: a newcomer gets what is settled and what came after, and plays", async () => {
    const metrics = await benchJoin({ few: 5, many: 120, newcomers: 1 });
    expect(metrics.ms_at_1k).toBeGreaterThan(0);
    expect(metrics.ms_at_100k).toBeGreaterThan(0);
    // Each of the hundred calls above the last settlement has more than 64 bytes.
    expect(metrics.bytes).toBeGreaterThan(100 * 64);
  });

  it("failover: every leader that ends is replaced, and no call is lost or doubled", async () => {
    const clock = createVirtualClock();
    let isDone = false;
    const running = benchFailover({ tables: 1, rounds: 2, clock }).finally(() => {
      isDone = true;
    });
    await clock.until(() => isDone, FAILOVERS_MS);
    const { p50_ms, ...rest } = await running;
    expect(p50_ms).toBeGreaterThan(400);
    expect(rest).toMatchObject({ kills: 2, lost: 0, doubled: 0 });
    expect(rest.p99_ms).toBeLessThan(FAILOVER_MS_MAX);
  });

  it("scale: more members cost the leader more messages", async () => {
    const { members } = await benchScale({ calls: 10, warmUps: 1 });
    expect(Object.keys(members)).toEqual(["2", "3", "4", "5"]);
    const messages = Object.values(members).map((share) => share.leader_messages_per_batch);
    expect(messages.at(-1)).toBeGreaterThan(messages[0] ?? 0);
    for (const share of Object.values(members)) {
      expect(share.follower_us_per_call).toBeGreaterThan(0);
    }
  });
});
