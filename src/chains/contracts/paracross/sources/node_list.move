/// Who the nodes of each title are, and what is known of each: its state, what it has frozen and
/// who paid that, and how the others vote about it.
module paracross::node_list {
    use std::string::String;
    use std::vector;
    use aptos_std::table::{Self, Table};
    use aptos_framework::block;
    use aptos_framework::event;
    use paracross::errors;

    const NONE: u8 = 0;
    const ADDING: u8 = 1;
    const ADDED: u8 = 2;
    const QUITING: u8 = 3;
    const QUITED: u8 = 4;

    struct NodeKey has copy, drop, store {
        title: String,
        node: address,
    }

    struct Ballot has copy, drop, store {
        voter: address,
        is_for: bool,
    }

    struct Node has copy, drop, store {
        state: u8,
        /// Units, in the title's pile.
        coins_frozen: u64,
        /// To whom they go back.
        payer: address,
        /// On the change that is open, each voter once.
        votes: vector<Ballot>,
        /// Heights, not done yet, of which it said two things: as long as there are any its coins
        /// stay frozen, whether it is a node or not.
        accusations: u64,
    }

    struct Group has drop, store {
        /// Those who are added or quiting: their commits and votes count.
        nodes: vector<address>,
        /// Height of the main chain's block in which the group was approved.
        approved_height: u64,
    }

    struct Nodes has key {
        groups: Table<String, Group>,
        nodes: Table<NodeKey, Node>,
    }

    #[event]
    struct NodeChanged has drop, store {
        title: String,
        node: address,
        state: u8,
        /// How many nodes the group has now.
        members: u64,
    }

    fun init_module(owner: &signer) {
        move_to(owner, Nodes { groups: table::new(), nodes: table::new() })
    }

    package inline fun adding(): u8 { 1 }

    package inline fun added(): u8 { 2 }

    package inline fun quiting(): u8 { 3 }

    package inline fun quited(): u8 { 4 }

    /// Makes the group of a title that has none; each address has frozen `coins`, paid by `payer`.
    package fun create_group(
        title: String,
        addresses: vector<address>,
        coins: u64,
        payer: address,
    ) acquires Nodes {
        let state = borrow_global_mut<Nodes>(@paracross);
        let approved_height = block::get_current_block_height();
        let i = 0;
        while (i < vector::length(&addresses)) {
            let node = *vector::borrow(&addresses, i);
            let row = new_node(ADDED, coins, payer);
            table::add(&mut state.nodes, NodeKey { title, node }, row);
            event::emit(NodeChanged { title, node, state: ADDED, members: i + 1 });
            i = i + 1
        };
        table::add(&mut state.groups, title, Group { nodes: addresses, approved_height })
    }

    fun new_node(state: u8, coins_frozen: u64, payer: address): Node {
        Node { state, coins_frozen, payer, votes: vector[], accusations: 0 }
    }

    /// Somebody who wants to be a node.
    package fun add_candidate(title: String, node: address, coins: u64) acquires Nodes {
        let state = borrow_global_mut<Nodes>(@paracross);
        let row = new_node(ADDING, coins, node);
        table::upsert(&mut state.nodes, NodeKey { title, node }, row);
        emit_change(state, title, node, ADDING)
    }

    /// Makes somebody who wanted to be a node nobody again. Tells what was frozen.
    package fun remove_candidate(title: String, node: address): u64 acquires Nodes {
        let state = borrow_global_mut<Nodes>(@paracross);
        let Node { coins_frozen, .. } = table::remove(&mut state.nodes, NodeKey { title, node });
        emit_change(state, title, node, NONE);
        coins_frozen
    }

    /// From one state of a node to another; what was voted about the last one is over.
    package fun change_state(title: String, node: address, to: u8) acquires Nodes {
        let state = borrow_global_mut<Nodes>(@paracross);
        let row = table::borrow_mut(&mut state.nodes, NodeKey { title, node });
        let nodes = &mut table::borrow_mut(&mut state.groups, title).nodes;
        let (is_member, place) = vector::index_of(nodes, &node);
        if (to == QUITED) {
            // An empty group could never have a node again.
            assert!(vector::length(nodes) > 1, errors::last_node());
            vector::remove(nodes, place);
        } else if (!is_member) {
            vector::push_back(nodes, node)
        };
        row.state = to;
        row.votes = vector[];
        emit_change(state, title, node, to)
    }

