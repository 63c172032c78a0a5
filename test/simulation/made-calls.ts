// Nobody speaks for another: every call that is confirmed was asked for by the client of the node
// whose member is said to have made it.
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import type { PublicKey } from "#core/ed25519.ts";
import { formatFunctionId } from "#core/identifier.ts";
import type { Item } from "../../src/channel/core/log.ts";
import { callIn, submissionOf } from "../../src/channel/core/submission.ts";
import { Violation } from "./checkers.ts";
import type { ToyCall } from "./settling.ts";

export class MadeCalls {
  readonly #made = new Set<string>();

  note(memberKey: PublicKey, call: ToyCall): void {
    this.#made.add(nameOf(memberKey, call));
  }

  check({ batch, configuration }: Item): void {
    for (const entry of batch.entries) {
      const submission = submissionOf(entry);
      const call = submission && callIn(submission);
      if (call === undefined) continue;
      const seat = configuration.seats.find((one) => one.seat === call.seat);
      const { memberKey } = present(seat, "an ordered call is of a seat");
      if (this.#made.has(nameOf(memberKey, call))) continue;
      const detail = `nonce ${call.nonce} of seat ${call.seat} was confirmed and never made`;
      throw new Violation("calls are made", detail);
    }
  }
}

function nameOf(memberKey: PublicKey, { function: callee, args }: ToyCall): string {
  return [toHex(memberKey), formatFunctionId(callee), ...args.map(toHex)].join("/");
}
