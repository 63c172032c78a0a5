// One executor for all chains of a process: what it knows of code serves all, and no chain sees
// anything of another.
import { describe, expect, it } from "vitest";
import { chainProfile, createExecutor } from "#sandbox";
import { rootEnvironment } from "../../../src/chains/core/environment.ts";
import { createParaGenesis, paraEnvironment } from "../../../src/chains/para/genesis.ts";
import { CONFIG } from "../para/para-chain.ts";

const OTHER = { ...CONFIG, chainId: CONFIG.chainId + 1 };

describe("the executor of a process's chains", () => {
  it("is one for chains of every kind", () => {
    const { executor } = rootEnvironment([CONFIG.owner]);
    expect(paraEnvironment(CONFIG).executor).toBe(executor);
    expect(paraEnvironment(OTHER).executor).toBe(executor);
  });

  it("gives each chain what an executor of its own would", () => {
    const own = { ...paraEnvironment(CONFIG), executor: createExecutor(chainProfile()) };
    const alone = createParaGenesis(own, CONFIG);
    const other = createParaGenesis(paraEnvironment(OTHER), OTHER);
    const beside = createParaGenesis(paraEnvironment(CONFIG), CONFIG);
    expect(beside.hash).toEqual(alone.hash);
    expect(other.hash).not.toEqual(alone.hash);
  });
});