    /// Sets a node's frozen coins to nothing and tells what they were. None are taken as long as
    /// the node is accused.
    package fun take_frozen(title: String, node: address): u64 acquires Nodes {
        let row = borrow_node(title, node);
        if (row.accusations > 0) return 0;
        let coins = row.coins_frozen;
        row.coins_frozen = 0;
        coins
    }

    /// Remembers that there is evidence against a node, until it is punished for it.
    package fun accuse(title: String, node: address) acquires Nodes {
        let row = borrow_node(title, node);
        row.accusations = row.accusations + 1
    }

    /// Ends an accusation: what the node has frozen is taken, if it was not for another one.
    package fun punish(title: String, node: address): u64 acquires Nodes {
        let row = borrow_node(title, node);
        row.accusations = row.accusations - 1;
        let coins = row.coins_frozen;
        row.coins_frozen = 0;
        coins
    }

    inline fun borrow_node(title: String, node: address): &mut Node {
        let nodes = &mut borrow_global_mut<Nodes>(@paracross).nodes;
        table::borrow_mut(nodes, NodeKey { title, node })
    }

    /// Puts a voter's word about a node in place of an earlier one.
    package fun vote(
        title: String,
        node: address,
        voter: address,
        is_for: bool,
    ) acquires Nodes {
        let state = borrow_global_mut<Nodes>(@paracross);
        let votes = &mut table::borrow_mut(&mut state.nodes, NodeKey { title, node }).votes;
        let i = 0;
        while (i < vector::length(votes) && vector::borrow(votes, i).voter != voter) i = i + 1;
        if (i < vector::length(votes)) {
            vector::borrow_mut(votes, i).is_for = is_for
        } else {
            vector::push_back(votes, Ballot { voter, is_for })
        }
    }

    /// Votes for and against what is open about a node, of those who are nodes now and not the
    /// subject, and how many these are.
    package fun count_votes(title: String, node: address): (u64, u64, u64) acquires Nodes {
        let state = borrow_global<Nodes>(@paracross);
        let votes = &table::borrow(&state.nodes, NodeKey { title, node }).votes;
        let nodes = &table::borrow(&state.groups, title).nodes;
        let voters = vector::length(nodes);
        if (vector::contains(nodes, &node)) voters = voters - 1;
        let (yes, no) = (0, 0);
        let i = 0;
        while (i < vector::length(votes)) {
            let ballot = vector::borrow(votes, i);
            if (ballot.voter != node && vector::contains(nodes, &ballot.voter)) {
                if (ballot.is_for) yes = yes + 1 else no = no + 1
            };
            i = i + 1
        };
        (yes, no, voters)
    }

    fun emit_change(state: &Nodes, title: String, node: address, to: u8) {
        let members = vector::length(&table::borrow(&state.groups, title).nodes);
        event::emit(NodeChanged { title, node, state: to, members })
    }

    /// Aborts unless the title has a group.
    package fun check_title(title: String) acquires Nodes {
        assert!(has_group(title), errors::title_not_exist())
    }

    /// Aborts unless the title has a group that has this node.
    package fun check_node(title: String, node: address) acquires Nodes {
        let found = vector::contains(&get_nodes(title), &node);
        assert!(found, errors::node_not_for_title())
    }

    package fun approved_height(title: String): u64 acquires Nodes {
        table::borrow(&borrow_global<Nodes>(@paracross).groups, title).approved_height
    }

    package fun state_of(title: String, node: address): u8 acquires Nodes {
        get_node(title, node).state
    }

    package fun payer_of(title: String, node: address): address acquires Nodes {
        get_node(title, node).payer
    }

    package fun is_accused(title: String, node: address): bool acquires Nodes {
        get_node(title, node).accusations > 0
    }

    #[view]
    public fun has_group(title: String): bool acquires Nodes {
        table::contains(&borrow_global<Nodes>(@paracross).groups, title)
    }

    #[view]
    /// The nodes of a title, in the order in which they came. Aborts for a title without a group.
    public fun get_nodes(title: String): vector<address> acquires Nodes {
        let groups = &borrow_global<Nodes>(@paracross).groups;
        assert!(table::contains(groups, title), errors::title_not_exist());
        table::borrow(groups, title).nodes
    }

    #[view]
    /// What is known of a node; state 0 for who never was one.
    public fun get_node(title: String, node: address): Node acquires Nodes {
        let nobody = new_node(NONE, 0, node);
        let nodes = &borrow_global<Nodes>(@paracross).nodes;
        *table::borrow_with_default(nodes, NodeKey { title, node }, &nobody)
    }
}
