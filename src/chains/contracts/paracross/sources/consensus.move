/// What the nodes of a parallel chain agree on, height by height. A node commits what it made of
/// each block; a height is done when more than two thirds of the title's nodes say the same of it,
/// and then what crosses between the chains in it takes effect.
module paracross::consensus {
    use std::option::{Self, Option};
    use std::signer;
    use std::string::String;
    use std::vector;
    use aptos_std::table::{Self, Table};
    use aptos_framework::block;
    use aptos_framework::event;
    use paracross::bitmap::{Self, Bitmap};
    use paracross::cross_asset;
    use paracross::errors;
    use paracross::height_record::{Self, HeightRecord};
    use paracross::node_list;
    use paracross::status::{Self, NodeStatus};
    use paracross::vault;

    /// Statuses in one transaction.
    const BATCH_SIZE_MAX: u64 = 20;
    /// Heights above the consensus that are recorded; nodes stop long before.
    const AHEAD_MAX: u64 = 1_000;
    /// Done heights whose records are kept, for evidence that comes late.
    const RECORDS_KEPT: u64 = 1_000;
    /// Heights that one change of a group, or one call, can finish: a transaction is bounded.
    const RECOUNT_MAX: u64 = 100;

    struct TitleStatus has copy, drop, store {
        /// None before the first consensus, for which the seed's system has -1.
        height: Option<u64>,
        block_hash: vector<u8>,
        state_hash: vector<u8>,
        main_block_hash: vector<u8>,
        main_block_height: u64,
    }

    struct HeightKey has copy, drop, store {
        title: String,
        height: u64,
    }

    struct Consensus has key {
        titles: Table<String, TitleStatus>,
        records: Table<HeightKey, HeightRecord>,
    }

    #[event]
    /// A node's word for a height that is not done.
    struct Commit has drop, store {
        title: String,
        height: u64,
        node: address,
        status_hash: vector<u8>,
        block_hash: vector<u8>,
    }

    #[event]
    /// A word for a height that is done: nothing comes of it.
    struct CommitRecord has drop, store {
        title: String,
        height: u64,
        node: address,
        status_hash: vector<u8>,
        block_hash: vector<u8>,
    }

    #[event]
    struct CommitDone has drop, store {
        title: String,
        height: u64,
        total_nodes: u64,
        /// Nodes that said anything of the height, and those that said this.
        total_commit: u64,
        most_same: u64,
        status_hash: vector<u8>,
        block_hash: vector<u8>,
        state_hash: vector<u8>,
        main_block_hash: vector<u8>,
        main_block_height: u64,
        tx_counts: u32,
        tx_result: Bitmap,
        cross_tx_result: Bitmap,
    }

    #[event]
    struct Equivocated has drop, store {
        title: String,
        height: u64,
        node: address,
        first: vector<u8>,
        second: vector<u8>,
    }

    #[event]
    struct Slashed has drop, store {
        title: String,
        height: u64,
        node: address,
        amount: u64,
    }

    fun init_module(owner: &signer) {
        move_to(owner, Consensus { titles: table::new(), records: table::new() })
    }

    /// What a node made of some blocks of its parallel chain: all of it is taken or nothing.
    /// `_nonce` makes a transaction that is sent again another one.
    entry fun commit(
        node: &signer,
        statuses: vector<vector<u8>>,
        _nonce: u64,
    ) acquires Consensus {
        let count = vector::length(&statuses);
        assert!(count > 0 && count <= BATCH_SIZE_MAX, errors::invalid_param());
        let from = signer::address_of(node);
        vector::reverse(&mut statuses);
        while (!vector::is_empty(&statuses)) {
            commit_one(from, status::decode(vector::pop_back(&mut statuses)))
        }
    }

    fun commit_one(from: address, status: NodeStatus) acquires Consensus {
        let title = status::title(&status);
        let height = status::height(&status);
        node_list::check_title(title);
        node_list::check_node(title, from);
        let state = borrow_global_mut<Consensus>(@paracross);
        let next = next_height(state, title);
        if (height == next) {
            assert!(follows(state, &status), errors::para_block_hash_no_match())
        };
        assert!(height == 0 || is_on_main(&status), errors::block_hash_no_match());
        if (height < next) {
            record_late(state, from, &status)
        } else {
            // `next` is at most 2^64 - 1 - AHEAD_MAX as long as a chain lives.
            assert!(height - next < AHEAD_MAX, errors::too_far_ahead());
            record_word(state, from, status);
            if (height == next) {
                finish(state, title);
            }
        }
    }

