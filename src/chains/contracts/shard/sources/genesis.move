/// The first state of this package, on the root and on a shard. The chain alone calls this, once,
/// when the package has been published.
module holdfast_shard::genesis {
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin;
    use holdfast_shard::committee;
    use holdfast_shard::custody;
    use holdfast_shard::errors;
    use holdfast_shard::fee_commit;
    use holdfast_shard::gas_account;
    use holdfast_shard::governance;
    use holdfast_shard::home;
    use holdfast_shard::pool;
    use holdfast_shard::shard_gas;
    use holdfast_shard::shard_mgmt;
    use holdfast_shard::shard_stake;
    use holdfast_shard::shard_sys_msg;
    use holdfast_shard::withdrawal;

    /// `owner` signs for this package's account. `operator` opens the contracts and has the fees of
    /// new shards; `least_k` is the least number of seats that a shard of this network has.
    fun initialize_root(owner: signer, operator: address, least_k: u32) {
        home::initialize(&owner, home::root_id());
        governance::initialize(&owner, operator);
        shard_stake::initialize(&owner);
        shard_mgmt::initialize(&owner, least_k);
        custody::initialize(&owner);
        gas_account::initialize(&owner);
        shard_gas::initialize(&owner)
    }

    /// The facts are those of `shard_mgmt::get_genesis` on the root. `owner` has the whole supply,
    /// which is in nobody's hands from now on.
    fun initialize_shard(
        owner: signer,
        shard_id: u64,
        epoch_blocks: u64,
        k: u32,
        c: u32,
        peers: vector<vector<u8>>,
    ) {
        assert!(shard_id != home::root_id(), errors::unknown_shard());
        home::initialize(&owner, shard_id);
        let held = coin::balance<AptosCoin>(@holdfast_shard);
        let supply = *std::option::borrow(&coin::supply<AptosCoin>());
        assert!((held as u128) == supply, errors::incomplete_supply());
        pool::initialize(&owner, coin::withdraw<AptosCoin>(&owner, held));
        withdrawal::initialize(&owner);
        gas_account::initialize(&owner);
        committee::initialize(&owner, k, c, peers);
        fee_commit::initialize(&owner, epoch_blocks);
        shard_sys_msg::initialize(&owner)
    }
}
