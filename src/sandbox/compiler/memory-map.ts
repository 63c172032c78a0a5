/**
 * Where things stand in the linear memory that an executor's programs share. Addresses are bytes.
 *
 *   0      16 zero bytes: the empty vector (length 0, capacity 0)
 *   16     words of the running call, below
 *   1024   arguments and results of the entry function
 *   64 Ki  frames, growing upwards: operands and borrowed locals of running functions
 *   …      table of touched resources, then the heap
 */
import { assert } from "../core/assert.ts";

/** Gas left; i64. Programs keep it in a local and store it here whenever others may look. */
export const GAS_LEFT = 16;
/** Memory weight left; i64, as above. */
export const MEMORY_LEFT = 24;
/** First free byte of the heap. */
export const HEAP_TOP = 32;
/** First byte behind the memory that the heap may use before it must grow. */
export const HEAP_END = 36;
/** The site at which the program stopped; {@link NO_SITE} while it runs. */
export const STOP_SITE = 40;
/** Number of the running call; resource slots of other calls are not touched yet. */
export const EPOCH = 44;
/** Abort code; i64. */
export const ABORT_CODE = 48;

/** Working room of routines, up to the arguments. */
export const SCRATCH = 64;

/** State of SHA-256, and the last one or two blocks of its message. */
export const HASH_STATE = 256;
export const HASH_TAIL = 288;
/** State and round constants of Keccak. */
export const KECCAK_STATE = 416;
export const KECCAK_CONSTANTS = 616;

/** Behind a mutable reference's address in memory: its root. */
export const ROOT_OFFSET = 4;
/** A slot that nobody reads: the root of mutable references into anything but stored values. */
export const NO_ROOT = 832;

export const NO_SITE = -1;
/** Stop site of whatever the interpreter has to decide (unsupported.ts). */
export const REPLAY_SITE = 0;

export const ARGUMENTS = 1024;
export const ARGUMENTS_END = 64 * 1024;
export const FRAMES = ARGUMENTS_END;
export const FRAMES_END = FRAMES + 4 * 1024 * 1024;

/** Slots of touched resources: open addressing by address and type. */
export const RESOURCES = FRAMES_END;
export const RESOURCE_SLOT_COUNT = 16 * 1024;
export const RESOURCE_SLOT_SIZE = 48;
/** Fields of a slot behind the 32 bytes of the address. */
export const SLOT_TYPE = 32;
/** Address of the value, 0 while there is none. */
export const SLOT_VALUE = 36;
export const SLOT_EPOCH = 40;
/** 1 once the resource was written (SPEC.md CH1). */
export const SLOT_WRITTEN = 44;

export const HEAP = RESOURCES + RESOURCE_SLOT_COUNT * RESOURCE_SLOT_SIZE;

export const PAGE_SIZE = 64 * 1024;
export const INITIAL_PAGES = Math.ceil((HEAP + 1024 * 1024) / PAGE_SIZE);
/** The heap of one executor never grows beyond this. */
export const MEMORY_PAGES_MAX = 12 * 1024;

/** Vector: length, capacity, elements. A vector value is its address. */
export const VECTOR_CAPACITY = 4;
export const VECTOR_ELEMENTS = 8;

assert(HEAP % 8 === 0, "the heap is aligned");
assert(RESOURCE_SLOT_SIZE % 8 === 0, "slots are aligned");
