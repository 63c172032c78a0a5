/// How a group changes: who wants to be a node, or no longer, says so, and the others decide by
/// more than two thirds of those who are not the subject. adding -> added -> quiting -> quited.
module paracross::node_vote {
    use std::option;
    use std::signer;
    use std::string::String;
    use aptos_framework::block;
    use aptos_framework::event;
    use paracross::consensus;
    use paracross::errors;
    use paracross::manager;
    use paracross::node_list;
    use paracross::vault;

    /// How many blocks of the main chain a consensus stands still before the super manager may
    /// decide in place of nodes that do not.
    const STOP_BLOCKS: u64 = 30_000;

    #[event]
    struct Voted has drop, store {
        title: String,
        subject: address,
        voter: address,
        is_for: bool,
        votes_for: u64,
        votes_against: u64,
        /// How many may vote.
        voters: u64,
    }

    /// Asks to be a node and freezes coins for it.
    entry fun join(node: &signer, title: String, coins: u64) {
        node_list::check_title(title);
        let addr = signer::address_of(node);
        let state = node_list::state_of(title, addr);
        assert!(is_outside(state), errors::node_exists());
        assert!(!node_list::is_accused(title, addr), errors::accused());
        assert!(coins >= manager::coins_frozen_min(), errors::coins_frozen_low());
        vault::freeze_coins(node, title, coins);
        node_list::add_candidate(title, addr, coins)
    }

    fun is_outside(state: u8): bool {
        state == 0 || state == node_list::quited()
    }

    /// Asks to be a node no longer.
    entry fun quit(node: &signer, title: String) {
        let addr = signer::address_of(node);
        node_list::check_node(title, addr);
        let state = node_list::state_of(title, addr);
        assert!(state == node_list::added(), errors::bad_node_state());
        let (_, _, others) = node_list::count_votes(title, addr);
        assert!(others > 0, errors::last_node());
        node_list::change_state(title, addr, node_list::quiting())
    }

    /// Asks for neither any more.
    entry fun cancel(node: &signer, title: String) {
        node_list::check_title(title);
        let addr = signer::address_of(node);
        let state = node_list::state_of(title, addr);
        if (state == node_list::quiting()) {
            node_list::change_state(title, addr, node_list::added())
        } else {
            assert!(state == node_list::adding(), errors::bad_node_state());
            let coins = node_list::remove_candidate(title, addr);
            vault::unfreeze_coins(title, addr, coins)
        }
    }

    /// A node's word about another: for one that is adding or quiting, whether it should; for one
    /// that is added, whether it should stay. What most were against stays open and may pass later.
    entry fun vote(voter: &signer, title: String, subject: address, is_for: bool) {
        let by = signer::address_of(voter);
        node_list::check_node(title, by);
        assert!(by != subject, errors::self_vote());
        let state = node_list::state_of(title, subject);
        assert!(!is_outside(state), errors::bad_node_state());
        node_list::vote(title, subject, by, is_for);
        let (votes_for, votes_against, voters) = node_list::count_votes(title, subject);
        event::emit(Voted {
            title,
            subject,
            voter: by,
            is_for,
            votes_for,
            votes_against,
            voters,
        });
        if (3 * votes_for > 2 * voters && state != node_list::added()) {
            decide_for(title, subject, true)
        } else if (3 * votes_against > 2 * voters && state == node_list::added()) {
            decide_for(title, subject, false)
        }
    }

    /// The super manager's word in place of all votes, for a title whose consensus stands still.
    entry fun decide(manager: &signer, title: String, subject: address, is_for: bool) {
        manager::check(manager);
        node_list::check_title(title);
        let reached = consensus::main_height(title);
        let since = if (option::is_some(&reached)) {
            *option::borrow(&reached)
        } else {
            node_list::approved_height(title)
        };
        let now = block::get_current_block_height();
        assert!(now > since + STOP_BLOCKS, errors::stop_blocks_not_reached());
        decide_for(title, subject, is_for)
    }

    fun decide_for(title: String, subject: address, is_for: bool) {
        let state = node_list::state_of(title, subject);
        if (is_for && state == node_list::adding()) {
            node_list::change_state(title, subject, node_list::added())
        } else {
            let leaves = if (is_for) node_list::quiting() else node_list::added();
            assert!(state == leaves, errors::bad_node_state());
            leave(title, subject)
        };
        consensus::recount_title(title)
    }

    /// What a node froze is its payer's again, unless there is evidence against it: then it waits
    /// for what that evidence brings.
    fun leave(title: String, node: address) {
        let payer = node_list::payer_of(title, node);
        let coins = node_list::take_frozen(title, node);
        node_list::change_state(title, node, node_list::quited());
        vault::unfreeze_coins(title, payer, coins)
    }
}
