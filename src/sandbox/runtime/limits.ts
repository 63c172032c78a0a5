/**
 * Bounds on what one call may do. Those of the Move VM are fixed; those of the profile are
 * configuration.
 */
import { assert } from "../core/assert.ts";

/** Values on the operand stack, all frames together. */
export const OPERAND_STACK_SIZE_MAX = 1024;
/** Frames waiting for a callee to return. */
export const CALL_STACK_SIZE_MAX = 1024;
/** Nesting of a value: a scalar counts 1, every vector, struct or variant around it 1 more. */
export const VALUE_DEPTH_MAX = 128;
/** Nodes and nesting of an instantiated type. */
export const TYPE_NODES_MAX = 128;
export const TYPE_DEPTH_MAX = 20;
/** Modules in the closure of one module, itself included. */
export const DEPENDENCY_COUNT_MAX = 256;

/** Instances of generic functions that one call runs, each with its types and its code. */
export const INSTANCE_COUNT_MAX = 4096;

/**
 * What a call may use beyond gas. Part of the execution profile: two executors with other limits
 * disagree.
 */
export interface ExecutionLimits {
  /** Weight that a call may allocate in all. */
  readonly memoryWeight: number;
  /** State keys that a call may touch, absences included. */
  readonly touchedKeys: number;
  /** Sum over touched keys of the larger of old and new size, in bytes. */
  readonly touchedBytes: number;
  /** Bytes of one written value. */
  readonly valueBytes: number;
  /** Events of one call, and bytes of one event. */
  readonly events: number;
  readonly eventBytes: number;
}

/** What evidence of a channel step must fit into (protocol.md section 6). */
export const CHANNEL_LIMITS: ExecutionLimits = {
  memoryWeight: 32 * 1024 * 1024,
  touchedKeys: 64,
  touchedBytes: 64 * 1024,
  valueBytes: 16 * 1024,
  events: 256,
  eventBytes: 16 * 1024,
};

/** A chain keeps the state and needs no evidence of it. */
export const CHAIN_LIMITS: ExecutionLimits = {
  memoryWeight: 32 * 1024 * 1024,
  touchedKeys: 4096,
  touchedBytes: 16 * 1024 * 1024,
  valueBytes: 1024 * 1024,
  events: 4096,
  eventBytes: 1024 * 1024,
};

assert(CHANNEL_LIMITS.valueBytes <= CHANNEL_LIMITS.touchedBytes, "a step can touch any value");
assert(CHANNEL_LIMITS.touchedKeys <= CHAIN_LIMITS.touchedKeys, "a chain can replay a step");
