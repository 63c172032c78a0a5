/**
 * Proves before a program runs that it stays within the bounds on frames and operands, so that
 * compiled code checks at most its depth, and that only if it recurses. The Move VM's own bounds:
 * 1024 callers, 1024 operands in all frames.
 */
import { CALL_STACK_SIZE_MAX, OPERAND_STACK_SIZE_MAX } from "../runtime/limits.ts";
import type { ResolvedFunction } from "../runtime/machine-model.ts";
import { FRAMES, FRAMES_END } from "./memory-map.ts";
import type { Extent } from "./program-context.ts";

const FRAMES_SIZE = FRAMES_END - FRAMES;

/** How deep a program may go. */
export type StackBound =
  /** As deep as it can: no check needed. */
  | { readonly kind: "proven" }
  /**
   * Calls need a check against this many callers; a call beyond is the interpreter's, or an
   * overflow at 1024.
   */
  | { readonly kind: "checked"; readonly depthMax: number };

interface Reach {
  readonly callers: number;
  readonly operands: number;
  readonly frames: number;
}

export function boundOf(
  extents: ReadonlyMap<ResolvedFunction, Extent>,
  entry: ResolvedFunction,
): StackBound {
  const reach = reachOf(extents, entry);
  const isProven =
    reach !== undefined &&
    reach.callers <= CALL_STACK_SIZE_MAX &&
    reach.operands <= OPERAND_STACK_SIZE_MAX &&
    reach.frames <= FRAMES_SIZE;
  return isProven ? { kind: "proven" } : { kind: "checked", depthMax: depthWithin(extents) };
}

/**
 * The furthest that calls from `entry` can reach on each stack; undefined if they can go in
 * circles.
 */
function reachOf(
  extents: ReadonlyMap<ResolvedFunction, Extent>,
  entry: ResolvedFunction,
): Reach | undefined {
  const known = new Map<ResolvedFunction, Reach>();
  const open = new Set<ResolvedFunction>();
  const visit = (callee: ResolvedFunction): Reach | undefined => {
    const done = known.get(callee);
    if (done !== undefined) return done;
    const extent = extents.get(callee);
    // A chain of other functions this long would overflow as well.
    if (extent === undefined || open.has(callee) || open.size > CALL_STACK_SIZE_MAX) {
      return undefined;
    }
    open.add(callee);
    let [callers, operands, frames] = [0, extent.heightMax, 0];
    for (const { callee: called, height } of extent.calls) {
      const inner = visit(called);
      if (inner === undefined) return undefined;
      callers = Math.max(callers, inner.callers + 1);
      operands = Math.max(operands, inner.operands + height);
      frames = Math.max(frames, inner.frames);
    }
    open.delete(callee);
    const reach = { callers, operands, frames: frames + extent.frameSize };
    known.set(callee, reach);
    return reach;
  };
  return visit(entry);
}

/** A depth at which nothing can overflow whoever calls whom. */
function depthWithin(extents: ReadonlyMap<ResolvedFunction, Extent>): number {
  let [heightMax, waitingMax, frameMax] = [0, 0, 1];
  for (const { heightMax: height, calls, frameSize } of extents.values()) {
    heightMax = Math.max(heightMax, height);
    frameMax = Math.max(frameMax, frameSize);
    for (const call of calls) waitingMax = Math.max(waitingMax, call.height);
  }
  const byOperands =
    waitingMax === 0
      ? CALL_STACK_SIZE_MAX
      : Math.floor((OPERAND_STACK_SIZE_MAX - heightMax) / waitingMax);
  const byFrames = Math.floor(FRAMES_SIZE / frameMax) - 1;
  return Math.max(0, Math.min(CALL_STACK_SIZE_MAX, byOperands, byFrames));
}
