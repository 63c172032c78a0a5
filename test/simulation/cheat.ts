// A cheat plays by other rules: from a moment on, its executor runs calls as nobody made them. The
// node around it is the real one and knows nothing of it.
import { present } from "#core/assert.ts";
import type { Call } from "../../src/channel/messages.ts";
import type { ChannelExecutor } from "../../src/channel/ports.ts";
import type { World } from "./world.ts";

export class Cheats {
  readonly #on = new Set<string>();

  wrap(name: string, executor: ChannelExecutor): ChannelExecutor {
    return {
      execute: (call, sender, context) =>
        executor.execute(this.#on.has(name) ? forged(call) : call, sender, context),
      tick: (tick, maxGas, context) => executor.tick(tick, maxGas, context),
      apply: (changes) => executor.apply(changes),
      read: (key) => executor.read(key),
      stateRoot: () => executor.stateRoot(),
      mark: () => executor.mark(),
      rollback: (mark) => executor.rollback(mark),
      release: (mark) => executor.release(mark),
      record: () => executor.record(),
      prove: (keys) => executor.prove(keys),
      snapshot: () => executor.snapshot(),
      restore: (root, chunks) => executor.restore(root, chunks),
    };
  }

  /** The node that leads starts to cheat; returns its name. */
  corrupt(world: World): string | undefined {
    const leader = world.nodes.find(({ machine }) => machine?.phase === "leading");
    if (leader === undefined) return undefined;
    this.#on.add(leader.name);
    return leader.name;
  }

  start(name: string): void {
    this.#on.add(name);
  }

  stop(name: string): void {
    this.#on.delete(name);
  }
}

/** The same call with one bit of its last argument changed. */
function forged(call: Call): Call {
  const last = call.args.at(-1)?.slice();
  if (last === undefined || last.length < 2) return call;
  const at = last.length - 1;
  last[at] = present(last[at], "an argument has a last byte") ^ 1;
  return { ...call, args: [...call.args.slice(0, -1), last] };
}
