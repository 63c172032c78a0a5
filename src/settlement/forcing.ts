/** The commands about forced calls, each harmless to repeat. */
import {
  type ChainForcedCall,
  encode,
  encodeCallAnswer,
  type Settlement,
  signedCall as signedCallCodec,
} from "#channel";
import type { StructTag } from "#core/type-tag.ts";
import type { ChainAccess, EntryCall } from "./chain-access.ts";
import { answerCall, deposeLeader, forceCall, readForcedCalls } from "./contract/forced-calls.ts";

export type ForcingCommands = Pick<Settlement, "forceCall" | "answerCall" | "deposeLeader">;

interface ForcingContext {
  readonly access: ChainAccess;
  readonly typed: (id: bigint) => Promise<{ readonly stateType: StructTag }>;
  readonly send: (call: EntryCall) => Promise<unknown>;
}

export function forcingCommands({ access, typed, send }: ForcingContext): ForcingCommands {
  const standing = async (id: bigint, seat: bigint): Promise<ChainForcedCall | undefined> =>
    (await readForcedCalls(access, id)).open.find((open) => open.seat === seat);
  return {
    forceCall: async (id, signed) => {
      const { seat, nonce } = signed.call;
      const open = await standing(id, seat);
      if (open?.nonce === nonce) return;
      const { stateType } = await typed(id);
      await send(forceCall(stateType, id, encode(signedCallCodec, signed)));
    },
    answerCall: async (id, answer) => {
      // Somebody else was faster.
      if ((await standing(id, answer.seat)) === undefined) return;
      const { stateType } = await typed(id);
      await send(answerCall(stateType, id, answer.seat, encodeCallAnswer(answer)));
    },
    deposeLeader: async (id, seat) => {
      if ((await standing(id, seat)) === undefined) return;
      const { stateType } = await typed(id);
      await send(deposeLeader(stateType, id, seat));
    },
  };
}
