/// Who runs this shard, as the root says.
module holdfast_shard::committee {
    struct Committee has copy, drop, key {
        epoch: u64,
        k: u32,
        c: u32,
        /// Keys of the peers in office.
        peers: vector<vector<u8>>,
    }

    package fun initialize(
        owner: &signer,
        k: u32,
        c: u32,
        peers: vector<vector<u8>>,
    ) {
        move_to(owner, Committee { epoch: 1, k, c, peers })
    }

    /// The root has ended an epoch; tells whether that is news.
    package fun change(
        epoch: u64,
        k: u32,
        c: u32,
        peers: vector<vector<u8>>,
    ): bool acquires Committee {
        let committee = borrow_global_mut<Committee>(@holdfast_shard);
        if (epoch <= committee.epoch) return false;
        *committee = Committee { epoch, k, c, peers };
        true
    }

    package fun epoch(): u64 acquires Committee {
        borrow_global<Committee>(@holdfast_shard).epoch
    }

    #[view]
    /// Epoch, K, C and the keys of the peers in office.
    public fun get_committee(): Committee acquires Committee {
        *borrow_global<Committee>(@holdfast_shard)
    }
}
