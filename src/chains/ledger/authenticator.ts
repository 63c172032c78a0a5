/**
 * Who signed a transaction: the transaction authenticators of the REST profile (section 4). One
 * signer by Ed25519 or a single key, several signers, and several with a sponsor who pays. Every
 * other kind is refused by its name.
 */
import { type Address, makeAddress } from "#core/address.ts";
import { assertNever, present } from "#core/assert.ts";
import type { BcsReader } from "#core/bcs/reader.ts";
import type { BcsWriter } from "#core/bcs/writer.ts";
import type { Hash } from "#core/hash.ts";
import {
  type AccountAuthenticator,
  authenticationKeyOf,
  type Ed25519Proof,
  holdsForAny,
  readAccountAuthenticator,
  readEd25519Proof,
  writeAccountAuthenticator,
} from "./account-authenticator.ts";
import { feePayerMessage, multiAgentMessage, signingMessage } from "./transaction-hash.ts";

interface SeveralSigners {
  readonly sender: AccountAuthenticator;
  readonly secondaryAddresses: readonly Address[];
  /** One for each secondary address, in their order; decoding does not check that. */
  readonly secondary: readonly AccountAuthenticator[];
}

export type Authenticator =
  | Ed25519Proof
  | ({ readonly type: "multiAgent" } & SeveralSigners)
  | ({
      readonly type: "feePayer";
      readonly payerAddress: Address;
      readonly payer: AccountAuthenticator;
    } & SeveralSigners)
  | { readonly type: "singleSender"; readonly sender: AccountAuthenticator };

/** An address and the authentication key that its account must hold. */
export interface SigningKey {
  readonly address: Address;
  readonly authenticationKey: Hash;
}

/** Who takes part in a transaction, and by which authentication keys. */
export interface Signers {
  readonly sender: Address;
  /** Must be what the sender's account holds. */
  readonly senderAuthenticationKey: Hash;
  /** Further signers of the entry function, in order. */
  readonly secondary: readonly Address[];
  /** Who pays; the sender unless a sponsor signed. */
  readonly payer: Address;
  /** The keys of everybody who signed beside the sender. */
  readonly cosigners: readonly SigningKey[];
}

/** One signature that a transaction carries, with what it may be a signature of. */
export interface SignatureClaim {
  readonly address: Address;
  readonly authenticator: AccountAuthenticator;
  /** The signature must hold for one of them. */
  readonly messages: readonly Uint8Array[];
}

const ED25519 = 0;
const MULTI_AGENT = 2;
const FEE_PAYER = 3;
const SINGLE_SENDER = 4;
const REFUSED: Readonly<Record<number, string>> = { 1: "MultiEd25519" };

/** What the official SDK has signers put in the place of a sponsor whom they do not know yet. */
const UNKNOWN_PAYER = makeAddress("0x0");

/** Most accounts that sign one transaction beside its sender. */
const SECONDARY_SIGNERS_MAX = 32;

export function writeAuthenticator(writer: BcsWriter, authenticator: Authenticator): void {
  switch (authenticator.type) {
    case "ed25519":
      writer.uleb128(ED25519).bytes(authenticator.publicKey).bytes(authenticator.signature);
      return;
    case "multiAgent":
      writer.uleb128(MULTI_AGENT);
      writeSeveral(writer, authenticator);
      return;
    case "feePayer":
      writer.uleb128(FEE_PAYER);
      writeSeveral(writer, authenticator);
      writer.address(authenticator.payerAddress);
      writeAccountAuthenticator(writer, authenticator.payer);
      return;
    case "singleSender":
      writer.uleb128(SINGLE_SENDER);
      writeAccountAuthenticator(writer, authenticator.sender);
      return;
    default:
      assertNever(authenticator);
  }
}

/** Throws `BcsError`, also for a kind that is not accepted. */
export function readAuthenticator(reader: BcsReader): Authenticator {
  const variant = reader.uleb128();
  switch (variant) {
    case ED25519:
      return readEd25519Proof(reader);
    case MULTI_AGENT:
      return { type: "multiAgent", ...readSeveral(reader) };
    case FEE_PAYER: {
      const several = readSeveral(reader);
      const payerAddress = reader.address();
      return {
        type: "feePayer",
        ...several,
        payerAddress,
        payer: readAccountAuthenticator(reader),
      };
    }
    case SINGLE_SENDER:
      return { type: "singleSender", sender: readAccountAuthenticator(reader) };
    default: {
      const name = REFUSED[variant] ?? "unknown";
      return reader.fail(
        "BAD_VARIANT",
        `authenticator ${variant} (${name}) is not supported, use Ed25519 or SingleSender`,
      );
    }
  }
}

