import { afterAll } from "vitest";
import { settlementAdapterSuite } from "../conformance/settlement-adapter.suite.ts";
import { type ServedWorld, serveWorld } from "./served-world.ts";

const served: ServedWorld[] = [];

afterAll(async () => {
  for (const one of served) await one.close();
});

settlementAdapterSuite("REST API over HTTP", async (terms) => {
  const one = await serveWorld(terms);
  served.push(one);
  return one.world;
});
