/// Who may make blocks, by votes: every coin staked for a producer counts, for dividends and for
/// RAM alike. Voteage, coins times blocks, is by what a producer's voters share its pool.
module resource_model::producers {
    use std::signer;
    use std::string::{Self, String};
    use std::vector;
    use aptos_std::table::{Self, Table};
    use aptos_framework::block;
    use aptos_framework::coin;
    use aptos_framework::transaction_fee;
    use resource_model::errors;
    use resource_model::stake;
    use resource_model::vault;

    /// Producers in office.
    const OFFICE_SIZE: u64 = 23;
    /// Blocks between two elections.
    const BLOCKS_PER_ELECTION: u64 = 100;
    /// Units that a block brings its producer, and those who built the chain.
    const BLOCK_REWARD: u64 = 90_000;
    const FOUNDATION_REWARD: u64 = 10_000;
    /// Commissions are in ten-thousandths.
    const RATE_ONE: u64 = 10_000;
    const KEY_SIZE: u64 = 32;
    const URL_SIZE_MAX: u64 = 256;
    /// Producers that can be voted for; an election looks at all of them.
    const PRODUCER_COUNT_MAX: u64 = 1_000;

    struct Producer has copy, drop, store {
        bpname: address,
        block_signing_key: vector<u8>,
        /// The producer's own part of block rewards, in ten-thousandths.
        commission_rate: u64,
        url: String,
        /// Units, for RAM and otherwise.
        total_staked: u64,
        /// Of all stakes, those for RAM included, as of `voteage_update_height`.
        total_voteage: u128,
        /// The part of both that votes for RAM have, whose dividends are rent.
        ram_staked: u64,
        ram_voteage: u128,
        voteage_update_height: u64,
        /// Stands for election.
        is_active: bool,
        /// Barred by the other producers: stakes for it may only become smaller.
        is_barred: bool,
    }

    struct Producers has key {
        producers: Table<address, Producer>,
        names: vector<address>,
        /// Those in office, most votes first.
        schedule: vector<address>,
        schedule_height: u64,
        /// Who made the block before this one, to whom its fees go.
        last_proposer: address,
        foundation: address,
    }

    package fun initialize(
        owner: &signer,
        names: vector<address>,
        keys: vector<vector<u8>>,
        foundation: address,
    ) {
        let producers = table::new();
        let i = 0;
        while (i < vector::length(&names)) {
            let name = *vector::borrow(&names, i);
            let key = *vector::borrow(&keys, i);
            table::add(&mut producers, name, newcomer(name, key, 0, string::utf8(b""), 0));
            i = i + 1
        };
        let state = Producers {
            producers,
            names,
            schedule: names,
            schedule_height: 0,
            last_proposer: @resource_model,
            foundation,
        };
        move_to(owner, state)
    }

    fun newcomer(
        bpname: address,
        block_signing_key: vector<u8>,
        commission_rate: u64,
        url: String,
        height: u64,
    ): Producer {
        Producer {
            bpname,
            block_signing_key,
            commission_rate,
            url,
            total_staked: 0,
            total_voteage: 0,
            ram_staked: 0,
            ram_voteage: 0,
            voteage_update_height: height,
            is_active: true,
            is_barred: false,
        }
    }

    /// Stands for election, or says anew how.
    entry fun updatebp(
        producer: &signer,
        block_signing_key: vector<u8>,
        commission_rate: u64,
        url: vector<u8>,
    ) acquires Producers {
        let name = signer::address_of(producer);
        assert!(vector::length(&block_signing_key) == KEY_SIZE, errors::bad_producer());
        assert!(commission_rate <= RATE_ONE, errors::bad_producer());
        assert!(vector::length(&url) <= URL_SIZE_MAX, errors::bad_producer());
        let state = borrow_global_mut<Producers>(@resource_model);
        let url = string::utf8(url);
        if (table::contains(&state.producers, name)) {
            let row = table::borrow_mut(&mut state.producers, name);
            row.block_signing_key = block_signing_key;
            row.commission_rate = commission_rate;
            row.url = url;
            row.is_active = true
        } else {
            let count = vector::length(&state.names);
            assert!(count < PRODUCER_COUNT_MAX, errors::too_many());
            let height = block::get_current_block_height();
            let row = newcomer(name, block_signing_key, commission_rate, url, height);
            table::add(&mut state.producers, name, row);
            vector::push_back(&mut state.names, name)
        }
    }

    /// Stands for election no longer: by the producer itself. The others together bar it, or let
    /// it in again (`is_barred` false).
    entry fun removebp(auth: &signer, bpname: address, is_barred: bool) acquires Producers {
        let by = signer::address_of(auth);
        let row = borrow_mut(borrow_global_mut<Producers>(@resource_model), bpname);
        if (by == @resource_model) {
            row.is_barred = is_barred;
            row.is_active = !is_barred
        } else {
            assert!(by == bpname && !is_barred, errors::not_authorised());
            row.is_active = false
        }
    }

    /// Pays out what is the signer's own: commission, realised rent, the foundation's part.
    entry fun claim_commission(producer: &signer) {
        vault::pay_commission(signer::address_of(producer))
    }

    /// Opens a block, after `0x1::block::prologue`: hands on the fees of the block before, rewards
    /// the proposer and holds an election when one is due. The chain alone calls this.
    fun onblock(owner: signer, proposer: address) acquires Producers {
        let state = borrow_global_mut<Producers>(@resource_model);
        vault::add_reward(state.last_proposer, transaction_fee::take(&owner));
        if (state.last_proposer != proposer) state.last_proposer = proposer;
        let height = block::get_current_block_height();
        let is_election = height % BLOCKS_PER_ELECTION == 0;
        // The foundation's part of a hundred blocks comes at once: one write instead of many.
        let founders = if (is_election) FOUNDATION_REWARD * BLOCKS_PER_ELECTION else 0;
        if (table::contains(&state.producers, proposer)) {
            let rate = table::borrow(&state.producers, proposer).commission_rate;
            let own = BLOCK_REWARD * rate / RATE_ONE;
            vault::reward_block(proposer, BLOCK_REWARD - own, own, state.foundation, founders)
        };
        if (is_election) hold_election(state, height)
    }

