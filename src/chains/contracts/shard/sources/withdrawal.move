/// Withdrawals of a shard's users, from the request to the root's word that it has paid. A user's
/// withdrawals are numbered from 1; what is asked for is frozen until it is paid.
module holdfast_shard::withdrawal {
    use std::vector;
    use aptos_std::table::{Self, Table};
    use holdfast_shard::errors;

    /// Unfinished withdrawals of one user: what happens to one looks at all of them.
    const UNFINISHED_MAX: u64 = 128;

    struct Unfinished has copy, drop, store {
        withdraw_id: u64,
        amount: u64,
    }

    struct User has drop, store {
        /// The newest; 0 for none.
        withdraw_id: u64,
        frozen_gas: vector<Unfinished>,
    }

    struct Withdrawals has key {
        users: Table<address, User>,
        /// All units that were ever asked for, and those of finished withdrawals.
        requested: u128,
        finished: u128,
    }

    package fun initialize(owner: &signer) {
        move_to(owner, Withdrawals { users: table::new(), requested: 0, finished: 0 })
    }

    /// Tells the new withdrawal's id.
    package fun begin(user: address, amount: u64): u64 acquires Withdrawals {
        let withdrawals = borrow_global_mut<Withdrawals>(@holdfast_shard);
        let none = User { withdraw_id: 0, frozen_gas: vector[] };
        let own = table::borrow_mut_with_default(&mut withdrawals.users, user, none);
        let is_room = vector::length(&own.frozen_gas) < UNFINISHED_MAX;
        assert!(is_room, errors::too_many_withdrawals());
        own.withdraw_id = own.withdraw_id + 1;
        let unfinished = Unfinished { withdraw_id: own.withdraw_id, amount };
        vector::push_back(&mut own.frozen_gas, unfinished);
        withdrawals.requested = withdrawals.requested + (amount as u128);
        own.withdraw_id
    }

    /// Unfreezes what has been paid; tells whether that was still to do.
    package fun finish(user: address, withdraw_id: u64): bool acquires Withdrawals {
        let withdrawals = borrow_global_mut<Withdrawals>(@holdfast_shard);
        if (!table::contains(&withdrawals.users, user)) return false;
        let frozen = &mut table::borrow_mut(&mut withdrawals.users, user).frozen_gas;
        let place = place_of(frozen, withdraw_id);
        if (place == vector::length(frozen)) return false;
        let amount = vector::remove(frozen, place).amount;
        withdrawals.finished = withdrawals.finished + (amount as u128);
        true
    }

    fun place_of(frozen: &vector<Unfinished>, withdraw_id: u64): u64 {
        let i = 0;
        while (i < vector::length(frozen)) {
            if (vector::borrow(frozen, i).withdraw_id == withdraw_id) return i;
            i = i + 1
        };
        i
    }

    /// 0 for one that is finished or never was.
    package fun amount(user: address, withdraw_id: u64): u64 acquires Withdrawals {
        let frozen = unfinished(user);
        let place = place_of(&frozen, withdraw_id);
        if (place < vector::length(&frozen)) vector::borrow(&frozen, place).amount else 0
    }

    package fun newest(user: address): u64 acquires Withdrawals {
        let users = &borrow_global<Withdrawals>(@holdfast_shard).users;
        if (table::contains(users, user)) table::borrow(users, user).withdraw_id else 0
    }

    /// Ascending, the newest included.
    package fun unfinished(user: address): vector<Unfinished> acquires Withdrawals {
        let users = &borrow_global<Withdrawals>(@holdfast_shard).users;
        if (table::contains(users, user)) table::borrow(users, user).frozen_gas else vector[]
    }

    package fun requested(): u128 acquires Withdrawals {
        borrow_global<Withdrawals>(@holdfast_shard).requested
    }

    package fun finished(): u128 acquires Withdrawals {
        borrow_global<Withdrawals>(@holdfast_shard).finished
    }
}
