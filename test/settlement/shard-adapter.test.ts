import { settlementAdapterSuite } from "../conformance/settlement-adapter.suite.ts";
import { startShardWorld } from "./shard-world.ts";

settlementAdapterSuite("shard", startShardWorld);
