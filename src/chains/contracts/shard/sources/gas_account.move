/// What each account has lent to each shard and got back, on the root, and what has arrived, on the
/// shard: by these three anybody who restarts knows what is on its way.
module holdfast_shard::gas_account {
    use aptos_std::table::{Self, Table};
    use holdfast_shard::errors;

    struct Name has copy, drop, store {
        shard_id: u64,
        user: address,
    }

    struct GasAccount has copy, drop, store {
        /// How often coins were deposited: the number of the next deposit.
        deposits: u64,
        /// Units, all told.
        deposited: u128,
        released: u128,
    }

    struct GasAccounts has key {
        /// On the root.
        accounts: Table<Name, GasAccount>,
        /// On a shard: units of deposits that were dealt with.
        arrived: Table<address, u128>,
    }

    package fun initialize(owner: &signer) {
        move_to(owner, GasAccounts { accounts: table::new(), arrived: table::new() })
    }

    package fun assert_next(shard_id: u64, user: address, number: u64) acquires GasAccounts {
        let (deposits, _, _) = get_account(shard_id, user);
        assert!(number == deposits, errors::deposited_before())
    }

    package fun note_deposit(shard_id: u64, user: address, amount: u64) acquires GasAccounts {
        let account = borrow_account(shard_id, user);
        account.deposits = account.deposits + 1;
        account.deposited = account.deposited + (amount as u128)
    }

    package fun note_release(shard_id: u64, user: address, amount: u64) acquires GasAccounts {
        let account = borrow_account(shard_id, user);
        account.released = account.released + (amount as u128)
    }

    package fun note_arrival(user: address, amount: u64) acquires GasAccounts {
        let arrived = &mut borrow_global_mut<GasAccounts>(@holdfast_shard).arrived;
        let sum = table::borrow_mut_with_default(arrived, user, 0);
        *sum = *sum + (amount as u128)
    }

    inline fun borrow_account(shard_id: u64, user: address): &mut GasAccount {
        let accounts = &mut borrow_global_mut<GasAccounts>(@holdfast_shard).accounts;
        let none = GasAccount { deposits: 0, deposited: 0, released: 0 };
        table::borrow_mut_with_default(accounts, Name { shard_id, user }, none)
    }

    #[view]
    /// On the root: how often the account has deposited for the shard, how many units in all, and
    /// how many its withdrawals have brought back.
    public fun get_account(
        shard_id: u64,
        user: address,
    ): (u64, u128, u128) acquires GasAccounts {
        let accounts = &borrow_global<GasAccounts>(@holdfast_shard).accounts;
        let name = Name { shard_id, user };
        if (!table::contains(accounts, name)) return (0, 0, 0);
        let account = table::borrow(accounts, name);
        (account.deposits, account.deposited, account.released)
    }

    #[view]
    /// On a shard: units of the account's deposits that were dealt with, all told.
    public fun get_arrived(user: address): u128 acquires GasAccounts {
        let arrived = &borrow_global<GasAccounts>(@holdfast_shard).arrived;
        if (table::contains(arrived, user)) *table::borrow(arrived, user) else 0
    }
}
