/**
 * Where things stand in the linear memory that an executor's programs share. Addresses are bytes.
 *
 *   0      16 zero bytes: the empty vector (length 0, capacity 0)
 *   16     words of the running call, below
 *   1024   arguments and results of the entry function
 *   64 Ki  frames, growing upwards: operands and borrowed locals of running functions
 *   …      table of resources, index of table items, keys the call touched, its changes, journal,
 *          then the heap
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

/** Number of the running stretch of a session (residents.ts); slots of another are not current. */
export const STRETCH = 936;
/** How many slots the running call has touched: that many entries of {@link TOUCHED}. */
export const TOUCHED_COUNT = 940;
/** Bytes of state that it has touched; i64. */
export const TOUCHED_BYTES = 944;
/** The profile's limits; i64, i32, i32. */
export const TOUCHED_BYTES_MAX = 952;
export const TOUCHED_KEYS_MAX = 960;
export const VALUE_BYTES_MAX = 964;
/** First free byte of the journal. */
export const JOURNAL_TOP = 968;
/** Where the call begins in the journal whose changes stand at {@link CHANGES}; 0 for none. */
export const CHANGES_OF = 972;
/** End of those. */
export const CHANGES_TOP = 976;
/** The address that signs, where only one does. */
export const SIGNER = 984;

export const NO_SITE = -1;
/** Stop site of whatever the interpreter has to decide (unsupported.ts). */
export const REPLAY_SITE = 0;

export const ARGUMENTS = 1024;
export const ARGUMENTS_END = 64 * 1024;
export const FRAMES = ARGUMENTS_END;
export const FRAMES_END = FRAMES + 4 * 1024 * 1024;

/** Slots of resources: open addressing by address and type. */
export const RESOURCES = FRAMES_END;
export const RESOURCE_SLOT_COUNT = 16 * 1024;
/** A slot stands for one state key: here for a resource, on the heap for a table item. */
export const SLOT_SIZE = 96;
/** Fields of a slot behind the 32 bytes of the account's address or the table's handle. */
export const SLOT_TYPE = 32;
/** Address of the value, 0 while there is none. */
export const SLOT_VALUE = 36;
/** The call that touched it last. */
export const SLOT_EPOCH = 40;
/** 1 once that call wrote it (SPEC.md CH1). */
export const SLOT_WRITTEN = 44;
/** The stretch whose view the value is known to be; 0 for none. */
export const SLOT_STRETCH = 48;
/** Number of its resident. */
export const SLOT_RESIDENT = 52;
/** Address and size of the encoded state key. */
export const SLOT_KEY = 56;
export const SLOT_KEY_SIZE = 60;
/** Weight of the value, i64; {@link WEIGHT_UNKNOWN} when nobody has counted it. */
export const SLOT_WEIGHT = 64;
/** Size of what the state holds, in bytes. */
export const SLOT_BYTES_SIZE = 72;
/** 1 while the session's overlay has not heard of the value yet (hot-values.ts). */
export const SLOT_DIRTY = 76;
/** What the state holds, encoded; 0 unless the value is hot. Then room for its next encoding. */
export const SLOT_BYTES = 80;
export const SLOT_SPARE = 84;
/** Size of each of the two. */
export const SLOT_CAPACITY = 88;
/** The value's latest record in the journal; 0 for none. */
export const SLOT_RECORD = 92;

export const WEIGHT_UNKNOWN = -1;

/** Slots of table items by the hash of handle and key: open addressing, 0 for none. */
export const ITEM_INDEX = RESOURCES + RESOURCE_SLOT_COUNT * SLOT_SIZE;
export const ITEM_INDEX_COUNT = 128 * 1024;

/** Addresses of the slots that the running call has touched, in order. */
export const TOUCHED = ITEM_INDEX + ITEM_INDEX_COUNT * 4;
export const TOUCHED_CAPACITY = 4096;

/** Slots that the running call has written, in the order of their keys, while it is finished. */
export const WRITTEN = TOUCHED + TOUCHED_CAPACITY * 4;
export const WRITTEN_CAPACITY = 8;
/** Slot, size of the new encoding, its weight (i64), its record. */
export const WRITTEN_ENTRY_SIZE = 24;

/** The change set of the latest call that was finished by its program, encoded. */
export const CHANGES = WRITTEN + WRITTEN_CAPACITY * WRITTEN_ENTRY_SIZE;
export const CHANGES_END = CHANGES + 64 * 1024;

/** What one call after another changed (journal.ts). */
export const JOURNAL = CHANGES_END;
export const JOURNAL_END = JOURNAL + 64 * 1024;

export const HEAP = JOURNAL_END;

export const PAGE_SIZE = 64 * 1024;
export const INITIAL_PAGES = Math.ceil((HEAP + 1024 * 1024) / PAGE_SIZE);
/** The heap of one executor never grows beyond this. */
export const MEMORY_PAGES_MAX = 12 * 1024;

/** Vector: length, capacity, elements. A vector value is its address. */
export const VECTOR_CAPACITY = 4;
export const VECTOR_ELEMENTS = 8;

assert(HEAP % 8 === 0, "the heap is aligned");
assert(SLOT_SIZE % 8 === 0 && RESOURCES % 8 === 0, "slots are aligned");
assert(NO_ROOT + SLOT_SIZE <= STRETCH, "nothing stands in the slot that nobody reads");
assert(SIGNER + 32 <= ARGUMENTS, "words stand in front of the arguments");
