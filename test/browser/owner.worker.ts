// A node's thread, as far as its identity goes: claims one, says which, and holds it until it ends.
import {
  openBroadcastChannel,
  platformClock,
  platformEntropy,
  platformLocks,
} from "../../src/channel/platform.ts";
import { claimIdentity } from "../../src/channel/tab/owner.ts";

onmessage = async ({ data }: MessageEvent<string | null>) => {
  const context = {
    openChannel: openBroadcastChannel,
    locks: platformLocks(),
    entropy: platformEntropy,
    clock: platformClock,
  };
  const { identity } = await claimIdentity(context, data);
  postMessage(identity);
};
