// Many more lives on the model of the contract, each profile with its own kind of trouble.
import { describeSeeds } from "./seeds.ts";

describeSeeds("calm", 1, 10);
describeSeeds("mixed", 1, 20);
// Where a view's leader is shown an older certificate than the one it began from.
describeSeeds("mixed", 33, 1);
describeSeeds("crashes", 1, 15);
describeSeeds("partitions", 1, 15);
describeSeeds("absences", 1, 20);
describeSeeds("cheats", 1, 10);
