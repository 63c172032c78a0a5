/**
 * Why a command on a channel's chain did not succeed, in one vocabulary for every adapter: what
 * happened, who is to blame, what to do. The contract's refusals keep their numbers beside their
 * names.
 */

/** Refusals of `rooch::state_channel` by number, as `rooch::errors` lists them. */
const CONTRACT_REFUSALS = {
  1: ["NO_CHANNEL", "there is no channel of this id", "check the id and the chain"],
  2: ["NOT_MEMBER", "this account holds no seat that may do this", "join the channel first"],
  3: ["BANNED", "this account was forced out less than 5 minutes ago", "wait, then join again"],
  4: ["LEADER_VALID", "the leader was heard within 15 s", "follow it"],
  5: ["NOT_ONLY_MEMBER", "others are still in the channel", "let them leave first"],
  6: ["BAD_PROPOSAL", "the proposal could never be executed", "make it of certified changes"],
  7: ["HEIGHT_MISMATCH", "another settlement came first", "propose again from its height"],
  8: ["ALREADY_VOTED", "this seat has voted on this proposal", "nothing; the first vote stands"],
  9: ["NOT_PASSED", "too few members voted yes", "wait for more votes"],
  10: ["PROPOSAL_OVER", "the proposal was executed, replaced or voided", "read the channel anew"],
  11: [
    "DELEGATIONS_FULL",
    "the candidate has as many delegations as it may have",
    "choose another candidate",
  ],
  12: ["STAKE", "the stake cannot be paid in the channel's coin", "fund this account"],
  13: ["STALE_CHECKPOINT", "something higher is known already", "use the highest certificate"],
  14: ["WINDOW_OPEN", "a window for objections is still open", "try again when it is over"],
  16: ["NOT_REGISTERED", "this account has registered no node keys", "register the node first"],
  17: ["BAD_KEY", "a key has the wrong size or is not this account's", "register the right keys"],
  18: ["ALREADY_MEMBER", "this account has a seat or assets of an earlier one", "fetch them first"],
  19: ["CHANNEL_FULL", "the channel has as many members as it may", "wait until one leaves"],
  20: ["CHANNEL_CLOSED", "the channel is closed", "create a new one"],
  21: ["WRONG_TYPE", "the type is not the one the channel was created with", "read the channel"],
  22: ["BAD_CERTIFICATE", "the signatures make no quorum", "collect more acks"],
  23: ["BAD_SIGNATURE", "a signature does not verify", "drop the evidence; its sender is at fault"],
  24: ["UNKNOWN_CONFIGURATION", "the chain does not know this configuration", "send its steps too"],
  25: ["BAD_CONFIGURATION", "the seats are not those the header names", "read the channel anew"],
  26: ["NOT_SILENT", "the accused was heard within 15 s", "nothing; it lives"],
  28: ["NOT_SETTLED", "what the seat left waits for a settlement", "settle, then leave"],
  29: [
    "NOT_EXECUTING",
    "no settlement is being executed",
    "use the contract's settlement function",
  ],
  30: ["OLD_MISMATCH", "what is stored is not what the changes start from", "propose again"],
  31: ["NOT_APPLIED", "the game's contract did not apply what was certified", "tell its author"],
  32: ["BAD_CONFIG", "a setting of the channel is out of range", "correct the settings"],
  33: ["NO_LABEL", "the channel has no such label", "read the channel's settings"],
  34: ["NOT_ADMITTED", "the seat is not in the configuration yet", "wait for its admission"],
  35: ["NO_PROPOSAL", "the channel has no such proposal", "read the channel anew"],
  36: ["BAD_EVIDENCE", "the evidence does not show what it claims", "drop it"],
  37: ["BAD_VOTE", "the vote is not on the proposal that was judged", "judge it again"],
  38: ["BAD_PROOF", "the proof does not lead to the header's state", "propose again"],
  39: ["NO_ASSET", "the seat brought no asset, or brought it before", "read the channel anew"],
  40: [
    "NOT_CANDIDATE",
    "the seat is no candidate, or cannot be delegated to",
    "read the candidates anew",
  ],
  41: ["NO_REWARD", "nothing is owed for proving an offence of this seat", "read the channel anew"],
  60: ["LAST_SEAT", "nobody else is in the channel", "settle, then close it"],
  61: ["EXIT_OPEN", "an exit of this seat is open", "wait for its window, then finish it"],
  62: ["NO_EXIT", "no exit of this seat is open, nor anything to claim", "read the channel anew"],
  63: ["NO_CASE", "no evidence of fraud is being judged", "report it as a transaction of its own"],
  64: ["UNFIT_EVIDENCE", "the evidence does not show what it takes to judge", "make it anew"],
  65: ["NO_DEMAND", "no such demand for data is open", "read the channel anew"],
  66: ["TOO_MANY_DEMANDS", "this seat has demanded data twice, or too much", "wait, or ask less"],
  67: ["NO_FORCED_CALL", "no call of this seat is forced", "read the channel anew"],
  68: ["CALL_FORCED", "a call of this seat is forced already", "wait for its answer"],
  69: [
    "BARRED",
    "this seat lost the lead over a forced call",
    "let another lead, or wait a minute",
  ],
} as const satisfies Record<number, readonly [string, string, string]>;

