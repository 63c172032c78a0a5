/// What is known of the block being executed and of the blocks below it that are final, and the
/// clock that stands still while no blocks are made.
module aptos_framework::block {
    use std::error;
    use std::vector;
    use aptos_std::table::{Self, Table};
    use aptos_framework::event;
    use aptos_framework::timestamp;

    /// A block's height does not follow the one below it.
    const EINVALID_HEIGHT: u64 = 1;
    /// A block takes finality back, or claims it for itself.
    const EINVALID_FINAL_HEIGHT: u64 = 2;
    /// What is given for the hash of the block below is none.
    const EINVALID_HASH: u64 = 3;

    /// More time than this between two blocks does not count as time in which blocks were made.
    const ACTIVE_GAP_MICROSECONDS_MAX: u64 = 5_000_000;
    const MICROSECONDS_PER_MILLISECOND: u64 = 1_000;
    /// A producer has at most two blocks that are not final when finality moves on, so the newest
    /// final one is among its newest three.
    const RECENT_MAX: u64 = 3;
    /// How many blocks' hashes are told: more than two hours of blocks a second apart, and more
    /// than ever is not final while a chain works.
    const HASHES_KEPT: u64 = 8_192;
    /// Behind those of all others: the hash of genesis, which names the chain, is never forgotten.
    const GENESIS_SLOT: u64 = 8_192;
    const HASH_SIZE: u64 = 32;

    struct BlockResource has key {
        height: u64,
        proposer: address,
        /// The clock that stands still while no blocks are made; it starts with the time of genesis
        /// and is never ahead of the wall. Windows and silences are measured by it, so that nobody
        /// is late because a chain stood still.
        active_microseconds: u64,
    }

    /// Finality as the headers tell it: the same on every node.
    struct Finality has key {
        /// Height of the newest block that is final on this branch.
        height: u64,
        producers: vector<Producer>,
    }

    struct Producer has drop, store {
        addr: address,
        /// Heights of its newest blocks, ascending.
        recent: vector<u64>,
        /// Height of its newest final block; 0 where there is none.
        final_height: u64,
    }

    /// The hashes of genesis and of the newest blocks of this branch, these by height modulo
    /// `HASHES_KEPT`.
    struct History has key {
        hashes: Table<u64, vector<u8>>,
    }

    #[event]
    struct NewBlock has drop, store {
        height: u64,
        proposer: address,
        time_microseconds: u64,
    }

    package fun initialize(
        framework: &signer, time_microseconds: u64, producers: vector<address>
    ) {
        let resource = BlockResource {
            height: 0,
            proposer: @aptos_framework,
            active_microseconds: time_microseconds,
        };
        move_to(framework, resource);
        let list = vector::empty();
        let i = 0;
        while (i < vector::length(&producers)) {
            let addr = *vector::borrow(&producers, i);
            vector::push_back(
                &mut list, Producer { addr, recent: vector::empty(), final_height: 0 }
            );
            i = i + 1
        };
        move_to(framework, Finality { height: 0, producers: list });
        move_to(framework, History { hashes: table::new() })
    }

    /// Opens a block. The chain alone calls this, before the block's first transaction;
    /// `time_microseconds` must not lie before the last block's, `height` is one more than the last
    /// one's, `final_height` is below it and never goes back, `parent` is the last one's hash.
    fun prologue(
        height: u64,
        time_microseconds: u64,
        proposer: address,
        final_height: u64,
        parent: vector<u8>,
    ) acquires BlockResource, Finality, History {
        let block = borrow_global_mut<BlockResource>(@aptos_framework);
        assert!(height == block.height + 1, error::invalid_argument(EINVALID_HEIGHT));
        let last_microseconds = timestamp::now_microseconds();
        timestamp::advance(time_microseconds);
        let gap = time_microseconds - last_microseconds;
        if (gap > ACTIVE_GAP_MICROSECONDS_MAX) gap = ACTIVE_GAP_MICROSECONDS_MAX;
        block.active_microseconds = block.active_microseconds + gap;
        block.height = height;
        block.proposer = proposer;
        note_producer(height, proposer, final_height);
        note_hash(height - 1, parent);
        event::emit(NewBlock { height, proposer, time_microseconds })
    }

