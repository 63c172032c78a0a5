/// One stake for many channels: what an account has put here backs its seats in all channels that
/// share stakes in this coin. Exposures never exceed it, and what is exposed cannot be taken out; what
/// is free comes out after a notice, so that a channel joined meanwhile finds it there or is refused.
module rooch::shared_stake {
    use std::signer;
    use std::vector;
    use aptos_framework::aptos_account;
    use aptos_framework::coin::{Self, Coin};
    use rooch::clock;
    use rooch::errors;

    /// Active time between asking for what is free and taking it.
    const NOTICE_MS: u64 = 86_400_000;
    const NOTICES_MAX: u64 = 16;

    struct Pool<phantom CoinT> has key {
        coins: Coin<CoinT>,
        /// Of them, what channels may still take. Fines stay exposed for ever.
        exposed: u64,
        notices: vector<Notice>,
    }

    struct Notice has copy, drop, store {
        amount: u64,
        due_ms: u64,
    }

    /// Adds to the sender's stake. Aborts with E_STAKE where the account cannot pay.
    public entry fun deposit_entry<CoinT>(sender: &signer, amount: u64) acquires Pool {
        let owner = signer::address_of(sender);
        assert!(coin::balance<CoinT>(owner) >= amount, errors::stake());
        if (!exists<Pool<CoinT>>(owner)) {
            let coins = coin::zero<CoinT>();
            move_to(sender, Pool<CoinT> { coins, exposed: 0, notices: vector[] })
        };
        let pool = borrow_global_mut<Pool<CoinT>>(owner);
        coin::merge(&mut pool.coins, coin::withdraw<CoinT>(sender, amount))
    }

    /// Gives notice that the sender will take out so much: from now on it backs no new channel.
    /// Aborts with E_STAKE where less is free, with E_WINDOW_OPEN where sixteen notices run.
    public entry fun unbond_entry<CoinT>(sender: &signer, amount: u64) acquires Pool {
        let pool = borrow_pool<CoinT>(signer::address_of(sender));
        assert!(amount > 0 && amount <= free(pool), errors::stake());
        assert!(vector::length(&pool.notices) < NOTICES_MAX, errors::window_open());
        let due_ms = clock::active_ms() + NOTICE_MS;
        vector::push_back(&mut pool.notices, Notice { amount, due_ms })
    }

    /// Pays out all notices that are due. Aborts with E_WINDOW_OPEN where none is.
    public entry fun withdraw_entry<CoinT>(sender: &signer) acquires Pool {
        let owner = signer::address_of(sender);
        let pool = borrow_pool<CoinT>(owner);
        let now_ms = clock::active_ms();
        let (waiting, due) = (vector[], 0);
        vector::for_each_ref(&pool.notices, |notice| {
            let notice: &Notice = notice;
            if (now_ms >= notice.due_ms) {
                due = due + notice.amount
            } else {
                vector::push_back(&mut waiting, *notice)
            }
        });
        assert!(due > 0, errors::window_open());
        pool.notices = waiting;
        aptos_account::deposit_coins(owner, coin::extract(&mut pool.coins, due))
    }

    /// Backs a seat with so much. Aborts with E_STAKE where less is free.
    package fun expose<CoinT>(owner: address, amount: u64) acquires Pool {
        let pool = borrow_pool<CoinT>(owner);
        assert!(amount <= free(pool), errors::stake());
        pool.exposed = pool.exposed + amount
    }

    /// Frees what backed a seat.
    package fun release<CoinT>(owner: address, amount: u64) acquires Pool {
        let pool = borrow_pool<CoinT>(owner);
        pool.exposed = pool.exposed - amount
    }

    /// Takes coins that backed a seat.
    package fun take<CoinT>(owner: address, amount: u64): Coin<CoinT> acquires Pool {
        let pool = borrow_pool<CoinT>(owner);
        pool.exposed = pool.exposed - amount;
        coin::extract(&mut pool.coins, amount)
    }

    #[view]
    /// What an account has here, what of it is exposed, and what it has given notice of.
    public fun get_standing<CoinT>(owner: address): (u64, u64, u64) acquires Pool {
        if (!exists<Pool<CoinT>>(owner)) return (0, 0, 0);
        let pool = borrow_global<Pool<CoinT>>(owner);
        (coin::value(&pool.coins), pool.exposed, noticed(pool))
    }

    fun free<CoinT>(pool: &Pool<CoinT>): u64 {
        coin::value(&pool.coins) - pool.exposed - noticed(pool)
    }

    fun noticed<CoinT>(pool: &Pool<CoinT>): u64 {
        let sum = 0;
        vector::for_each_ref(&pool.notices, |notice| {
            let notice: &Notice = notice;
            sum = sum + notice.amount
        });
        sum
    }

    inline fun borrow_pool<CoinT>(owner: address): &mut Pool<CoinT> {
        assert!(exists<Pool<CoinT>>(owner), errors::stake());
        borrow_global_mut<Pool<CoinT>>(owner)
    }
}
