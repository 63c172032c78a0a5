// On the real chain: members that leave and a channel that closes; leaders that cheat.
import { describeSeeds } from "./seeds.ts";

describeSeeds("real-calm", 1, 6);
describeSeeds("real-cheats", 1, 6);
