/// What each account has had cross to a title's parallel chain and back, on the main chain, and
/// what was dealt with there, on the parallel chain: by these anybody who restarts knows what is on
/// its way.
module paracross::crossing {
    use std::string::String;
    use aptos_std::table::{Self, Table};
    use paracross::errors;

    struct Name has copy, drop, store {
        title: String,
        account: address,
    }

    struct Crossings has copy, drop, store {
        /// Actions that the account has begun: the number of the next.
        begun: u64,
        /// Units, all told: of its transfers, of those that were rolled back, and of its
        /// withdrawals that were paid.
        transferred: u128,
        rolled_back: u128,
        released: u128,
    }

    struct Book has key {
        /// On the main chain.
        accounts: Table<Name, Crossings>,
        /// On the parallel chain, by who sent them: units of transfers that were dealt with.
        arrived: Table<address, u128>,
    }

    fun init_module(owner: &signer) {
        move_to(owner, Book { accounts: table::new(), arrived: table::new() })
    }

    package fun assert_next(title: String, account: address, number: u64) acquires Book {
        let (begun, _, _, _) = get_account(title, account);
        assert!(number == begun, errors::begun_before())
    }

    package fun note_transfer(title: String, account: address, amount: u64) acquires Book {
        let crossings = borrow_account(title, account);
        crossings.begun = crossings.begun + 1;
        crossings.transferred = crossings.transferred + (amount as u128)
    }

    package fun note_withdrawal(title: String, account: address) acquires Book {
        let crossings = borrow_account(title, account);
        crossings.begun = crossings.begun + 1
    }

    package fun note_roll_back(title: String, account: address, amount: u64) acquires Book {
        let crossings = borrow_account(title, account);
        crossings.rolled_back = crossings.rolled_back + (amount as u128)
    }

    package fun note_release(title: String, account: address, amount: u64) acquires Book {
        let crossings = borrow_account(title, account);
        crossings.released = crossings.released + (amount as u128)
    }

    package fun note_arrival(sender: address, amount: u64) acquires Book {
        let arrived = &mut borrow_global_mut<Book>(@paracross).arrived;
        let sum = table::borrow_mut_with_default(arrived, sender, 0);
        *sum = *sum + (amount as u128)
    }

    inline fun borrow_account(title: String, account: address): &mut Crossings {
        let accounts = &mut borrow_global_mut<Book>(@paracross).accounts;
        let none = Crossings { begun: 0, transferred: 0, rolled_back: 0, released: 0 };
        table::borrow_mut_with_default(accounts, Name { title, account }, none)
    }

    #[view]
    /// On the main chain: how many actions the account has begun for the title, and units of its
    /// transfers, of those rolled back, and of its withdrawals that were paid.
    public fun get_account(
        title: String,
        account: address,
    ): (u64, u128, u128, u128) acquires Book {
        let accounts = &borrow_global<Book>(@paracross).accounts;
        let name = Name { title, account };
        if (!table::contains(accounts, name)) return (0, 0, 0, 0);
        let found = table::borrow(accounts, name);
        (found.begun, found.transferred, found.rolled_back, found.released)
    }

    #[view]
    /// On the parallel chain: units of the account's transfers that were dealt with, all told.
    public fun get_arrived(sender: address): u128 acquires Book {
        let arrived = &borrow_global<Book>(@paracross).arrived;
        if (table::contains(arrived, sender)) *table::borrow(arrived, sender) else 0
    }
}
