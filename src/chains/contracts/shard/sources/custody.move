/// The coins that the root holds for its shards: what was deposited there and has come back neither
/// as a withdrawal nor as fees.
module holdfast_shard::custody {
    use aptos_std::table::{Self, Table};
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin::{Self, Coin};
    use holdfast_shard::errors;

    /// One shard's, all in units since it began. The sums may outgrow the supply: the same coins go
    /// round and round.
    struct Account has copy, drop, store {
        /// `deposited` less `released` and `fees`.
        balance: u64,
        deposited: u128,
        released: u128,
        fees: u128,
    }

    struct Custody has key {
        coins: Coin<AptosCoin>,
        accounts: Table<u64, Account>,
    }

    package fun initialize(owner: &signer) {
        move_to(owner, Custody { coins: coin::zero(), accounts: table::new() })
    }

    package fun put(shard_id: u64, coins: Coin<AptosCoin>) acquires Custody {
        let custody = borrow_global_mut<Custody>(@holdfast_shard);
        let account = table::borrow_mut_with_default(&mut custody.accounts, shard_id, none());
        let amount = coin::value(&coins);
        account.balance = account.balance + amount;
        account.deposited = account.deposited + (amount as u128);
        coin::merge(&mut custody.coins, coins)
    }

    /// For a withdrawal.
    package fun release(shard_id: u64, amount: u64): Coin<AptosCoin> acquires Custody {
        let (coins, account) = take(shard_id, amount);
        account.released = account.released + (amount as u128);
        coins
    }

    /// For the fees of an epoch.
    package fun release_fees(shard_id: u64, amount: u64): Coin<AptosCoin> acquires Custody {
        let (coins, account) = take(shard_id, amount);
        account.fees = account.fees + (amount as u128);
        coins
    }

    inline fun take(shard_id: u64, amount: u64): (Coin<AptosCoin>, &mut Account) {
        let custody = borrow_global_mut<Custody>(@holdfast_shard);
        let account = table::borrow_mut_with_default(&mut custody.accounts, shard_id, none());
        assert!(account.balance >= amount, errors::shard_balance_exceeded());
        account.balance = account.balance - amount;
        (coin::extract(&mut custody.coins, amount), account)
    }

    fun none(): Account {
        Account { balance: 0, deposited: 0, released: 0, fees: 0 }
    }

    /// All coins here, of every shard.
    package fun total(): u64 acquires Custody {
        coin::value(&borrow_global<Custody>(@holdfast_shard).coins)
    }

    package fun account(shard_id: u64): Account acquires Custody {
        let accounts = &borrow_global<Custody>(@holdfast_shard).accounts;
        *table::borrow_with_default(accounts, shard_id, &none())
    }

    package fun balance(self: &Account): u64 {
        self.balance
    }

    package fun deposited(self: &Account): u128 {
        self.deposited
    }

    package fun released(self: &Account): u128 {
        self.released
    }

    package fun fees(self: &Account): u128 {
        self.fees
    }
}
