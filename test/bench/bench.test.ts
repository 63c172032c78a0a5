// The benches in small, so that they cannot rot. Their figures mean nothing here; that they come
// out at all means that executors, references and reducers agree.
import { describe, expect, it } from "vitest";
import { FIXTURE_FILES, NODE_HOST } from "../../bin/bench/node-host.ts";
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
    expect(Object.keys(metrics)).toHaveLength(10);
  });
});
