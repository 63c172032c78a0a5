/// Which chain this is: the root, which has number 0, or one of its shards. The package is the same
/// on all of them.
module holdfast_shard::home {
    use holdfast_shard::errors;

    const ROOT_ID: u64 = 0;

    struct Home has key {
        shard_id: u64,
    }

    package fun initialize(owner: &signer, shard_id: u64) {
        move_to(owner, Home { shard_id })
    }

    package fun assert_root() acquires Home {
        assert!(shard_id() == ROOT_ID, errors::wrong_chain())
    }

    package fun assert_shard() acquires Home {
        assert!(shard_id() != ROOT_ID, errors::wrong_chain())
    }

    package fun root_id(): u64 {
        ROOT_ID
    }

    #[view]
    /// 0 on the root.
    public fun shard_id(): u64 acquires Home {
        borrow_global<Home>(@holdfast_shard).shard_id
    }
}
