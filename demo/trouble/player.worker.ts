// The worker of a player who can get into trouble: the node that every embedder gets, in
// surroundings that the page may spoil. The node itself knows nothing about it. The page's
// explorer looks at the chain from here, for this is the chain that the node plays on, wherever
// it runs.
import { serveNode } from "holdfast";
import { type ChainWatch, watchChain } from "../explorer/chain-watch.ts";
import { alteredChain } from "./altered-chain.ts";
import { createCable } from "./cable.ts";
import { isOrder, type Order, type Report } from "./orders.ts";

const cable = createCable();
let isAltered = false;
let watch: ChainWatch | undefined;

function obey(order: Order): void {
  switch (order.order) {
    case "loadAlteredContract":
      isAltered = true;
      return;
    case "setCut":
      return cable.setCut(order.isCut);
    case "look":
      return watch?.look(order);
  }
}

addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  if (isOrder(data)) obey(data);
});

serveNode((environment) => {
  const report = (told: Report) => postMessage(told);
  watch = watchChain(environment.chain, {
    onNews: (news) => report({ report: "chainNews", news }),
    onTrouble: (trouble) => report({ report: "chainTrouble", trouble }),
  });
  return {
    ...environment,
    chain: isAltered ? alteredChain(environment.chain) : environment.chain,
    wires: (room) => environment.wires(room).map((wire) => cable.through(wire)),
  };
});
