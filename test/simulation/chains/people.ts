// Who uses the chains in a simulated life.
import { accountNamed } from "../../chains/fixture.ts";

export const PEOPLE = ["alice", "bob"].map((name) => accountNamed(name));
