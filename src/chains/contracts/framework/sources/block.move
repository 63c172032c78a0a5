/// What is known of the block being executed, and the clock that stands still while no blocks are
/// made.
module aptos_framework::block {
    use std::error;
    use aptos_framework::event;
    use aptos_framework::timestamp;

    /// A block's height does not follow the one below it.
    const EINVALID_HEIGHT: u64 = 1;

    /// More time than this between two blocks does not count as time in which blocks were made.
    const ACTIVE_GAP_MICROSECONDS_MAX: u64 = 5_000_000;
    const MICROSECONDS_PER_MILLISECOND: u64 = 1_000;

    struct BlockResource has key {
        height: u64,
        proposer: address,
        /// The clock that stands still while no blocks are made; it starts with the time of genesis
        /// and is never ahead of the wall. Windows and silences are measured by it, so that nobody
        /// is late because a chain stood still.
        active_microseconds: u64,
    }

    #[event]
    struct NewBlock has drop, store {
        height: u64,
        proposer: address,
        time_microseconds: u64,
    }

    package fun initialize(framework: &signer, time_microseconds: u64) {
        let resource = BlockResource {
            height: 0,
            proposer: @aptos_framework,
            active_microseconds: time_microseconds,
        };
        move_to(framework, resource)
    }

    /// Opens a block. The chain alone calls this, before the block's first transaction;
    /// `time_microseconds` must not lie before the last block's, `height` is one more than the last
    /// one's.
    fun prologue(height: u64, time_microseconds: u64, proposer: address) acquires BlockResource {
        let block = borrow_global_mut<BlockResource>(@aptos_framework);
        assert!(height == block.height + 1, error::invalid_argument(EINVALID_HEIGHT));
        let last_microseconds = timestamp::now_microseconds();
        timestamp::advance(time_microseconds);
        let gap = time_microseconds - last_microseconds;
        if (gap > ACTIVE_GAP_MICROSECONDS_MAX) gap = ACTIVE_GAP_MICROSECONDS_MAX;
        block.active_microseconds = block.active_microseconds + gap;
        block.height = height;
        block.proposer = proposer;
        event::emit(NewBlock { height, proposer, time_microseconds })
    }

    #[view]
    public fun get_current_block_height(): u64 acquires BlockResource {
        borrow_global<BlockResource>(@aptos_framework).height
    }

    #[view]
    /// Milliseconds of the clock that stands still while no blocks are made.
    public fun active_milliseconds(): u64 acquires BlockResource {
        let block = borrow_global<BlockResource>(@aptos_framework);
        block.active_microseconds / MICROSECONDS_PER_MILLISECOND
    }
}
