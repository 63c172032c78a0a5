/// Where fees go: a pool for each collector, which is the contract that a chain pays its fees to and
/// that alone can empty it. A pool is not a coin store, so that being paid never depends on what
/// that account is.
module aptos_framework::transaction_fee {
    use std::signer;
    use aptos_std::table::{Self, Table};
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin::{Self, Coin};

    struct FeePools has key {
        pools: Table<address, Coin<AptosCoin>>,
    }

    package fun initialize(framework: &signer) {
        move_to(framework, FeePools { pools: table::new() })
    }

    package fun collect(payer: address, collector: address, amount: u64) acquires FeePools {
        if (amount == 0) return;
        let fee = coin::withdraw_from<AptosCoin>(payer, amount);
        let pools = &mut borrow_global_mut<FeePools>(@aptos_framework).pools;
        if (table::contains(pools, collector)) {
            coin::merge(table::borrow_mut(pools, collector), fee)
        } else {
            table::add(pools, collector, fee)
        }
    }

    /// Empties the pool of the signer.
    public fun take(collector: &signer): Coin<AptosCoin> acquires FeePools {
        let addr = signer::address_of(collector);
        let pools = &mut borrow_global_mut<FeePools>(@aptos_framework).pools;
        if (table::contains(pools, addr)) table::remove(pools, addr) else coin::zero()
    }

    #[view]
    /// What a collector could take.
    public fun pool_balance(collector: address): u64 acquires FeePools {
        let pools = &borrow_global<FeePools>(@aptos_framework).pools;
        if (table::contains(pools, collector)) coin::value(table::borrow(pools, collector)) else 0
    }
}
