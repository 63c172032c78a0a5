// How tests name a refusal.
import { shortAddress } from "#core/address.ts";
import { formatVmStatus, type VmStatus } from "#core/status.ts";

interface Ended {
  readonly status: VmStatus;
}

/** `0x20::election 4` for an abort, otherwise the status for people. */
export function refusalOf({ status }: Ended): string {
  if (status.type !== "aborted") return formatVmStatus(status);
  const { address, name } = status.location.module;
  return `${shortAddress(address)}::${name} ${status.code}`;
}

/** The code alone, for 0x20, whose modules share their numbers; otherwise as {@link refusalOf}. */
export function codeOf(ended: Ended): number | string {
  const { status } = ended;
  const isRooch =
    status.type === "aborted" && shortAddress(status.location.module.address) === "0x20";
  return isRooch ? Number(status.code) : refusalOf(ended);
}
