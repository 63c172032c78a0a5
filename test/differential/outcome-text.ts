/**
 * Outcomes as text, one fact a line: what executors are compared by, and what golden files hold.
 */
import { toHex } from "#core/bytes.ts";
import { statusType } from "#core/status.ts";
import {
  type Change,
  type ChangeSet,
  encodeChangeSet,
  formatAddress,
  formatModuleId,
  formatStructTag,
  formatTypeTag,
  newValue,
  type Outcome,
  oldValue,
  type StateKey,
  statusName,
  type Touch,
  type VmStatus,
} from "#sandbox";

/** Everything about an outcome that executors must agree on. */
export function describeOutcome(outcome: Outcome): readonly string[] {
  return [
    `status ${statusText(outcome.status)}`,
    `gas ${outcome.gasUsed}`,
    ...outcome.returns.map((bytes) => `return ${bytesText(bytes)}`),
    ...outcome.events.map(({ type, data }) => `event ${formatTypeTag(type)} ${bytesText(data)}`),
    ...outcome.touched.map((touch) => `touch ${touchText(touch)}`),
    ...outcome.changes.map((change) => `change ${changeText(change)}`),
  ];
}

/** The bytes that are signed and hashed elsewhere. */
export function changeSetText(changes: ChangeSet): string {
  return toHex(encodeChangeSet(changes));
}

/**
 * Ended in a status that verified code must never reach. A type argument that does not exist has
 * one of that class, too: it is refused before any code runs.
 */
export function isBroken({ status }: Outcome): boolean {
  const name = statusName(status);
  return statusType(name) === "invariant" && name !== "TYPE_RESOLUTION_FAILURE";
}

function statusText(status: VmStatus): string {
  const name = statusName(status);
  if (status.type === "executed") return name;
  const { location } = status;
  const code = status.type === "aborted" ? ` ${status.code}` : "";
  const sub =
    status.type === "failed" && status.subStatus !== undefined ? ` sub ${status.subStatus}` : "";
  if (location === undefined) return `${name}${code}${sub}`;
  const place = `${formatModuleId(location.module)} function ${location.functionIndex}`;
  return `${name}${code}${sub} at ${place} offset ${location.offset}`;
}

function bytesText(bytes: Uint8Array): string {
  return bytes.length === 0 ? "-" : toHex(bytes);
}

function keyText(key: StateKey): string {
  switch (key.kind) {
    case "resource":
      return `${formatAddress(key.address)}/${formatStructTag(key.type)}`;
    case "tableItem":
      return `${formatAddress(key.handle)}[${bytesText(key.key)}]`;
    case "module":
      return formatModuleId(key.module);
  }
}

/** Of a module its size: its bytes are the assembler's affair. */
function valueText(key: StateKey, bytes: Uint8Array): string {
  return key.kind === "module" ? `${bytes.length} bytes` : bytesText(bytes);
}

function touchText({ key, before, written }: Touch): string {
  const found = before === undefined ? "absent" : `found ${valueText(key, before)}`;
  return `${keyText(key)} ${found}${written ? " written" : ""}`;
}

function changeText({ key, op }: Change): string {
  const [before, after] = [oldValue(op), newValue(op)].map((value) =>
    value === undefined ? "none" : valueText(key, value),
  );
  return `${op.type} ${keyText(key)} ${before} -> ${after}`;
}
