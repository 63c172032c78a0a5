import { settlementAdapterSuite } from "../conformance/settlement-adapter.suite.ts";
import { startParaWorld } from "./para-world.ts";

settlementAdapterSuite("parallel chain", startParaWorld);
