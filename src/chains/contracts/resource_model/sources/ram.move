/// RAM: what each account makes every node store, and what it may. Some is free; more is rented by
/// votes, whose dividends are the rent.
module resource_model::ram {
    use std::signer;
    use std::vector;
    use aptos_std::table::{Self, Table};
    use aptos_framework::block;
    use resource_model::accounts;
    use resource_model::config;
    use resource_model::errors;
    use resource_model::producers;
    use resource_model::stake::{Self, Stake};
    use resource_model::vault;
    use resource_model::votes;

    /// What every account takes up: who it is and its coins.
    const ACCOUNT_BYTES: u64 = 2_724;
    /// Units of votes that `res.ramrent` bytes go with.
    const RENT_UNITS: u64 = 1_000_000;
    const UNLIMITED: u64 = 18446744073709551615;

    struct Staked has copy, drop, store {
        voter: address,
        /// Units, over all producers.
        staked: u64,
    }

    /// What an account stores beyond {@link ACCOUNT_BYTES}.
    struct Usage has copy, drop, store {
        /// Bytes of code and resources under the account.
        own: u64,
        /// Bytes of items in tables that its code made.
        tables: u64,
    }

    struct Ram has key {
        /// By voter.
        votes4ram: Table<address, vector<Stake>>,
        vote4ramsum: Table<address, Staked>,
        usage: Table<address, Usage>,
        /// Whose code made a table, by the table's handle. Tables of the system are not listed.
        table_owners: Table<address, address>,
    }

    #[event]
    struct RamRented has drop, store {
        voter: address,
        bpname: address,
        /// Units, for this producer.
        staked: u64,
        /// Bytes.
        quota: u64,
    }

    package fun initialize(owner: &signer) {
        let ram = Ram {
            votes4ram: table::new(),
            vote4ramsum: table::new(),
            usage: table::new(),
            table_owners: table::new(),
        };
        move_to(owner, ram)
    }

    /// Sets the voter's stake for RAM with a producer to `stake` units, whole coins. The quota
    /// follows at once; it may not fall below what the account stores.
    entry fun vote4ram(voter: &signer, bpname: address, stake: u64) acquires Ram {
        let addr = signer::address_of(voter);
        let height = block::get_current_block_height();
        let ram = borrow_global_mut<Ram>(@resource_model);
        let row = votes::row_for(&mut ram.votes4ram, addr, bpname);
        let (is_increase, change) = stake::set(row, stake, height);
        producers::change_stake(bpname, is_increase, change, true);
        if (is_increase) votes::pay_in(voter, change);
        let none = Staked { voter: addr, staked: 0 };
        let sum = table::borrow_mut_with_default(&mut ram.vote4ramsum, addr, none);
        sum.staked = if (is_increase) sum.staked + change else sum.staked - change;
        let quota = quota_of(ram, addr);
        let used = used_by(ram, addr);
        assert!(is_increase || used <= quota, errors::ram_usage_exceeded());
        aptos_framework::event::emit(RamRented { voter: addr, bpname, staked: stake, quota })
    }

    /// Gives back what was taken off, once it has thawed.
    entry fun unfreezeram(voter: &signer, bpname: address) acquires Ram {
        let addr = signer::address_of(voter);
        let rows = &mut borrow_global_mut<Ram>(@resource_model).votes4ram;
        let row = votes::existing_row(rows, addr, bpname);
        vault::return_stake(addr, stake::release(row, block::get_current_block_height()))
    }

    /// Counts what a transaction made accounts store more or less. Who stores more must have room
    /// for it; who stores less is let be, however much it is over. The chain alone calls this,
    /// behind a transaction's last action.
    ///
    /// The vectors go together, one element for each account, none of them the system's: whether
    /// the bytes are the account's own or in its tables, whether they became more, how many.
    fun count(
        accounts: vector<address>,
        in_tables: vector<bool>,
        is_growth: vector<bool>,
        bytes: vector<u64>,
    ) acquires Ram {
        let ram = borrow_global_mut<Ram>(@resource_model);
        let i = 0;
        while (i < vector::length(&accounts)) {
            let account = *vector::borrow(&accounts, i);
            let usage =
                table::borrow_mut_with_default(
                    &mut ram.usage,
                    account,
                    Usage { own: 0, tables: 0 },
                );
            let change = *vector::borrow(&bytes, i);
            let grows = *vector::borrow(&is_growth, i);
            if (*vector::borrow(&in_tables, i)) {
                usage.tables = moved(usage.tables, grows, change)
            } else {
                usage.own = moved(usage.own, grows, change)
            };
            i = i + 1
        };
        i = 0;
        while (i < vector::length(&accounts)) {
            let account = *vector::borrow(&accounts, i);
            let fits = !*vector::borrow(&is_growth, i)
                || used_by(ram, account) <= quota_of(ram, account);
            assert!(fits, errors::ram_usage_exceeded());
            i = i + 1
        }
    }

    fun moved(amount: u64, grows: bool, change: u64): u64 {
        if (grows) amount + change else amount - change
    }

    /// Notes whose code made these tables. The chain alone calls this.
    fun own_tables(owner: address, handles: vector<address>) acquires Ram {
        let owners = &mut borrow_global_mut<Ram>(@resource_model).table_owners;
        while (!vector::is_empty(&handles)) {
            table::add(owners, vector::pop_back(&mut handles), owner)
        }
    }

    fun used_by(ram: &Ram, account: address): u64 {
        let usage = table::borrow_with_default(&ram.usage, account, &Usage { own: 0, tables: 0 });
        ACCOUNT_BYTES + usage.own + usage.tables
    }

    fun quota_of(ram: &Ram, account: address): u64 {
        if (accounts::is_system(account) || !config::is_ram_limited()) return UNLIMITED;
        let none = Staked { voter: account, staked: 0 };
        let staked = table::borrow_with_default(&ram.vote4ramsum, account, &none).staked;
        let rented = (staked as u128) * (config::ram_rent() as u128) / (RENT_UNITS as u128);
        config::free_ram() + (rented as u64)
    }

    #[view]
    /// Bytes that an account may store; 2^64 - 1 where there is no limit.
    public fun quota(account: address): u64 acquires Ram {
        quota_of(borrow_global<Ram>(@resource_model), account)
    }

    #[view]
    /// Bytes that an account stores.
    public fun used(account: address): u64 acquires Ram {
        used_by(borrow_global<Ram>(@resource_model), account)
    }

    #[view]
    /// A voter's rows, one for each producer.
    public fun get_votes4ram(voter: address): vector<Stake> acquires Ram {
        let rows = &borrow_global<Ram>(@resource_model).votes4ram;
        *table::borrow_with_default(rows, voter, &vector[])
    }

    #[view]
    /// Units that a voter has staked for RAM, over all producers.
    public fun get_vote4ramsum(voter: address): u64 acquires Ram {
        let sums = &borrow_global<Ram>(@resource_model).vote4ramsum;
        table::borrow_with_default(sums, voter, &Staked { voter, staked: 0 }).staked
    }
}
