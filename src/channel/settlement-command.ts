/** A command of the core, as a call of the settlement port. */
import { assertNever } from "#core/assert.ts";
import type { SettlementCommand } from "./core/effect.ts";
import type { Settlement } from "./ports.ts";

/** Resolves and rejects as the port's own method does. */
export function runCommand(
  settlement: Settlement,
  id: bigint,
  command: SettlementCommand,
): Promise<unknown> {
  switch (command.type) {
    case "keepAlive":
      return settlement.keepAlive(id);
    case "applyLeader":
      return settlement.applyLeader(id, command.candidacy);
    case "postCertificate":
      return settlement.postCertificate(id, command.candidacy);
    case "propose":
      return settlement.propose(id, command.evidence);
    case "punish":
      return settlement.punish(id, command.evidence);
    case "proveEquivocation":
      return settlement.proveEquivocation(id, command.evidence);
    case "proveFraud":
      return settlement.proveFraud(id, command.evidence);
    case "vote":
      return settlement.vote(id, command.proposal, command.option);
    case "execute":
      return settlement.execute(id, command.proposal);
    case "removeSilent":
      return settlement.removeSilent(id, command.evidence);
    case "leave":
      return settlement.leave(id);
    case "close":
      return settlement.close(id);
    case "openExit":
      return settlement.openExit(id, command.seat, command.evidence);
    case "contestExit":
      return settlement.contestExit(id, command.seat, command.evidence);
    case "finishExit":
      return settlement.finishExit(id, command.seat);
    case "demandData":
      return settlement.demandData(id, command.proposal, command.first, command.last);
    case "answerDemand":
      return settlement.answerDemand(id, command.demand, command.answer);
    case "voidDemand":
      return settlement.voidDemand(id, command.demand);
    case "forceCall":
      return settlement.forceCall(id, command.call);
    case "answerCall":
      return settlement.answerCall(id, command.answer);
    case "deposeLeader":
      return settlement.deposeLeader(id, command.seat);
    case "claimExit":
      return settlement.claimExit(id, command.evidence);
    default:
      return assertNever(command);
  }
}