    fun next_height(state: &Consensus, title: String): u64 {
        if (!table::contains(&state.titles, title)) return 0;
        *option::borrow(&table::borrow(&state.titles, title).height) + 1
    }

    /// Whether a status of the height right above the consensus goes on from it.
    fun follows(state: &Consensus, status: &NodeStatus): bool {
        let title = status::title(status);
        status::height(status) == 0
            || table::borrow(&state.titles, title).block_hash == status::pre_block_hash(status)
    }

    /// Whether the status stands on a block of this chain: not so when that block was rolled back.
    /// Of blocks that are no longer told none can be, once they are final.
    fun is_on_main(status: &NodeStatus): bool {
        let height = status::main_block_height(status);
        let own = block::get_hash(height);
        if (vector::is_empty(&own)) return height < block::final_height();
        own == status::main_block_hash(status)
    }

    fun record_word(state: &mut Consensus, node: address, status: NodeStatus) {
        let (title, height) = (status::title(&status), status::height(&status));
        let (status_hash, block_hash) = (status::hash(&status), status::block_hash(&status));
        let key = HeightKey { title, height };
        let record = table::borrow_mut_with_default(&mut state.records, key, height_record::new());
        let first = height_record::note_equivocation(record, node, &status);
        height_record::put(record, node, status);
        event::emit(Commit { title, height, node, status_hash, block_hash });
        if (!vector::is_empty(&first)) accuse(title, height, node, first, status_hash)
    }

    fun accuse(
        title: String,
        height: u64,
        node: address,
        first: vector<u8>,
        second: vector<u8>,
    ) {
        node_list::accuse(title, node);
        event::emit(Equivocated { title, height, node, first, second })
    }

    /// What comes when the height is done changes nothing, but who contradicts itself pays.
    fun record_late(state: &mut Consensus, node: address, status: &NodeStatus) {
        let (title, height) = (status::title(status), status::height(status));
        let (status_hash, block_hash) = (status::hash(status), status::block_hash(status));
        event::emit(CommitRecord { title, height, node, status_hash, block_hash });
        let key = HeightKey { title, height };
        if (!table::contains(&state.records, key)) return;
        let record = table::borrow_mut(&mut state.records, key);
        let first = height_record::note_equivocation(record, node, status);
        if (!vector::is_empty(&first)) {
            accuse(title, height, node, first, status_hash);
            slash(title, height, record)
        }
    }

    /// Finishes the height right above the consensus when enough of today's nodes say the same of
    /// it: what most say, whoever spoke last. Tells whether it did.
    fun finish(state: &mut Consensus, title: String): bool {
        let height = next_height(state, title);
        let key = HeightKey { title, height };
        if (!table::contains(&state.records, key)) return false;
        let nodes = node_list::get_nodes(title);
        let total_nodes = vector::length(&nodes);
        let record = table::borrow(&state.records, key);
        let (place, most_same, total_commit) = height_record::count(record, &nodes);
        if (3 * most_same <= 2 * total_nodes) return false;
        let status = height_record::status_at(record, place);
        // What was said when it was not the next height was not held against the one below.
        if (!follows(state, &status)) return false;
        let record = table::borrow_mut(&mut state.records, key);
        height_record::finish(record, status);
        slash(title, height, record);
        advance(state, &status);
        event::emit(CommitDone {
            title,
            height,
            total_nodes,
            total_commit,
            most_same,
            status_hash: status::hash(&status),
            block_hash: status::block_hash(&status),
            state_hash: status::state_hash(&status),
            main_block_hash: status::main_block_hash(&status),
            main_block_height: status::main_block_height(&status),
            tx_counts: status::tx_counts(&status),
            tx_result: status::tx_result(&status),
            cross_tx_result: status::cross_tx_result(&status),
        });
        settle_cross(&status);
        true
    }

