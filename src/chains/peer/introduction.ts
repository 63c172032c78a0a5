/**
 * What a node that joins a chain has to learn first: which chain it is. Only the configuration is
 * taken from the other node; genesis is made here, and everything above it is executed here.
 */
import { BcsError } from "#core/bcs/reader.ts";
import type { Hash } from "#core/hash.ts";
import { decodeGenesisConfig, type GenesisConfig } from "../ledger/genesis-config.ts";
import type { Clock } from "../ports.ts";
import { decodeWith } from "../rpc/codec.ts";
import type { Dial, PeerLink } from "./link.ts";
import { peerMessageCodec } from "./messages.ts";
import { PeerError } from "./peer-error.ts";

/** Time that a node has for its hello. */
const HELLO_MS = 5_000;

export interface Introduction {
  readonly config: GenesisConfig;
  /** What genesis must come to. */
  readonly genesisHash: Hash;
}

/** Asks the first of `urls` that answers; rejects with `PeerError` when none does. */
export async function introduce(
  dial: Dial,
  clock: Clock,
  urls: readonly string[],
): Promise<Introduction> {
  let cause: unknown;
  for (const url of urls) {
    try {
      return await hear(await dial(url), clock);
    } catch (error) {
      cause = error;
    }
  }
  const message = `No node of a chain answers at ${urls.join(", ")}.`;
  throw new PeerError("UNREACHABLE", message, cause);
}

function hear(link: PeerLink, clock: Clock): Promise<Introduction> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => {
      cancel();
      link.close();
      reject(new PeerError("NO_HELLO", `${link.remote} ${what}.`));
    };
    const cancel = clock.after(HELLO_MS, () => fail("says nothing"));
    link.onClose(() => fail("hangs up"));
    link.listen((bytes) => {
      const introduction = readHello(bytes);
      if (introduction === undefined) return fail("says no hello");
      cancel();
      resolve(introduction);
      link.close();
    });
  });
}

function readHello(bytes: Uint8Array): Introduction | undefined {
  const message = decodeWith(peerMessageCodec, bytes);
  if (!message.ok || message.value.type !== "hello") return undefined;
  const { config, genesisHash } = message.value;
  try {
    return { config: decodeGenesisConfig(config), genesisHash };
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}
