import { settlementAdapterSuite } from "../conformance/settlement-adapter.suite.ts";
import { startWorld } from "./world.ts";

settlementAdapterSuite("root chain", startWorld);
