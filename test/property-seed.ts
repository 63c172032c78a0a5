// The seed of every property that names none itself; a failure tells it, and how to come there.
import fc from "fast-check";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    readonly propertySeed: number;
  }
}

fc.configureGlobal({ seed: inject("propertySeed") });