    fun hold_election(state: &mut Producers, height: u64) {
        let candidates = vector[];
        let i = 0;
        while (i < vector::length(&state.names)) {
            let name = *vector::borrow(&state.names, i);
            let row = table::borrow_mut(&mut state.producers, name);
            if (row.ram_staked > 0) realise_rent(row, height);
            if (row.is_active && !row.is_barred) vector::push_back(&mut candidates, *row);
            i = i + 1
        };
        let schedule = vector[];
        while (vector::length(&schedule) < OFFICE_SIZE && !vector::is_empty(&candidates)) {
            let place = most_voted(&candidates);
            let Producer { bpname, .. } = vector::swap_remove(&mut candidates, place);
            vector::push_back(&mut schedule, bpname)
        };
        // A chain keeps its last producers when nobody stands.
        if (!vector::is_empty(&schedule) && schedule != state.schedule) {
            state.schedule = schedule;
            state.schedule_height = height
        }
    }

    /// Among equals who registered first is not told from the list, which the loop above reorders:
    /// the smaller address wins.
    fun most_voted(candidates: &vector<Producer>): u64 {
        let best = 0;
        let i = 1;
        while (i < vector::length(candidates)) {
            let a = vector::borrow(candidates, i);
            let b = vector::borrow(candidates, best);
            let is_better = a.total_staked > b.total_staked
                || (a.total_staked == b.total_staked && is_before(a.bpname, b.bpname));
            if (is_better) best = i;
            i = i + 1
        };
        best
    }

    fun is_before(a: address, b: address): bool {
        let (a, b) = (std::bcs::to_bytes(&a), std::bcs::to_bytes(&b));
        let i = 0;
        while (i < vector::length(&a)) {
            let (x, y) = (*vector::borrow(&a, i), *vector::borrow(&b, i));
            if (x != y) return x < y;
            i = i + 1
        };
        false
    }

    fun borrow_mut(state: &mut Producers, bpname: address): &mut Producer {
        assert!(table::contains(&state.producers, bpname), errors::unknown_producer());
        table::borrow_mut(&mut state.producers, bpname)
    }

    fun update_age(row: &mut Producer, height: u64) {
        let blocks = height - row.voteage_update_height;
        row.total_voteage = row.total_voteage + stake::age(row.total_staked, blocks);
        row.ram_voteage = row.ram_voteage + stake::age(row.ram_staked, blocks);
        row.voteage_update_height = height
    }

    /// Takes the voteage of votes for RAM out of the whole, and their part of the pool with it: it
    /// is the rent. Without that their voteage would grow for ever and leave the other voters less
    /// and less.
    fun realise_rent(row: &mut Producer, height: u64) {
        update_age(row, height);
        if (row.ram_voteage == 0) return;
        let pool = vault::rewards_pool(row.bpname);
        let rent = share(pool, row.ram_voteage, row.total_voteage);
        vault::realise_rent(row.bpname, rent);
        row.total_voteage = row.total_voteage - row.ram_voteage;
        row.ram_voteage = 0
    }

    /// Of `pool` the part of `age` in `total`, rounded down.
    fun share(pool: u64, age: u128, total: u128): u64 {
        (((pool as u256) * (age as u256) / (total as u256)) as u64)
    }

    /// Counts a change of a stake.
    package fun change_stake(
        bpname: address,
        is_increase: bool,
        change: u64,
        is_for_ram: bool,
    ) acquires Producers {
        let height = block::get_current_block_height();
        let row = borrow_mut(borrow_global_mut<Producers>(@resource_model), bpname);
        assert!(!is_increase || !row.is_barred, errors::producer_barred());
        realise_rent(row, height);
        row.total_staked = moved(row.total_staked, is_increase, change);
        if (is_for_ram) row.ram_staked = moved(row.ram_staked, is_increase, change)
    }

    fun moved(amount: u64, is_increase: bool, change: u64): u64 {
        if (is_increase) amount + change else amount - change
    }

    /// Spends `age` of a voter: takes it out of the whole and tells what of the pool it is worth.
    package fun spend_age(bpname: address, age: u128): u64 acquires Producers {
        let height = block::get_current_block_height();
        let row = borrow_mut(borrow_global_mut<Producers>(@resource_model), bpname);
        realise_rent(row, height);
        assert!(row.total_voteage > 0 && age > 0, errors::claim_too_early());
        let reward = share(vault::rewards_pool(bpname), age, row.total_voteage);
        row.total_voteage = row.total_voteage - age;
        reward
    }

    #[view]
    /// Those in office, most votes first.
    public fun get_schedule(): vector<address> acquires Producers {
        borrow_global<Producers>(@resource_model).schedule
    }

    #[view]
    public fun is_in_office(name: address): bool acquires Producers {
        vector::contains(&borrow_global<Producers>(@resource_model).schedule, &name)
    }

    #[view]
    /// Everybody who ever stood, in the order in which they came.
    public fun get_names(): vector<address> acquires Producers {
        borrow_global<Producers>(@resource_model).names
    }

    #[view]
    public fun get_producer(bpname: address): Producer acquires Producers {
        *borrow_mut(borrow_global_mut<Producers>(@resource_model), bpname)
    }
}