    fun note_hash(height: u64, hash: vector<u8>) acquires History {
        assert!(vector::length(&hash) == HASH_SIZE, error::invalid_argument(EINVALID_HASH));
        let hashes = &mut borrow_global_mut<History>(@aptos_framework).hashes;
        table::upsert(hashes, slot_of(height), hash)
    }

    fun slot_of(height: u64): u64 {
        if (height == 0) GENESIS_SLOT else height % HASHES_KEPT
    }

    fun note_producer(height: u64, proposer: address, final_height: u64) acquires Finality {
        let finality = borrow_global_mut<Finality>(@aptos_framework);
        assert!(
            finality.height <= final_height && final_height < height,
            error::invalid_argument(EINVALID_FINAL_HEIGHT)
        );
        finality.height = final_height;
        let i = 0;
        while (i < vector::length(&finality.producers)) {
            let producer = vector::borrow_mut(&mut finality.producers, i);
            if (producer.addr == proposer) {
                vector::push_back(&mut producer.recent, height);
                if (vector::length(&producer.recent) > RECENT_MAX) {
                    vector::remove(&mut producer.recent, 0);
                }
            };
            let j = 0;
            while (j < vector::length(&producer.recent)) {
                let made = *vector::borrow(&producer.recent, j);
                if (made <= final_height) producer.final_height = made;
                j = j + 1
            };
            i = i + 1
        }
    }

    #[view]
    public fun get_current_block_height(): u64 acquires BlockResource {
        borrow_global<BlockResource>(@aptos_framework).height
    }

    #[view]
    /// Hash of this branch's block at `height`; empty for the block being made and those above it,
    /// and for those between genesis and the last 8,192.
    public fun get_hash(height: u64): vector<u8> acquires BlockResource, History {
        let now = get_current_block_height();
        if (height >= now || (height > 0 && now - height > HASHES_KEPT)) return vector[];
        let hashes = &borrow_global<History>(@aptos_framework).hashes;
        *table::borrow_with_default(hashes, slot_of(height), &vector[])
    }

    #[view]
    /// Milliseconds of the clock that stands still while no blocks are made.
    public fun active_milliseconds(): u64 acquires BlockResource {
        let block = borrow_global<BlockResource>(@aptos_framework);
        block.active_microseconds / MICROSECONDS_PER_MILLISECOND
    }

    #[view]
    /// Height of the newest block that is final, as this block's branch tells it.
    public fun final_height(): u64 acquires Finality {
        borrow_global<Finality>(@aptos_framework).height
    }

    #[view]
    /// How many producers take turns.
    public fun producer_count(): u64 acquires Finality {
        vector::length(&borrow_global<Finality>(@aptos_framework).producers)
    }

    #[view]
    /// How many producers have a final block above `height`.
    public fun finalised_producer_count(height: u64): u64 acquires Finality {
        let producers = &borrow_global<Finality>(@aptos_framework).producers;
        let count = 0;
        let i = 0;
        while (i < vector::length(producers)) {
            if (vector::borrow(producers, i).final_height > height) count = count + 1;
            i = i + 1
        };
        count
    }

    #[view]
    /// Whether what began in the block at `height` has been seen by enough producers to end: more
    /// than a third of them, and two where there are two, have a final block above it. So one
    /// producer that leaves out transactions cannot run a window down. Where blocks are nobody's
    /// choice, any final block above it will do.
    public fun is_widely_finalised(height: u64): bool acquires BlockResource, Finality {
        if (!is_made_in_turns()) return final_height() > height;
        let all = producer_count();
        let seen = finalised_producer_count(height);
        3 * seen > all && (all < 2 || seen >= 2)
    }

    /// A committee's blocks, and those that follow from another chain's, are by no producer here.
    fun is_made_in_turns(): bool acquires BlockResource, Finality {
        let proposer = borrow_global<BlockResource>(@aptos_framework).proposer;
        let producers = &borrow_global<Finality>(@aptos_framework).producers;
        let i = 0;
        while (i < vector::length(producers)) {
            if (vector::borrow(producers, i).addr == proposer) return true;
            i = i + 1
        };
        false
    }
}
