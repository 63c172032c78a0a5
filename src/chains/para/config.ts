/** What tells one parallel chain from another, before anything runs. */
import type { PublicKey } from "#core/ed25519.ts";
import { parseTitle, type Title } from "./title.ts";

/** Chain ids of parallel chains begin here: the chain of number j has 100 + j. */
export const PARA_CHAIN_ID_BASE = 100;

/** What all nodes of a parallel chain agree on before anything else. */
export interface ParaConfig {
  readonly title: Title;
  /** 100 + j, at most 255. */
  readonly chainId: number;
  /**
   * Height of the root block that genesis stands on: at or below the one in which the title's group
   * was approved, for before that no coins can cross.
   */
  readonly startHeight: bigint;
  /** That block's time, in microseconds. */
  readonly startTimeUs: bigint;
  /** Who holds office in the chain's resource model; makes no blocks, for nobody chooses them. */
  readonly owner: PublicKey;
}

/** Undefined unless `title` is one. */
export function paraConfig(
  title: string,
  number: number,
  owner: PublicKey,
  start: { readonly height: bigint; readonly timestampUs: bigint },
): ParaConfig | undefined {
  const parsed = parseTitle(title);
  return (
    parsed && {
      title: parsed,
      chainId: PARA_CHAIN_ID_BASE + number,
      startHeight: start.height,
      startTimeUs: start.timestampUs,
      owner,
    }
  );
}
