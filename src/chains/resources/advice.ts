/**
 * Says in plain words what an action costs, why it would fail for want of resources, and how to get
 * them. Words only: the figures are the estimate's.
 */
import type { Address } from "#core/address.ts";
import { shortAddress } from "#core/address.ts";
import { isExecuted, type VmStatus } from "#core/status.ts";
import { vmStatusText } from "../ledger/receipt.ts";
import { formatKibibytes } from "./account.ts";
import { RESOURCE_ADDRESS } from "./contract.ts";
import type { RamNeed, ResourceEstimate } from "./estimate.ts";

const UNITS_PER_COIN = 10_000n;
const FRACTION_DIGITS = 4;

/** `0.03`, `1,000` without the comma: units as coins. */
export function formatCoins(units: bigint): string {
  const fraction = (units % UNITS_PER_COIN).toString().padStart(FRACTION_DIGITS, "0");
  const digits = fraction.replace(/0+$/, "").padEnd(2, "0");
  return `${units / UNITS_PER_COIN}.${digits}`;
}

/** What it takes, in one sentence. */
export function describeEstimate(estimate: ResourceEstimate): string {
  const { fee, cpuUs, netBytes, maxGas, gasUnitPrice, actions } = estimate;
  const count = actions.filter(({ kind }) => kind === "entry" || kind === "inline").length;
  const grown = estimate.ram.reduce((sum, { bytes }) => sum + bytes, 0n);
  const limit = formatCoins(maxGas * gasUnitPrice);
  const acts = count === 1 ? "1 action" : `${count} actions`;
  return (
    `${acts} for ${formatCoins(fee)} coins, at most ${limit}; ` +
    `${cpuUs} us of CPU, ${netBytes} bytes of NET, ${formatKibibytes(grown)} of RAM.`
  );
}

/** What is missing and how to get it, one sentence each; nothing where nothing is. */
export function adviceFor(estimate: ResourceEstimate, sender: Address): readonly string[] {
  const advice = estimate.ram
    .filter(({ missingBytes }) => missingBytes > 0n)
    .map((need) => ramAdvice(need, sender));
  if (estimate.missingCoins > 0n) {
    advice.push(
      `You have ${formatCoins(estimate.balance)} coins and need ` +
        `${formatCoins(estimate.missingCoins)} more for the fee: ask the faucet or a friend.`,
    );
  }
  const limit = limitAdvice(estimate.status);
  if (limit !== undefined) advice.push(limit);
  if (advice.length === 0 && !isExecuted(estimate.status)) {
    advice.push(`It fails whatever it is given: ${vmStatusText(estimate.status)}.`);
  }
  return advice;
}

function ramAdvice({ account, missingBytes, missingStake }: RamNeed, sender: Address): string {
  const whose =
    account === sender ? "You store" : `The contract at ${shortAddress(account)} stores`;
  const who = account === sender ? "Vote" : "Its owner has to vote";
  return (
    `${whose} ${formatKibibytes(missingBytes)} more than is allowed. ${who} ` +
    `${formatCoins(missingStake)} coins more for a producer with 0x50::ram::vote4ram: the ` +
    "dividends pay the rent, and the coins come back when they are no longer needed."
  );
}

/** Why the chain would end it, for codes of `0x50::limits`. */
const LIMITS = new Map<bigint, string>([
  [
    20n,
    "Its fee buys too little CPU. The contract's owner can raise it with 0x50::fees::setfee, or " +
      "give the action less to do.",
  ],
  [
    21n,
    "Its fee buys too little NET for so long a transaction. Send less at once; the contract's " +
      "owner can raise the fee with 0x50::fees::setfee.",
  ],
  [22n, "The action stores more than the producers let it. Let it store less at once."],
  [24n, "An action that it queues has no fee, and this chain runs nothing without."],
  [25n, "It queues too many actions: at most 32, four deep."],
  [26n, "It queues an action whose name or types are none: the contract is at fault."],
]);

function limitAdvice(status: VmStatus): string | undefined {
  if (status.type !== "aborted") return undefined;
  const { address, name } = status.location.module;
  if (address !== RESOURCE_ADDRESS || name !== "limits") return undefined;
  return LIMITS.get(status.code);
}