    fun advance(state: &mut Consensus, status: &NodeStatus) {
        let title = status::title(status);
        let height = status::height(status);
        let now = TitleStatus {
            height: option::some(height),
            block_hash: status::block_hash(status),
            state_hash: status::state_hash(status),
            main_block_hash: status::main_block_hash(status),
            main_block_height: status::main_block_height(status),
        };
        table::upsert(&mut state.titles, title, now);
        if (height >= RECORDS_KEPT) {
            table::remove(
                &mut state.records,
                HeightKey { title, height: height - RECORDS_KEPT },
            );
        }
    }

    fun settle_cross(status: &NodeStatus) {
        let title = status::title(status);
        let hashes = status::cross_tx_hashes(status);
        let results = status::cross_tx_result(status);
        let i = 0;
        while (i < vector::length(&hashes)) {
            let took_effect = bitmap::is_set(&results, i);
            cross_asset::settle(title, *vector::borrow(&hashes, i), took_effect);
            i = i + 1
        }
    }

    /// Takes the frozen coins of those who said two things of a height that is done, for those who
    /// said what was done, in equal parts; the first of them gets what is left of the division.
    fun slash(title: String, height: u64, record: &mut HeightRecord) {
        let done = status::hash(&height_record::status_at(record, 0));
        let offenders = height_record::take_offenders(record);
        let i = 0;
        while (i < vector::length(&offenders)) {
            let node = *vector::borrow(&offenders, i);
            let amount = node_list::punish(title, node);
            let winners = height_record::voters_of(record, &done, &node_list::get_nodes(title));
            let (found, place) = vector::index_of(&winners, &node);
            if (found) {
                vector::remove(&mut winners, place);
            };
            share_out(title, amount, &winners);
            event::emit(Slashed { title, height, node, amount });
            i = i + 1
        }
    }

    fun share_out(title: String, amount: u64, winners: &vector<address>) {
        let count = vector::length(winners);
        if (amount == 0) return;
        if (count == 0) {
            vault::forfeit(title, amount);
            return
        };
        let part = amount / count;
        let first = amount - part * (count - 1);
        let i = 0;
        while (i < count) {
            let units = if (i == 0) first else part;
            vault::unfreeze_coins(title, *vector::borrow(winners, i), units);
            i = i + 1
        }
    }

    /// Counts heights above the consensus again, one after the other, as far as they are done. Who
    /// the nodes are decides that, so every change of a group ends here.
    package fun recount_title(title: String) acquires Consensus {
        let state = borrow_global_mut<Consensus>(@paracross);
        let left = RECOUNT_MAX;
        while (left > 0 && finish(state, title)) left = left - 1
    }

    /// Goes on with what a change of the group began; anybody may.
    entry fun recount(_sender: &signer, title: String) acquires Consensus {
        node_list::check_title(title);
        recount_title(title)
    }

    /// Height of the main chain's block that the consensus has reached, none before the first.
    package fun main_height(title: String): Option<u64> acquires Consensus {
        let titles = &borrow_global<Consensus>(@paracross).titles;
        if (!table::contains(titles, title)) return option::none();
        option::some(table::borrow(titles, title).main_block_height)
    }

    #[view]
    /// The newest height that is done; none before the first.
    public fun consensus_height(title: String): Option<u64> acquires Consensus {
        get_title(title).height
    }

    #[view]
    /// What is done of a title, empty before the first consensus.
    public fun get_title(title: String): TitleStatus acquires Consensus {
        let none = TitleStatus {
            height: option::none(),
            block_hash: vector[],
            state_hash: vector[],
            main_block_hash: vector[],
            main_block_height: 0,
        };
        *table::borrow_with_default(&borrow_global<Consensus>(@paracross).titles, title, &none)
    }

    #[view]
    /// What was said of a height; empty where nothing was, and long after it was done.
    public fun get_height(title: String, height: u64): HeightRecord acquires Consensus {
        let records = &borrow_global<Consensus>(@paracross).records;
        let none = height_record::new();
        *table::borrow_with_default(records, HeightKey { title, height }, &none)
    }
}
