/// Where fees go: a pool for each collector. The collector of a chain, which genesis names, is the
/// contract that its fees are paid to and that alone can empty the pool. A pool is not a coin store,
/// so that being paid never depends on what that account is.
module aptos_framework::transaction_fee {
    use std::signer;
    use aptos_std::table::{Self, Table};
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin::{Self, Coin};

    struct FeePools has key {
        /// Whose pool fees go to.
        collector: address,
        pools: Table<address, Coin<AptosCoin>>,
    }

    /// Lets who holds it empty one collector's pool without that collector's signer.
    struct PoolCapability has store {
        collector: address,
    }

    package fun initialize(framework: &signer, collector: address) {
        move_to(framework, FeePools { collector, pools: table::new() })
    }

    package fun collect(payer: address, amount: u64) acquires FeePools {
        if (amount == 0) return;
        let fee = coin::withdraw_from<AptosCoin>(payer, amount);
        let state = borrow_global_mut<FeePools>(@aptos_framework);
        let (pools, collector) = (&mut state.pools, state.collector);
        if (table::contains(pools, collector)) {
            coin::merge(table::borrow_mut(pools, collector), fee)
        } else {
            table::add(pools, collector, fee)
        }
    }

    public fun create_pool_capability(collector: &signer): PoolCapability {
        PoolCapability { collector: signer::address_of(collector) }
    }

    /// Empties the pool of the signer.
    public fun take(collector: &signer): Coin<AptosCoin> acquires FeePools {
        empty(signer::address_of(collector))
    }

    /// Empties the pool that the capability is for.
    public fun take_by(capability: &PoolCapability): Coin<AptosCoin> acquires FeePools {
        empty(capability.collector)
    }

    fun empty(collector: address): Coin<AptosCoin> acquires FeePools {
        let pools = &mut borrow_global_mut<FeePools>(@aptos_framework).pools;
        if (table::contains(pools, collector)) table::remove(pools, collector) else coin::zero()
    }

    #[view]
    /// Whose pool this chain's fees go to.
    public fun collector(): address acquires FeePools {
        borrow_global<FeePools>(@aptos_framework).collector
    }

    #[view]
    /// What a collector could take.
    public fun pool_balance(collector: address): u64 acquires FeePools {
        let pools = &borrow_global<FeePools>(@aptos_framework).pools;
        if (table::contains(pools, collector)) coin::value(table::borrow(pools, collector)) else 0
    }
}
