/** All committed contracts, in publish order: what roots, shards and parallel chains begin with. */
import { BYTECODE } from "./contracts/bytecode.ts";
import { modulesIn } from "./genesis-modules.ts";

export const contractModules = modulesIn([BYTECODE]);
