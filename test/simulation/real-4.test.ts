// A quarter of the hundred seeds on the real chain, contracts and virtual machine: several files,
// so that they run beside each other.
import { describeSeeds } from "./seeds.ts";

describeSeeds("real", 76, 25);
