/**
 * Foreign bytes come in here, and nowhere else: decoded within limits, refused with a code, given
 * to their owner.
 */
import { assertNever } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import { decodeMessage, refusalMessage } from "../codec.ts";
import type { Message } from "../messages/wire.ts";
import type { BundledCall } from "../messages.ts";
import { type PeerId, peerIdOf } from "../ports.ts";
import { learnCertificate } from "./certificates.ts";
import { complain } from "./emit.ts";
import type { ChannelError } from "./errors.ts";
import { noteExhibit } from "./exhibit.ts";
import { receiveBatches } from "./follower.ts";
import { receiveHeartbeat } from "./heartbeat.ts";
import { findPoint } from "./log.ts";
import { currentEpoch, leaderPeer, memberOfPeer } from "./members.ts";
import { receiveViewChange } from "./opening.ts";
import { receiveRefusal } from "./own.ts";
import { submit } from "./pool.ts";
import { receiveRemoval } from "./removal.ts";
import { carryOn, send } from "./routing.ts";
import { receiveSnapshotRequest, receiveSyncRequest } from "./serving.ts";
import { receiveSnapshotChunk } from "./snapshot.ts";
import type { Machine } from "./state.ts";
import type { Submission } from "./submission.ts";
import { subjectOf } from "./submission.ts";
import { receiveSyncResponse } from "./sync.ts";
import { receiveAck } from "./tally.ts";

const CODES = {
  TOO_LARGE: "MESSAGE_TOO_LARGE",
  VERSION: "VERSION_MISMATCH",
  MALFORMED: "MALFORMED_MESSAGE",
} as const;

/** @param relayed the relay that carried it; undefined over a direct link. */
export function receiveBytes(
  machine: Machine,
  from: PeerId,
  bytes: Uint8Array,
  relayed: PeerId | undefined,
): void {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) {
    const { code, offset, detail } = decoded.error;
    complain(machine, CODES[code], `at byte ${offset}: ${detail}`, from);
    return;
  }
  const message = decoded.value;
  if (message.type === "relay") {
    if (relayed !== undefined) return;
    if (!equalBytes(message.to, machine.tools.signer.nodeKey)) {
      carryOn(machine, message, from);
      return;
    }
    const sender = peerIdOf(message.from);
    // Whoever it says it is from, only members have anything to say by way of others.
    if (memberOfPeer(machine, sender) === undefined) return;
    receiveBytes(machine, sender, message.payload, from);
    return;
  }
  receiveMessage(machine, message, from, relayed);
}

type Addressed = Exclude<Message, { readonly type: "relay" }>;

function receiveMessage(
  machine: Machine,
  message: Addressed,
  from: PeerId,
  relayed: PeerId | undefined,
): void {
  switch (message.type) {
    case "heartbeat":
      receiveHeartbeat(machine, message, relayed);
      return;
    case "snapshotChunk":
      receiveSnapshotChunk(machine, message, from);
      return;
    case "syncResponse":
      receiveSyncResponse(machine, message, from);
      return;
    default:
      // Whatever else there is needs a log to be judged by.
      if (machine.isLoaded) receiveForLog(machine, message, from);
  }
}

function receiveForLog(
  machine: Machine,
  message: Exclude<Addressed, { readonly type: "heartbeat" | "snapshotChunk" | "syncResponse" }>,
  from: PeerId,
): void {
  switch (message.type) {
    case "batch":
      noteExhibit(machine, message.batch);
      receiveBatches(machine, [message.batch], [], from);
      return;
    case "ack":
      receiveAck(machine, message, from);
      return;
    case "certificate":
      if (learnCertificate(machine, message.certificate)) return;
      if (findPoint(machine.log, message.certificate.ack.header) !== undefined) {
        complain(machine, "BAD_CERTIFICATE", "not acks of a quorum", from);
        return;
      }
      machine.sync.isBehind = true;
      return;
    case "viewChange":
      receiveViewChange(machine, message.viewChange);
      return;
    case "removal":
      receiveRemoval(machine, message);
      return;
    case "call":
      receiveSubmission(machine, { type: "call", call: message.call }, from);
      return;
    case "departure":
      receiveSubmission(machine, { type: "departure", departure: message.departure }, from);
      return;
    case "bundle":
      receiveBundle(machine, message.calls, from);
      return;
    case "refusal":
      receiveRefusal(machine, message);
      return;
    case "syncRequest":
      receiveSyncRequest(machine, message, from);
      return;
    case "snapshotRequest":
      receiveSnapshotRequest(machine, message, from);
      return;
    default:
      assertNever(message);
  }
}

/**
 * Only the leader takes submissions; a member that asks another learns of the leader from the
 * chain.
 */
function receiveSubmission(machine: Machine, submission: Submission, from: PeerId): boolean {
  if (leaderPeer(machine) !== machine.self) return false;
  const error = submit(machine, submission, from);
  if (error !== undefined) answer(machine, submission, error, from);
  return error === undefined;
}

/** Where one of its calls is refused those after it cannot be ordered: one answer does for all. */
function receiveBundle(machine: Machine, calls: readonly BundledCall[], from: PeerId): void {
  calls.every((call) => receiveSubmission(machine, { type: "bundled", call }, from));
}

function answer(machine: Machine, submission: Submission, error: ChannelError, to: PeerId): void {
  complain(machine, error.name, error.detail, to);
  const refusal = {
    channel: machine.facts.channel,
    epoch: currentEpoch(machine),
    subject: subjectOf(submission),
    code: error.code,
  };
  const signature = machine.tools.signer.signAsNode(refusalMessage(refusal));
  send(machine, [to], { type: "refusal", refusal, signature });
}
