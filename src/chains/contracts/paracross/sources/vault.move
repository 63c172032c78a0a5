/// The coins that this package holds on the main chain, in piles by title: what nodes have frozen,
/// what waits to be credited on a parallel chain, and what was.
module paracross::vault {
    use std::string::String;
    use aptos_std::table::{Self, Table};
    use aptos_framework::aptos_account;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin::{Self, Coin};
    use paracross::errors;

    struct Vault has key {
        /// Of nodes and of those who apply to be.
        frozen: Table<String, Coin<AptosCoin>>,
        /// Transferred, and not yet done on the parallel chain: it may go back.
        waiting: Table<String, Coin<AptosCoin>>,
        /// What the parallel chain has credited: it backs the coins there.
        locked: Table<String, Coin<AptosCoin>>,
    }

    fun init_module(owner: &signer) {
        let vault = Vault { frozen: table::new(), waiting: table::new(), locked: table::new() };
        move_to(owner, vault)
    }

    fun put(
        piles: &mut Table<String, Coin<AptosCoin>>,
        title: String,
        coins: Coin<AptosCoin>,
    ) {
        if (table::contains(piles, title)) {
            coin::merge(table::borrow_mut(piles, title), coins)
        } else {
            table::add(piles, title, coins)
        }
    }

    /// Aborts where the pile is smaller.
    fun take(
        piles: &mut Table<String, Coin<AptosCoin>>,
        title: String,
        amount: u64,
    ): Coin<AptosCoin> {
        if (amount == 0) return coin::zero();
        coin::extract(table::borrow_mut(piles, title), amount)
    }

    fun size(piles: &Table<String, Coin<AptosCoin>>, title: String): u64 {
        if (table::contains(piles, title)) coin::value(table::borrow(piles, title)) else 0
    }

    fun collect(from: &signer, amount: u64): Coin<AptosCoin> {
        let balance = coin::balance<AptosCoin>(std::signer::address_of(from));
        assert!(balance >= amount, errors::insufficient_balance());
        coin::withdraw<AptosCoin>(from, amount)
    }

    package fun freeze_coins(from: &signer, title: String, amount: u64) acquires Vault {
        let coins = collect(from, amount);
        put(&mut borrow_global_mut<Vault>(@paracross).frozen, title, coins)
    }

    package fun unfreeze_coins(title: String, to: address, amount: u64) acquires Vault {
        if (amount == 0) return;
        let coins = take(&mut borrow_global_mut<Vault>(@paracross).frozen, title, amount);
        aptos_account::deposit_coins(to, coins)
    }

    /// Frozen coins that nobody is entitled to any more.
    package fun forfeit(title: String, amount: u64) acquires Vault {
        let vault = borrow_global_mut<Vault>(@paracross);
        let coins = take(&mut vault.frozen, title, amount);
        put(&mut vault.locked, title, coins)
    }

    package fun add_waiting(from: &signer, title: String, amount: u64) acquires Vault {
        let coins = collect(from, amount);
        put(&mut borrow_global_mut<Vault>(@paracross).waiting, title, coins)
    }

    package fun lock(title: String, amount: u64) acquires Vault {
        let vault = borrow_global_mut<Vault>(@paracross);
        let coins = take(&mut vault.waiting, title, amount);
        put(&mut vault.locked, title, coins)
    }

    package fun roll_back(title: String, to: address, amount: u64) acquires Vault {
        let coins = take(&mut borrow_global_mut<Vault>(@paracross).waiting, title, amount);
        aptos_account::deposit_coins(to, coins)
    }

    /// Whether there was enough to release.
    package fun release(title: String, to: address, amount: u64): bool acquires Vault {
        let locked = &mut borrow_global_mut<Vault>(@paracross).locked;
        if (size(locked, title) < amount) return false;
        aptos_account::deposit_coins(to, take(locked, title, amount));
        true
    }

    #[view]
    /// What nodes of the title, and those who apply for it, have frozen.
    public fun frozen(title: String): u64 acquires Vault {
        size(&borrow_global<Vault>(@paracross).frozen, title)
    }

    #[view]
    /// Transferred to the parallel chain and not yet done there.
    public fun waiting(title: String): u64 acquires Vault {
        size(&borrow_global<Vault>(@paracross).waiting, title)
    }

    #[view]
    /// What the parallel chain's coins are backed by.
    public fun locked(title: String): u64 acquires Vault {
        size(&borrow_global<Vault>(@paracross).locked, title)
    }
}
