/// Where fees go: a pool for each producer of blocks, which the producer empties when it likes. A
/// pool is not the producer's coin store, so that being paid never depends on what that account is.
module aptos_framework::transaction_fee {
    use std::signer;
    use aptos_std::table::{Self, Table};
    use aptos_framework::aptos_account;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin::{Self, Coin};

    struct ProducerPools has key {
        pools: Table<address, Coin<AptosCoin>>,
    }

    package fun initialize(framework: &signer) {
        move_to(framework, ProducerPools { pools: table::new() })
    }

    package fun collect(payer: address, producer: address, amount: u64) acquires ProducerPools {
        if (amount == 0) return;
        let fee = coin::withdraw_from<AptosCoin>(payer, amount);
        let pools = &mut borrow_global_mut<ProducerPools>(@aptos_framework).pools;
        if (table::contains(pools, producer)) {
            coin::merge(table::borrow_mut(pools, producer), fee)
        } else {
            table::add(pools, producer, fee)
        }
    }

    /// Pays a producer what its blocks have earned; nothing when that is nothing.
    public entry fun claim(producer: &signer) acquires ProducerPools {
        let addr = signer::address_of(producer);
        let pools = &mut borrow_global_mut<ProducerPools>(@aptos_framework).pools;
        if (table::contains(pools, addr)) {
            aptos_account::deposit_coins(addr, table::remove(pools, addr))
        }
    }

    #[view]
    /// What a producer could claim.
    public fun pool_balance(producer: address): u64 acquires ProducerPools {
        let pools = &borrow_global<ProducerPools>(@aptos_framework).pools;
        if (table::contains(pools, producer)) coin::value(table::borrow(pools, producer)) else 0
    }
}
