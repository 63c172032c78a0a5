// The browser's world with three things that can go wrong in it: a crash, a cut network, and a
// sandbox that runs an altered contract. Same identity and journal as ever.
import { browserWorld, type World } from "holdfast";
import type { ChainNews, ChainTrouble, Sight } from "../explorer/chain-watch.ts";
import { isReport, type Order } from "./orders.ts";

export interface TroubledWorld extends World {
  /** What of the chain to report about. */
  look(at: Sight): void;
  /** Ends the node's thread where it stands. */
  crash(): void;
  setOffline(isOffline: boolean): void;
}

export interface TroubleOptions {
  readonly isCheating: boolean;
  /** Where browsers elsewhere are met, and under which name. */
  readonly signal: string | undefined;
  readonly party: string | undefined;
  /** REST API of the chain that is played on, and its faucet; the embedded one where absent. */
  readonly chain: string | undefined;
  readonly faucet: string | undefined;
  /** A shard of that chain, or a parallel chain below it, that is played on in its place. */
  readonly shard: string | undefined;
  readonly para: string | undefined;
  readonly onNews: (news: ChainNews) => void;
  /** The chain gives no news. */
  readonly onTrouble: (trouble: ChainTrouble) => void;
}

export function troubledWorld(options: TroubleOptions): TroubledWorld {
  const { isCheating, signal, party, chain, faucet, shard, para, onNews, onTrouble } = options;
  let worker: Worker | undefined;
  const tell = (order: Order) => worker?.postMessage(order);
  const world = browserWorld({
    signal,
    party,
    chain,
    faucet,
    shard,
    para,
    createWorker() {
      worker = new Worker(new URL("./player.worker.ts", import.meta.url), { type: "module" });
      worker.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
        if (!isReport(data)) return;
        if (data.report === "chainNews") onNews(data.news);
        else onTrouble(data.trouble);
      });
      if (isCheating) tell({ order: "loadAlteredContract" });
      return worker;
    },
  });
  return {
    ...world,
    look: (at) => tell({ order: "look", ...at }),
    crash: () => worker?.terminate(),
    setOffline: (isOffline) => tell({ order: "setCut", isCut: isOffline }),
  };
}
