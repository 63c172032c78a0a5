/**
 * `0x1::action`: a module asks the chain to run something after the present action, in the same
 * transaction. The natives are public themselves, not wrapped, so that the module that asks is
 * always the one whose code makes the call: that is whose authority an inline action gets.
 */
import type { NativeFunction } from "./native.ts";

const HEAD = {
  kind: "host",
  module: "0x1::action",
  // A channel's calls are single actions: there is nobody to run what they would queue.
  chainOnly: true,
  typeParameters: 0,
  returns: [],
} as const;
const TEXT = "vector<u8>";
const LIST = "vector<vector<u8>>";

export const ACTION_NATIVES: readonly NativeFunction[] = [
  {
    ...HEAD,
    operation: "actionInline",
    name: "queue_inline",
    // Module, function, type arguments as text, BCS of the arguments behind the signer.
    parameters: ["address", TEXT, TEXT, LIST, LIST],
  },
  {
    ...HEAD,
    operation: "actionNotify",
    name: "notify",
    // Whom; and what of: function of the calling module, type arguments as text, BCS of arguments.
    parameters: ["address", TEXT, LIST, LIST],
  },
];

/**
 * The type under which a request stands among a call's events. `0x1::action` declares no such
 * struct, so no Move code can emit one. Data: BCS of the calling module's address and name, then of
 * the native's arguments in order.
 */
export const INLINE_REQUEST = "0x1::action::InlineRequest";
export const NOTIFY_REQUEST = "0x1::action::NotifyRequest";
