/**
 * Why the chain refuses a request, in the codes of the REST profile (section 7): the same refusal
 * travels over a message port now and as an HTTP error later. A refusal leaves no trace in state.
 */
import { STATUS_CODES, type StatusName } from "#core/status.ts";

/** Every code with the HTTP status that goes with it. */
export const REFUSAL_HTTP_STATUS = {
  invalid_input: 400,
  vm_error: 400,
  sequence_number_too_old: 400,
  invalid_transaction_update: 400,
  account_not_found: 404,
  resource_not_found: 404,
  module_not_found: 404,
  table_item_not_found: 404,
  transaction_not_found: 404,
  block_not_found: 404,
  version_not_found: 404,
  version_pruned: 410,
  block_pruned: 410,
  rate_limited: 429,
  internal_error: 500,
  health_check_failed: 503,
  mempool_is_full: 507,
} as const;

export type RefusalCode = keyof typeof REFUSAL_HTTP_STATUS;

export interface Refusal {
  readonly code: RefusalCode;
  /** One sentence: what happened and what to do. */
  readonly message: string;
  /** With `vm_error`: the validation status that refused it. */
  readonly status?: StatusName;
}

export function refusal(code: RefusalCode, message: string): Refusal {
  return { code, message };
}

/** A transaction that validation refuses, in the profile's wording. */
export function invalidTransaction(status: StatusName, why: string): Refusal {
  const message = `Invalid transaction: Type: Validation Code: ${status} (${why})`;
  return { code: "vm_error", message, status };
}

/** The profile's `vm_error_code`, or undefined where a code carries none. */
export function vmErrorCode(refused: Refusal): number | undefined {
  return refused.status === undefined ? undefined : STATUS_CODES[refused.status];
}

export function isRefusalCode(text: string): text is RefusalCode {
  return Object.hasOwn(REFUSAL_HTTP_STATUS, text);
}