/** Checks every signature over the BCS of a RawTransaction; undefined when one does not hold. */
export function verifyAuthenticator(
  authenticator: Authenticator,
  sender: Address,
  rawBytes: Uint8Array,
): Signers | undefined {
  const claims = signatureClaims(authenticator, sender, rawBytes);
  const isSigned = claims.every((claim) => holdsForAny(claim.authenticator, claim.messages));
  if (!isSigned) return undefined;
  return signersOf(authenticator, claims, (claim) =>
    present(authenticationKeyOf(claim.authenticator), "who signed has a key"),
  );
}

/**
 * Who takes part by what the authenticator says, signed or not. `keyOf` gives the key that a
 * claim's account must hold.
 *
 * @param claims as {@link signatureClaims} makes them of the same authenticator.
 */
export function signersOf(
  authenticator: Authenticator,
  claims: readonly SignatureClaim[],
  keyOf: (claim: SignatureClaim) => Hash,
): Signers {
  const [sender, ...others] = claims;
  const first = present(sender, "the sender is the first to sign");
  return {
    sender: first.address,
    senderAuthenticationKey: keyOf(first),
    secondary: secondaryAddresses(authenticator),
    payer: authenticator.type === "feePayer" ? authenticator.payerAddress : first.address,
    cosigners: others.map((claim) => ({
      address: claim.address,
      authenticationKey: keyOf(claim),
    })),
  };
}

export function secondaryAddresses(authenticator: Authenticator): readonly Address[] {
  const { type } = authenticator;
  return type === "multiAgent" || type === "feePayer" ? authenticator.secondaryAddresses : [];
}

/** Whether there is one signature for each secondary address. */
export function hasAllSignatures(authenticator: Authenticator): boolean {
  const { type } = authenticator;
  if (type !== "multiAgent" && type !== "feePayer") return true;
  return authenticator.secondary.length === authenticator.secondaryAddresses.length;
}

/**
 * Every signature with what it must sign; the sender's first, a sponsor's last. With a sponsor,
 * sender and secondary signers may have signed before they knew who it is.
 */
export function signatureClaims(
  authenticator: Authenticator,
  sender: Address,
  rawBytes: Uint8Array,
): readonly SignatureClaim[] {
  switch (authenticator.type) {
    case "ed25519":
      return [{ address: sender, authenticator, messages: [signingMessage(rawBytes)] }];
    case "singleSender": {
      const messages = [signingMessage(rawBytes)];
      return [{ address: sender, authenticator: authenticator.sender, messages }];
    }
    case "multiAgent": {
      const messages = [multiAgentMessage(rawBytes, authenticator.secondaryAddresses)];
      return claimsOfSeveral(authenticator, sender, messages);
    }
    case "feePayer": {
      const { secondaryAddresses: addresses, payerAddress, payer } = authenticator;
      const known = feePayerMessage(rawBytes, addresses, payerAddress);
      const unknown = feePayerMessage(rawBytes, addresses, UNKNOWN_PAYER);
      return [
        ...claimsOfSeveral(authenticator, sender, [unknown, known]),
        { address: payerAddress, authenticator: payer, messages: [known] },
      ];
    }
    default:
      return assertNever(authenticator);
  }
}

function claimsOfSeveral(
  { sender: first, secondaryAddresses: addresses, secondary }: SeveralSigners,
  sender: Address,
  messages: readonly Uint8Array[],
): readonly SignatureClaim[] {
  const others = addresses.map((address, index): SignatureClaim => {
    return { address, authenticator: secondary[index] ?? { type: "none" }, messages };
  });
  return [{ address: sender, authenticator: first, messages }, ...others];
}

function writeSeveral(writer: BcsWriter, several: SeveralSigners): void {
  writeAccountAuthenticator(writer, several.sender);
  writer.vector(several.secondaryAddresses, (out, address) => out.address(address));
  writer.vector(several.secondary, writeAccountAuthenticator);
}

function readSeveral(reader: BcsReader): SeveralSigners {
  const sender = readAccountAuthenticator(reader);
  const addresses = reader.vector((item) => item.address());
  const secondary = reader.vector(readAccountAuthenticator);
  if (addresses.length > SECONDARY_SIGNERS_MAX || secondary.length > SECONDARY_SIGNERS_MAX) {
    reader.fail("SEQUENCE_TOO_LONG", `at most ${SECONDARY_SIGNERS_MAX} secondary signers`);
  }
  return { sender, secondaryAddresses: addresses, secondary };
}
