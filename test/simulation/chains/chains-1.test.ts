// Half of the fifty seeds of a root with a shard and a parallel chain: two files, so that they run
// beside each other.
import { describeChainSeeds } from "./chain-seeds.ts";

describeChainSeeds(1, 25);
