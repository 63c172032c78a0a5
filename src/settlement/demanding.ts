/** The commands about demands for data, each harmless to repeat. */
import { encodeAnswer, type Settlement } from "#channel";
import type { StructTag } from "#core/type-tag.ts";
import type { ChainAccess, EntryCall } from "./chain-access.ts";
import { answerDemand, demandData, readDemands, voidDemand } from "./contract/demands.ts";

export type DemandCommands = Pick<Settlement, "demandData" | "answerDemand" | "voidDemand">;

interface DemandContext {
  readonly access: ChainAccess;
  readonly typed: (id: bigint) => Promise<{ readonly stateType: StructTag }>;
  readonly send: (call: EntryCall) => Promise<unknown>;
}

export function demandCommands({ access, typed, send }: DemandContext): DemandCommands {
  const standing = async (id: bigint, demand: bigint) =>
    (await readDemands(access, id)).find((open) => open.id === demand);
  return {
    demandData: async (id, proposal, first, last) => {
      const { stateType } = await typed(id);
      await send(demandData(stateType, id, proposal, first, last));
    },
    answerDemand: async (id, demand, answer) => {
      const open = await standing(id, demand);
      // Somebody else was faster: what was answered is not answered again.
      if (open === undefined || answer[0]?.header.number !== open.next) return;
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
