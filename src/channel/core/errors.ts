/**
 * Every refusal of the channel, as numbers that cross the wire, with what happened, who caused it
 * and what to do. The seed's numbers are 100001 to 100008; the rest is ours. A refusal changes
 * nothing: the channel goes on.
 */

export interface ChannelError {
  readonly code: number;
  readonly name: ChannelErrorName;
  /** Particulars of this case, for people. */
  readonly detail: string;
}

interface Entry {
  readonly code: number;
  readonly meaning: string;
  readonly causedBy: "caller" | "peer" | "leader" | "chain" | "network" | "contract";
  readonly remedy: string;
}

export const CHANNEL_ERRORS = {
  NO_CHANNEL: {
    code: 100001,
    meaning: "There is no such channel, or the object belongs to another one.",
    causedBy: "caller",
    remedy: "Check the channel's id and the chain it is on.",
  },
  NOT_MEMBER: {
    code: 100002,
    meaning: "The key or seat is not a member of the configuration in force.",
    causedBy: "caller",
    remedy: "Join on chain and wait until the leader has admitted the seat.",
  },
  NO_LEADER: {
    code: 100003,
    meaning: "No leader orders calls at present.",
    causedBy: "network",
    remedy: "Wait: an election is under way, and the call is sent again by itself.",
  },
  EXECUTION_ABORTED: {
    code: 100004,
    meaning: "The contract aborted the call; it was ordered, and had no effect.",
    causedBy: "contract",
    remedy: "Look up the abort code in the contract.",
  },
  BAD_SIGNATURE_OR_NONCE: {
    code: 100005,
    meaning: "The signature does not fit the seat's key, or the nonce is not the seat's next one.",
    causedBy: "caller",
    remedy: "Sign with the member key and use consecutive nonces.",
  },
  TIMEOUT: {
    code: 100006,
    meaning: "Nobody answered in time.",
    causedBy: "network",
    remedy: "See in status() who is awaited; the node goes on trying.",
  },
  BANNED: {
    code: 100007,
    meaning: "The seat was forced out of the channel.",
    causedBy: "caller",
    remedy: "Fetch what is left by leaving; join again when the ban has ended.",
  },
  STALE_EPOCH: {
    code: 100008,
    meaning: "The message belongs to an epoch that has been replaced.",
    causedBy: "peer",
    remedy: "Nothing; its sender will learn of the new leader.",
  },
  MALFORMED_MESSAGE: {
    code: 100009,
    meaning: "The bytes are no message of this protocol.",
    causedBy: "peer",
    remedy: "Nothing; the message was dropped.",
  },
  MESSAGE_TOO_LARGE: {
    code: 100010,
    meaning: "The message or call exceeds its size limit.",
    causedBy: "peer",
    remedy: "Send less at once.",
  },
  VERSION_MISMATCH: {
    code: 100011,
    meaning: "The peer speaks another version of the protocol.",
    causedBy: "peer",
    remedy: "Use the same release on both sides.",
  },
  CHANNEL_CLOSED: {
    code: 100012,
    meaning: "The channel is closed or closing, and orders no more calls.",
    causedBy: "caller",
    remedy: "Open another channel.",
  },
  NOTHING_TO_SETTLE: {
    code: 100013,
    meaning: "Nothing was confirmed since the last settlement.",
    causedBy: "caller",
    remedy: "Settle when something has been confirmed.",
  },
  SETTLEMENT_REFUSED: {
    code: 100014,
    meaning: "The chain refused the command.",
    causedBy: "chain",
    remedy: "The reason is in the detail; settle again if the settled height has moved.",
  },
  LAST_MEMBER: {
    code: 100015,
    meaning: "The last member cannot leave.",
    causedBy: "caller",
    remedy: "Close the channel instead.",
  },
  NOT_ALLOWED: {
    code: 100016,
    meaning: "Only the channel's creator or its last member may close it.",
    causedBy: "caller",
    remedy: "Leave instead.",
  },
  TOO_MANY_PENDING: {
    code: 100017,
    meaning: "Too many calls of this seat wait to be ordered.",
    causedBy: "caller",
    remedy: "Wait for some of them.",
  },
  EXPIRED: {
    code: 100018,
    meaning: "The call's last height has passed.",
    causedBy: "caller",
    remedy: "Send it again with a later expiry.",
  },
  OUT_OF_REVEALS: {
    code: 100019,
    meaning: "The leader's chain of reveals is used up, so it can order nothing more.",
    causedBy: "leader",
    remedy: "Another member takes the lead; join again with a new chain.",
  },
  BAD_BATCH: {
    code: 100020,
    meaning: "The batch breaks a rule of the protocol.",
    causedBy: "leader",
    remedy: "Nothing; it was not acknowledged.",
  },
  WRONG_EXECUTION: {
    code: 100021,
    meaning: "Re-execution contradicts the leader's signed header.",
    causedBy: "leader",
    remedy: "Nothing; the leader has been accused with its signed header as evidence.",
  },
  BAD_CERTIFICATE: {
    code: 100022,
    meaning: "A certificate lacks a quorum of valid signatures.",
    causedBy: "peer",
    remedy: "Nothing; it was dropped.",
  },
  GAS_LIMIT: {
    code: 100023,
    meaning: "The call asks for more gas than a call may use.",
    causedBy: "caller",
    remedy: "Ask for less.",
  },
  CHANNEL_FULL: {
    code: 100024,
    meaning: "The channel has as many members as its elections allow.",
    causedBy: "caller",
    remedy: "Wait until a member leaves.",
  },
} as const satisfies Record<string, Entry>;

export type ChannelErrorName = keyof typeof CHANNEL_ERRORS;

const NAMES = new Map<number, ChannelErrorName>(
  (Object.keys(CHANNEL_ERRORS) as ChannelErrorName[]).map((name) => [
    CHANNEL_ERRORS[name].code,
    name,
  ]),
);

export function channelError(name: ChannelErrorName, detail: string): ChannelError {
  return { code: CHANNEL_ERRORS[name].code, name, detail };
}

/** The error that a code names; undefined for a number that is none of ours. */
export function errorNameOf(code: number): ChannelErrorName | undefined {
  return NAMES.get(code);
}
