import { describe, expect, it } from "vitest";
import { createTurnstile, pass } from "../../../src/chains/http/turnstile.ts";
import { get, post, startRest } from "./rest.ts";

describe("a turnstile", () => {
  it("lets one through in each turn, in the order in which they came", async () => {
    const log: string[] = [];
    let turns = 0;
    const nextTurn = (): Promise<void> => {
      turns += 1;
      log.push(`turn ${turns}`);
      return Promise.resolve();
    };
    const turnstile = createTurnstile(nextTurn, 10);
    const work = ["a", "b", "c"].map((name) => pass(turnstile, () => log.push(name)));
    await Promise.all(work);
    expect(log).toEqual(["turn 1", "a", "turn 2", "b", "turn 3", "c"]);
  });

  it("goes on after work that fails, and turns away whom it has no room for", async () => {
    const turnstile = createTurnstile(() => Promise.resolve(), 2);
    const failing = pass(turnstile, () => {
      throw new Error("it failed");
    });
    const following = pass(turnstile, () => "done");
    expect(await pass(turnstile, () => "too many")).toBeUndefined();
    await expect(failing).rejects.toThrow("it failed");
    expect(await following).toBe("done");
    expect(await pass(turnstile, () => "room again")).toBe("room again");
  });
});

describe("many views at once", () => {
  it("are refused beyond what may wait, and the rest is served", async () => {
    const chain = await startRest();
    const body = JSON.stringify({
      function: "0x1::coin::balance",
      type_arguments: ["0x1::aptos_coin::AptosCoin"],
      arguments: ["0x1"],
    });
    const asking = Array.from({ length: 100 }, () =>
      post(chain, "/view", "application/json", body),
    );
    const statuses = (await Promise.all(asking)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBe(64);
    expect(statuses.filter((status) => status === 429).length).toBe(36);
    expect((await get(chain, "")).status).toBe(200);
  });
});
