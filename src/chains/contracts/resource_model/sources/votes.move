/// Votes for dividends: coins staked for a producer share what it earns, by coins and time.
module resource_model::votes {
    use std::signer;
    use std::vector;
    use aptos_std::table::{Self, Table};
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::block;
    use aptos_framework::coin;
    use resource_model::errors;
    use resource_model::producers;
    use resource_model::stake::{Self, Stake};
    use resource_model::vault;

    /// Producers that one account can vote for.
    const VOTED_COUNT_MAX: u64 = 64;

    struct Votes has key {
        /// By voter.
        votes: Table<address, vector<Stake>>,
    }

    package fun initialize(owner: &signer) {
        move_to(owner, Votes { votes: table::new() })
    }

    /// Sets the voter's stake for a producer to `stake` units, whole coins. What is added comes
    /// from the voter's coins; what is taken off is frozen for a while.
    entry fun vote(voter: &signer, bpname: address, stake: u64) acquires Votes {
        let addr = signer::address_of(voter);
        let height = block::get_current_block_height();
        let row = row_for(&mut borrow_global_mut<Votes>(@resource_model).votes, addr, bpname);
        let (is_increase, change) = stake::set(row, stake, height);
        producers::change_stake(bpname, is_increase, change, false);
        if (is_increase) pay_in(voter, change)
    }

    /// Gives back what was taken off, once it has thawed.
    entry fun unfreeze(voter: &signer, bpname: address) acquires Votes {
        let addr = signer::address_of(voter);
        let row = existing_row(&mut borrow_global_mut<Votes>(@resource_model).votes, addr, bpname);
        vault::return_stake(addr, stake::release(row, block::get_current_block_height()))
    }

    /// Pays the voter its part of the producer's pool and begins its voteage anew.
    entry fun claim(voter: &signer, bpname: address) acquires Votes {
        let addr = signer::address_of(voter);
        let row = existing_row(&mut borrow_global_mut<Votes>(@resource_model).votes, addr, bpname);
        let age = stake::spend_age(row, block::get_current_block_height());
        vault::pay_reward(bpname, addr, producers::spend_age(bpname, age))
    }

    package fun pay_in(voter: &signer, amount: u64) {
        let addr = signer::address_of(voter);
        let is_enough = coin::balance<AptosCoin>(addr) >= amount;
        assert!(is_enough, errors::insufficient_balance());
        vault::add_stake(addr, coin::withdraw<AptosCoin>(voter, amount))
    }

    /// A voter's row for a producer, which is made where there is none.
    package fun row_for(
        rows: &mut Table<address, vector<Stake>>,
        voter: address,
        bpname: address,
    ): &mut Stake {
        let own = table::borrow_mut_with_default(rows, voter, vector[]);
        let place = find(own, bpname);
        if (place == vector::length(own)) {
            assert!(place < VOTED_COUNT_MAX, errors::too_many());
            let row = stake::none(bpname, block::get_current_block_height());
            vector::push_back(own, row)
        };
        vector::borrow_mut(own, place)
    }

    package fun existing_row(
        rows: &mut Table<address, vector<Stake>>,
        voter: address,
        bpname: address,
    ): &mut Stake {
        assert!(table::contains(rows, voter), errors::no_stake());
        let own = table::borrow_mut(rows, voter);
        let place = find(own, bpname);
        assert!(place < vector::length(own), errors::no_stake());
        vector::borrow_mut(own, place)
    }

    fun find(rows: &vector<Stake>, bpname: address): u64 {
        let i = 0;
        while (i < vector::length(rows) && stake::bpname(vector::borrow(rows, i)) != bpname) {
            i = i + 1
        };
        i
    }

    #[view]
    /// The rows of a voter.
    public fun get_votes(voter: address): vector<Stake> acquires Votes {
        let votes = &borrow_global<Votes>(@resource_model).votes;
        *table::borrow_with_default(votes, voter, &vector[])
    }
}