type ContractRefusals = typeof CONTRACT_REFUSALS;
export type ContractRefusalCode = ContractRefusals[keyof ContractRefusals][0];

/** What can go wrong on the way to the contract, or in contracts we do not know. */
const OTHER_TROUBLE = {
  CHAIN_UNREACHABLE: "check the connection; the command is safe to repeat",
  CHAIN_REFUSED: "see the chain's own message",
  NO_FUNDS: "fund this account",
  OUT_OF_GAS: "make the evidence smaller",
  GAME_REFUSED: "see the game's list of errors",
  SHARD_REFUSED: "see the refusals of 0x30",
  PARA_REFUSED: "see the refusals of 0x40",
  BUDGET_SPENT: "allow more, or bring coins back first",
  ON_ITS_WAY: "nothing is lost; repeat the command later",
  NOT_AGREED: "ask another node of the parallel chain",
  VIEW_ABORTED: "check the arguments",
  CONTRACT_FAILED: "tell the contract's author",
  PROFILE_MISMATCH: "update the application",
  BAD_ANSWER: "check that this chain runs the contracts this adapter was built for",
} as const;

export type SettlementErrorCode = ContractRefusalCode | keyof typeof OTHER_TROUBLE;

/** All of them, for lists. */
export const SETTLEMENT_ERROR_CODES: readonly SettlementErrorCode[] = [
  ...Object.values(CONTRACT_REFUSALS).map(([code]) => code),
  ...(Object.keys(OTHER_TROUBLE) as (keyof typeof OTHER_TROUBLE)[]),
];

/** Why a command on the chain did not succeed; docs/ERRORS.md lists the codes. */
export class SettlementError extends Error {
  override readonly name = "SettlementError";
  readonly code: SettlementErrorCode;
  /** The contract's number, where the contract refused. */
  readonly abortCode: bigint | undefined;

  constructor(code: SettlementErrorCode, message: string, abortCode?: bigint, cause?: unknown) {
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.abortCode = abortCode;
  }
}

/** A refusal by the state-channel contract. */
export function contractRefusal(abortCode: bigint): SettlementError {
  const known = refusalByNumber(abortCode);
  if (known === undefined) {
    return trouble("CONTRACT_FAILED", `state_channel refused with ${abortCode}`, abortCode);
  }
  const [code, what, advice] = known;
  return new SettlementError(code, `${what}; ${advice}.`, abortCode);
}

export function trouble(
  code: keyof typeof OTHER_TROUBLE,
  what: string,
  abortCode?: bigint,
  cause?: unknown,
): SettlementError {
  return new SettlementError(code, `${what}; ${OTHER_TROUBLE[code]}.`, abortCode, cause);
}

function refusalByNumber(
  abortCode: bigint,
): readonly [ContractRefusalCode, string, string] | undefined {
  const entry = Object.entries(CONTRACT_REFUSALS).find(([number]) => BigInt(number) === abortCode);
  return entry?.[1];
}
