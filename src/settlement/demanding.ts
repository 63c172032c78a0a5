/** The commands about demands for data, each harmless to repeat. */
import { type ChainDemand, encodeAnswer, type Settlement } from "#channel";
import type { StructTag } from "#core/type-tag.ts";
import type { ChainAccess, EntryCall } from "./chain-access.ts";
import { answerDemand, demandData, openDemands, voidDemand } from "./contract/demands.ts";

export type DemandCommands = Pick<Settlement, "demandData" | "answerDemand" | "voidDemand">;

interface DemandContext {
  readonly access: ChainAccess;
  readonly typed: (id: bigint) => Promise<{ readonly stateType: StructTag }>;
  readonly send: (call: EntryCall) => Promise<unknown>;
}

export function demandCommands({ access, typed, send }: DemandContext): DemandCommands {
  const standing = async (id: bigint, demand: bigint) =>
    (await openDemands(access, id)).find((open) => open.id === demand);
  return {
    demandData: async (id, proposal, first, last) => {
      const demands = await openDemands(access, id);
      const isOwn = ({ challenger }: ChainDemand) => challenger === access.account;
      const stands = demands.some(
        (open) => isOwn(open) && open.proposal === proposal && open.last === last,
      );
      // A bond is put up once for the same.
      if (stands) return;
      const { stateType } = await typed(id);
      await send(demandData(stateType, id, proposal, first, last));
    },
    answerDemand: async (id, demand, answer) => {
      const open = await standing(id, demand);
      // Somebody else was faster: what was answered is not answered again.
      if (open === undefined || answer[0]?.header.header.number !== open.next) return;
      const { stateType } = await typed(id);
      await send(answerDemand(stateType, id, demand, encodeAnswer(answer)));
    },
    voidDemand: async (id, demand) => {
      if ((await standing(id, demand)) === undefined) return;
      const { stateType } = await typed(id);
      await send(voidDemand(stateType, id, demand));
    },
  };
}
