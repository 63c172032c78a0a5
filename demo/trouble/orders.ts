// What a page and the worker that it starts tell each other, beside what every page and its node
// do.
import type { ChainNews, ChainTrouble, Sight } from "../explorer/chain-watch.ts";

export type Order =
  /** Comes before the node starts. */
  | { readonly order: "loadAlteredContract" }
  | { readonly order: "setCut"; readonly isCut: boolean }
  /** What of the chain the page wants news of. */
  | ({ readonly order: "look" } & Sight);

export type Report =
  | { readonly report: "chainNews"; readonly news: ChainNews }
  | { readonly report: "chainTrouble"; readonly trouble: ChainTrouble };

export function isOrder(data: unknown): data is Order {
  return typeof data === "object" && data !== null && "order" in data;
}

export function isReport(data: unknown): data is Report {
  return typeof data === "object" && data !== null && "report" in data;
}
