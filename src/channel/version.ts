/** The version that stands in front of every message between nodes. */

/** Raised with every change of the wire format; nodes of different versions do not talk. */
export const PROTOCOL_VERSION = 3;
