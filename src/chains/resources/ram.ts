/**
 * Counts what a transaction makes accounts store: by its changes, which account's each is, and how
 * many bytes more or fewer. What is allowed is the contract's to say (`0x50::ram`).
 */
import type { Address } from "#core/address.ts";
import { addressFromBytes, addressToBytes } from "#core/address.ts";
import { compareBytes } from "#core/bytes.ts";
import {
  type ChangeSet,
  encodeStateKey,
  newValue,
  oldValue,
  type StateKey,
} from "#core/effects.ts";
import { moduleKey } from "#core/identifier.ts";
import { moduleOf } from "#core/type-tag.ts";
import type { StateReader } from "#sandbox";
import { isSystem, RAM_TYPE, type RamChange, resourceReader } from "./contract.ts";

/**
 * Resources that every account's fixed share pays for: who it is, and coins, of which anybody may
 * send it a new kind.
 */
const INHERENT = new Set(["0x1::account::Account", "0x1::coin::CoinStore"]);

/** Whose a value is. */
interface Owner {
  readonly account: Address;
  readonly isInTables: boolean;
}

/** What has come together in one transaction. */
export interface RamLedger {
  readonly state: StateReader;
  /** Bytes by account and place. */
  readonly bytes: Map<string, Owner & { bytes: number }>;
  /** Tables that this transaction made, and whose code did. */
  readonly newTables: Map<Address, Address>;
}

export function createRamLedger(state: StateReader): RamLedger {
  return { state, bytes: new Map(), newTables: new Map() };
}

/** Tables that the code of `owner` has made. Those of the system are nobody's. */
export function addTables(ledger: RamLedger, owner: Address, handles: readonly Address[]): void {
  if (isSystem(owner)) return;
  for (const handle of handles) ledger.newTables.set(handle, owner);
}

/** Adds the net changes of one call. Changes of several calls to one key add up. */
export function addChanges(ledger: RamLedger, changes: ChangeSet): void {
  for (const { key, op } of changes) {
    const [before, after] = [oldValue(op)?.length, newValue(op)?.length];
    if (before === after) continue;
    const owner = ownerOf(ledger, key);
    if (owner === undefined) continue;
    const keySize = before === undefined || after === undefined ? encodeStateKey(key).length : 0;
    const size = (value: number | undefined) => (value === undefined ? 0 : value + keySize);
    const name = `${owner.account} ${owner.isInTables}`;
    const entry = ledger.bytes.get(name) ?? { ...owner, bytes: 0 };
    entry.bytes += size(after) - size(before);
    ledger.bytes.set(name, entry);
  }
}

/** Undefined for what nobody has to pay for. */
function ownerOf(ledger: RamLedger, key: StateKey): Owner | undefined {
  switch (key.kind) {
    case "tableItem": {
      const account = ledger.newTables.get(key.handle) ?? tableOwner(ledger.state, key.handle);
      return account === undefined ? undefined : { account, isInTables: true };
    }
    case "module": {
      const { address } = key.module;
      return isSystem(address) ? undefined : { account: address, isInTables: false };
    }
    case "resource": {
      const isInherent = INHERENT.has(`${moduleKey(moduleOf(key.type))}::${key.type.name}`);
      if (isSystem(key.address) || isInherent) return undefined;
      return { account: key.address, isInTables: false };
    }
  }
}

const ownersHandle = resourceReader(RAM_TYPE, (reader) => {
  // votes4ram, vote4ramsum, usage, table_owners
  reader.address();
  reader.address();
  reader.address();
  return reader.address();
});

function tableOwner(state: StateReader, handle: Address): Address | undefined {
  const key = {
    kind: "tableItem",
    handle: ownersHandle(state),
    key: addressToBytes(handle),
  } as const;
  const bytes = state.get(key);
  return bytes && addressFromBytes(bytes);
}

/** What there is to count, in the order of addresses, the account's own before its tables. */
export function ramChanges({ bytes }: RamLedger): readonly RamChange[] {
  return [...bytes.values()]
    .filter((entry) => entry.bytes !== 0)
    .sort((a, b) => {
      const order = compareBytes(addressToBytes(a.account), addressToBytes(b.account));
      return order === 0 ? Number(a.isInTables) - Number(b.isInTables) : order;
    });
}

/** Bytes by which accounts came to store more, without what others gave up. */
export function ramGrowth(ledger: RamLedger): bigint {
  const grown = ramChanges(ledger).filter((change) => change.bytes > 0);
  return BigInt(grown.reduce((sum, change) => sum + change.bytes, 0));
}

/** Tables to be noted, by their owners, in the order of addresses. */
export function tablesByOwner({
  newTables,
}: RamLedger): readonly (readonly [Address, readonly Address[]])[] {
  const byOwner = new Map<Address, Address[]>();
  for (const [handle, owner] of newTables) {
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), handle]);
  }
  return [...byOwner].sort(([a], [b]) => compareBytes(addressToBytes(a), addressToBytes(b)));
}
