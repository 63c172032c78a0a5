/**
 * The port below `Transport`: a medium that carries frames between two ends. One implementation per
 * medium (memory, BroadcastChannel, WebRTC; a data channel inside the worker or libp2p fit as
 * well). A wire knows no node, no key and no message: `peer-transport.ts` proves who is at the
 * other end of a link.
 */
import type { Brand } from "#core/brand.ts";
import { MESSAGE_SIZE_MAX } from "../ports.ts";

/** One connection, for its life: an end that reloads comes back as another link. */
export type LinkId = Brand<string, "LinkId">;

export function makeLinkId(text: string): LinkId {
  return text as LinkId;
}

/** What the peer transport puts before a message. */
export const FRAME_HEADER_SIZE = 1;
/** Bytes of the largest frame that a wire carries. */
export const FRAME_SIZE_MAX = MESSAGE_SIZE_MAX + FRAME_HEADER_SIZE;

export interface WireListener {
  /** `binding` is equal at both ends of this link and differs between links. */
  linkUp(link: LinkId, binding: Uint8Array): void;
  /** No frame of this link comes after it. */
  linkDown(link: LinkId): void;
  frame(link: LinkId, bytes: Uint8Array): void;
}

/**
 * Frames of one link arrive whole, at most once and in order, or the link goes down; a frame sent
 * just before that may be lost. `send` never blocks and never throws: on an unknown link it does
 * nothing, and a link whose other end does not keep up goes down. Callbacks come in tasks of their
 * own, never from within a call.
 */
export interface Wire {
  /** Starts; rejects with a `TransportError`. At most once. */
  open(listener: WireListener): Promise<void>;
  /** `bytes` (at most {@link FRAME_SIZE_MAX}) belong to the wire from here on. */
  send(link: LinkId, bytes: Uint8Array): void;
  /** Ends a link whose other end misbehaves; `linkDown` follows. */
  drop(link: LinkId): void;
  /** Ends everything; no callback comes after it. */
  close(): Promise<void>;
}
