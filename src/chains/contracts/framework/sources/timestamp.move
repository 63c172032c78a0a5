/// The chain's clock: the time of the block that is being executed.
module aptos_framework::timestamp {
    use std::error;

    /// Genesis has not run.
    const ENOT_STARTED: u64 = 1;
    /// A block's time lies before the one below it.
    const EINVALID_TIMESTAMP: u64 = 2;

    const MICROSECONDS_PER_SECOND: u64 = 1_000_000;

    struct CurrentTimeMicroseconds has key {
        microseconds: u64,
    }

    package fun initialize(framework: &signer, microseconds: u64) {
        move_to(framework, CurrentTimeMicroseconds { microseconds })
    }

    package fun advance(microseconds: u64) acquires CurrentTimeMicroseconds {
        let now = &mut borrow_global_mut<CurrentTimeMicroseconds>(@aptos_framework).microseconds;
        assert!(microseconds >= *now, error::invalid_argument(EINVALID_TIMESTAMP));
        *now = microseconds
    }

    #[view]
    /// Microseconds since the Unix epoch.
    public fun now_microseconds(): u64 acquires CurrentTimeMicroseconds {
        assert!(
            exists<CurrentTimeMicroseconds>(@aptos_framework),
            error::invalid_state(ENOT_STARTED)
        );
        borrow_global<CurrentTimeMicroseconds>(@aptos_framework).microseconds
    }

    #[view]
    public fun now_seconds(): u64 acquires CurrentTimeMicroseconds {
        now_microseconds() / MICROSECONDS_PER_SECOND
    }
}
