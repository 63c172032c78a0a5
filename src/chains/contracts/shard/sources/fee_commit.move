/// The end of an epoch on a shard: the fees of its transactions, which ShardGas has collected, leave
/// the shard, and the root is told until it answers with the next epoch.
module holdfast_shard::fee_commit {
    use std::option::{Self, Option};
    use aptos_framework::block;
    use aptos_framework::coin;
    use aptos_framework::transaction_fee::{Self, PoolCapability};
    use holdfast_shard::committee;
    use holdfast_shard::errors;
    use holdfast_shard::pool;
    use holdfast_shard::shard_event;

    /// An epoch that ended here and not yet on the root.
    struct FeeCommit has copy, drop, store {
        epoch: u64,
        /// Of the block in which it ended.
        height: u64,
        fee_amount: u64,
    }

    struct FeeCommits has key {
        /// Lets ShardGas take the fees that transactions paid to it.
        fees: PoolCapability,
        /// Blocks after which an epoch may end.
        epoch_blocks: u64,
        /// Height at which the present epoch began here.
        begun_height: u64,
        pending: Option<FeeCommit>,
        /// All units that ever left as fees.
        committed: u128,
    }

    package fun initialize(owner: &signer, epoch_blocks: u64) {
        let commits = FeeCommits {
            fees: transaction_fee::create_pool_capability(owner),
            epoch_blocks,
            begun_height: 0,
            pending: option::none(),
            committed: 0,
        };
        move_to(owner, commits)
    }

    /// Ends the epoch if its blocks are over; tells it again if it has ended already.
    package fun commit() acquires FeeCommits {
        let commits = borrow_global_mut<FeeCommits>(@holdfast_shard);
        if (option::is_none(&commits.pending)) {
            let height = block::get_current_block_height();
            let is_over = height - commits.begun_height >= commits.epoch_blocks;
            assert!(is_over, errors::early_commit());
            let fees = transaction_fee::take_by(&commits.fees);
            let fee_amount = coin::value(&fees);
            pool::take_back(fees);
            commits.committed = commits.committed + (fee_amount as u128);
            let epoch = committee::epoch();
            commits.pending = option::some(FeeCommit { epoch, height, fee_amount })
        };
        let FeeCommit { epoch, height, fee_amount } = *option::borrow(&commits.pending);
        shard_event::emit_fee_commit(height, epoch, fee_amount)
    }

    /// The root has begun a new epoch.
    package fun begin_epoch() acquires FeeCommits {
        let commits = borrow_global_mut<FeeCommits>(@holdfast_shard);
        commits.pending = option::none();
        commits.begun_height = block::get_current_block_height()
    }

    package fun pending(): Option<FeeCommit> acquires FeeCommits {
        borrow_global<FeeCommits>(@holdfast_shard).pending
    }

    package fun committed(): u128 acquires FeeCommits {
        borrow_global<FeeCommits>(@holdfast_shard).committed
    }
}
