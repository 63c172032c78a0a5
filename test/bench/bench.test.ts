// The benches in small, so that they cannot rot. Their figures mean nothing here; that they come
// out at all means that executors, references and reducers agree.
import { describe, expect, it } from "vitest";
import { FIXTURE_FILES } from "../../bin/bench/fixture-files.ts";
import { NODE_HOST } from "../../bin/bench/node-host.ts";
import { benchSettle } from "../../bin/bench/settle.ts";
import { benchTx } from "../../bin/bench/tx.ts";
import { benchVm } from "../../bin/bench/vm.ts";

describe("the benches", () => {
  it("vm: compiled code, reference and interpreter run every workload", () => {
    const sizes: Readonly<Record<string, number>> = { fib: 8, queens: 4, life: 4, voxel: 1 };
    const { workloads, ...ratios } = benchVm(FIXTURE_FILES, {
      rounds: 1,
      warmUps: 0,
      argument: ({ name }) => sizes[name] ?? 40,
    });
    expect(Object.keys(workloads)).toHaveLength(14);
    for (const ratio of Object.values(ratios)) expect(ratio).toBeGreaterThan(0);
  });

  it("settle: a settlement costs the same whatever was played, and the node keeps up", async () => {
    const metrics = await benchSettle({
      few: 40,
      many: 200,
      transactions: 50,
      rounds: 1,
      blocks: 3,
    });
    expect(metrics.gas_1k).toBeGreaterThan(1_000);
    expect(Math.abs(metrics.growth)).toBeLessThan(0.05);
    expect(metrics.node_ratio).toBeGreaterThan(0);
    expect(metrics.blocks_per_s).toBeGreaterThan(0);
    expect(Object.keys(metrics.adapters)).toEqual(["root", "aptos", "shard", "para"]);
    for (const { gas_1k: gas, growth, soft_ms: soft, hard_ms: hard } of Object.values(
      metrics.adapters,
    )) {
      expect(gas).toBeGreaterThan(1_000);
      expect(Math.abs(growth)).toBeLessThan(0.05);
      expect(soft).toBeGreaterThanOrEqual(0);
      expect(hard).toBeGreaterThanOrEqual(soft);
    }
  });

  it("tx: contracts and reducers write the same change sets", async () => {
    const metrics = await benchTx(NODE_HOST, {
      rounds: 1,
      warmUps: 0,
      batch: 20,
      loads: 1,
      longRun: 1000,
    });
    expect(metrics.counter_per_s).toBeGreaterThan(0);
    expect(metrics.first_touch_ratio).toBeGreaterThan(0);
    expect(Object.keys(metrics)).toHaveLength(9);
  });
});
