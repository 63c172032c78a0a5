/** All that a game's page needs of the library: what `bench bundle` builds. */
import { createNode } from "holdfast";

Object.assign(globalThis, { createNode });
