/// From which heights on a parallel chain trusts its own nodes' agreement without waiting for the
/// main chain: stages that a title's nodes vote on.
module paracross::self_stage {
    use std::option;
    use std::signer;
    use std::string::String;
    use std::vector;
    use aptos_std::table::{Self, Table};
    use aptos_framework::event;
    use paracross::consensus;
    use paracross::errors;
    use paracross::node_list;

    /// Stages of a title that are remembered; the older ones lie far below its consensus.
    const STAGE_COUNT_MAX: u64 = 32;
    const OPEN: u8 = 0;
    const APPROVED: u8 = 1;
    const CANCELLED: u8 = 2;

    struct StageKey has copy, drop, store {
        title: String,
        id: u64,
    }

    struct Stage has copy, drop, store {
        start_height: u64,
        is_enabled: bool,
        applicant: address,
        state: u8,
        /// Who is for it.
        voters: vector<address>,
    }

    struct Turn has copy, drop, store {
        start_height: u64,
        is_enabled: bool,
    }

    struct TitleStages has copy, drop, store {
        next_id: u64,
        /// What was approved, in the order of heights.
        turns: vector<Turn>,
    }

    struct SelfStages has key {
        stages: Table<StageKey, Stage>,
        titles: Table<String, TitleStages>,
    }

    #[event]
    struct StageChanged has drop, store {
        title: String,
        stage: u64,
        start_height: u64,
        is_enabled: bool,
        state: u8,
    }

    fun init_module(owner: &signer) {
        move_to(owner, SelfStages { stages: table::new(), titles: table::new() })
    }

    /// Proposes a stage, which begins above the consensus and above the last one and changes
    /// something: without any, a chain does not trust itself.
    entry fun apply(
        node: &signer,
        title: String,
        start_height: u64,
        is_enabled: bool,
    ) acquires SelfStages {
        let applicant = signer::address_of(node);
        node_list::check_node(title, applicant);
        let state = borrow_global_mut<SelfStages>(@paracross);
        let fresh = TitleStages { next_id: 0, turns: vector[] };
        let stages = table::borrow_mut_with_default(&mut state.titles, title, fresh);
        check_turn(title, &stages.turns, start_height, is_enabled);
        let id = stages.next_id;
        stages.next_id = id + 1;
        let voters = vector[];
        let stage = Stage { start_height, is_enabled, applicant, state: OPEN, voters };
        table::add(&mut state.stages, StageKey { title, id }, stage);
        emit_change(title, id, &stage)
    }

    fun check_turn(title: String, turns: &vector<Turn>, start_height: u64, is_enabled: bool) {
        let reached = consensus::consensus_height(title);
        let is_ahead = option::is_none(&reached) || start_height > *option::borrow(&reached);
        let count = vector::length(turns);
        if (count == 0) {
            assert!(is_ahead && is_enabled, errors::bad_stage())
        } else {
            let last = vector::borrow(turns, count - 1);
            let is_change = start_height > last.start_height && is_enabled != last.is_enabled;
            assert!(is_ahead && is_change, errors::bad_stage())
        }
    }

    /// A node's word; more than two thirds of the nodes being for it bring the stage in force.
    entry fun vote(
        node: &signer,
        title: String,
        stage: u64,
        is_for: bool,
    ) acquires SelfStages {
        let by = signer::address_of(node);
        node_list::check_node(title, by);
        let state = borrow_global_mut<SelfStages>(@paracross);
        let row = open_stage(state, title, stage);
        let (found, place) = vector::index_of(&row.voters, &by);
        if (found && !is_for) {
            vector::remove(&mut row.voters, place);
        } else if (!found && is_for) {
            vector::push_back(&mut row.voters, by)
        };
        if (!has_passed(title, &row.voters)) return;
        row.state = APPROVED;
        let Stage { start_height, is_enabled, .. } = *row;
        emit_change(title, stage, row);
        let turns = &mut table::borrow_mut(&mut state.titles, title).turns;
        // Others may have been approved since, or the consensus gone on.
        check_turn(title, turns, start_height, is_enabled);
        vector::push_back(turns, Turn { start_height, is_enabled });
        if (vector::length(turns) > STAGE_COUNT_MAX) {
            vector::remove(turns, 0);
        }
    }

    fun has_passed(title: String, voters: &vector<address>): bool {
        let nodes = node_list::get_nodes(title);
        let yes = 0;
        let i = 0;
        while (i < vector::length(voters)) {
            if (vector::contains(&nodes, vector::borrow(voters, i))) yes = yes + 1;
            i = i + 1
        };
        3 * yes > 2 * vector::length(&nodes)
    }

    /// Takes the signer's own stage back.
    entry fun cancel(node: &signer, title: String, stage: u64) acquires SelfStages {
        let state = borrow_global_mut<SelfStages>(@paracross);
        let row = open_stage(state, title, stage);
        assert!(row.applicant == signer::address_of(node), errors::not_applicant());
        row.state = CANCELLED;
        emit_change(title, stage, row);
        table::remove(&mut state.stages, StageKey { title, id: stage });
    }

    fun open_stage(state: &mut SelfStages, title: String, id: u64): &mut Stage {
        let key = StageKey { title, id };
        assert!(table::contains(&state.stages, key), errors::stage_not_open());
        let row = table::borrow_mut(&mut state.stages, key);
        assert!(row.state == OPEN, errors::stage_not_open());
        row
    }

    fun emit_change(title: String, stage: u64, row: &Stage) {
        let Stage { start_height, is_enabled, state, .. } = *row;
        event::emit(StageChanged { title, stage, start_height, is_enabled, state })
    }

    #[view]
    /// A stage that was not cancelled.
    public fun get_stage(title: String, stage: u64): Stage acquires SelfStages {
        let stages = &borrow_global<SelfStages>(@paracross).stages;
        let key = StageKey { title, id: stage };
        assert!(table::contains(stages, key), errors::stage_not_open());
        *table::borrow(stages, key)
    }

    #[view]
    /// Whether the parallel chain trusts itself at a height of its own.
    public fun is_self_consensus(title: String, height: u64): bool acquires SelfStages {
        let titles = &borrow_global<SelfStages>(@paracross).titles;
        if (!table::contains(titles, title)) return false;
        let turns = &table::borrow(titles, title).turns;
        let i = vector::length(turns);
        while (i > 0) {
            i = i - 1;
            let turn = vector::borrow(turns, i);
            if (turn.start_height <= height) return turn.is_enabled
        };
        false
    }
}
