/// The coins of a shard that are in nobody's hands there, because the root holds none for them. A
/// shard is born with its whole supply here; a deposit takes coins out, a withdrawal or the fees of
/// an epoch bring them back, and nothing else moves them.
module holdfast_shard::pool {
    use aptos_framework::aptos_account;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin::{Self, Coin};

    struct Pool has key {
        coins: Coin<AptosCoin>,
        /// All units that ever went out for deposits, the same coins again and again.
        deposited: u128,
    }

    package fun initialize(owner: &signer, supply: Coin<AptosCoin>) {
        move_to(owner, Pool { coins: supply, deposited: 0 })
    }

    /// Pays a deposit out, if there is so much.
    package fun pay(user: address, amount: u64): bool acquires Pool {
        let pool = borrow_global_mut<Pool>(@holdfast_shard);
        if (coin::value(&pool.coins) < amount) return false;
        pool.deposited = pool.deposited + (amount as u128);
        aptos_account::deposit_coins(user, coin::extract(&mut pool.coins, amount));
        true
    }

    package fun take_back(coins: Coin<AptosCoin>) acquires Pool {
        coin::merge(&mut borrow_global_mut<Pool>(@holdfast_shard).coins, coins)
    }

    package fun size(): u64 acquires Pool {
        coin::value(&borrow_global<Pool>(@holdfast_shard).coins)
    }

    package fun deposited(): u128 acquires Pool {
        borrow_global<Pool>(@holdfast_shard).deposited
    }
}
