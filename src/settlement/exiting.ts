/** The commands of an exit, each harmless to repeat: what stands already is not asked for again. */
import {
  type ClaimEvidence,
  type ExitEvidence,
  encode,
  encodeClaim,
  exitEvidence as exitCodec,
  type SeatId,
  type Settlement,
} from "#channel";
import { present } from "#core/assert.ts";
import { parseStructTag, type StructTag } from "#core/type-tag.ts";
import type { ChainAccess, EntryCall } from "./chain-access.ts";
import { contestExit, finishExit, openExit, readExits } from "./contract/exits.ts";
import type { ChannelRecord } from "./contract/records.ts";
import type { DappBinding } from "./dapp.ts";
import { trouble } from "./settlement-error.ts";

export type ExitCommands = Pick<
  Settlement,
  "openExit" | "contestExit" | "finishExit" | "claimExit"
>;

interface ExitContext {
  readonly access: ChainAccess;
  readonly dapp: DappBinding;
  readonly typed: (
    id: bigint,
  ) => Promise<{ readonly record: ChannelRecord; readonly stateType: StructTag }>;
  readonly send: (call: EntryCall) => Promise<unknown>;
}

export function exitCommands({ access, dapp, typed, send }: ExitContext): ExitCommands {
  const isOpen = async (id: bigint, seat: SeatId) =>
    (await readExits(access, id)).open.some((exit) => exit.seat === seat);
  return {
    openExit: async (id: bigint, seat: SeatId, evidence: ExitEvidence) => {
      const { stateType } = await typed(id);
      if (await isOpen(id, seat)) return;
      await send(openExit(stateType, id, seat, encode(exitCodec, evidence)));
    },
    contestExit: async (id: bigint, seat: SeatId, evidence: ExitEvidence) => {
      const { stateType } = await typed(id);
      if (!(await isOpen(id, seat))) return;
      await send(contestExit(stateType, id, seat, encode(exitCodec, evidence)));
    },
    finishExit: async (id: bigint, seat: SeatId) => {
      const { record } = await typed(id);
      if (!(await isOpen(id, seat))) return;
      const coinType = present(parseStructTag(record.coinType), "the contract names a type");
      await send(finishExit(coinType, id, seat));
    },
    claimExit: async (id: bigint, evidence: ClaimEvidence) => {
      const { claims } = await readExits(access, id);
      if (!claims.some(({ seat }) => seat === evidence.seat)) return;
      if (dapp.claim === undefined) throw trouble("GAME_REFUSED", "the game has no claims");
      await send(dapp.claim(id, evidence.seat, encodeClaim(evidence)));
    },
  };
}
