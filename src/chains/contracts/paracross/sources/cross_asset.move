/// Coins between the main chain and its parallel chains, on the main chain's side. An action
/// stands here until the parallel chain's nodes agree on what became of it there; then it is
/// settled, once.
module paracross::cross_asset {
    use std::bcs;
    use std::hash;
    use std::signer;
    use std::string::String;
    use std::vector;
    use aptos_std::table::{Self, Table};
    use aptos_framework::block;
    use aptos_framework::event;
    use paracross::crossing;
    use paracross::errors;
    use paracross::node_list;
    use paracross::title;
    use paracross::vault;

    /// SHA-256("HOLDFAST::CrossAction").
    const DOMAIN: vector<u8> =
        x"6f892c2d123ca79341bc1dfddda1652bf2dfbe19e5b0204ba4bf70d69d5d8a1a";
    /// From the main chain to the parallel one.
    const TRANSFER: u8 = 0;
    const WITHDRAW: u8 = 1;
    /// Actions of a title in one block: what is done in one transaction has to be bounded.
    const BLOCK_ACTION_COUNT_MAX: u64 = 32;

    const KEPT: u8 = 0;
    const RELEASED: u8 = 1;
    const ROLLED_BACK: u8 = 2;
    const DROPPED: u8 = 3;
    const OWED: u8 = 4;

    struct Action has copy, drop, store {
        title: String,
        /// From 0, one for each action of the title.
        id: u64,
        kind: u8,
        from: address,
        to: address,
        amount: u64,
    }

    struct Waiting has copy, drop, store {
        action: Action,
        /// Done on the parallel chain when less was locked here.
        is_owed: bool,
    }

    struct Counter has copy, drop, store {
        next_id: u64,
        /// The newest block that holds actions of the title, and how many.
        height: u64,
        in_block: u64,
    }

    struct CrossAssets has key {
        /// By hash.
        waiting: Table<vector<u8>, Waiting>,
        counters: Table<String, Counter>,
    }

    #[event]
    struct AssetTransfer has drop, store {
        hash: vector<u8>,
        title: String,
        id: u64,
        from: address,
        to: address,
        amount: u64,
    }

    #[event]
    struct AssetWithdraw has drop, store {
        hash: vector<u8>,
        title: String,
        id: u64,
        from: address,
        to: address,
        amount: u64,
    }

    #[event]
    struct AssetSettled has drop, store {
        hash: vector<u8>,
        title: String,
        id: u64,
        kind: u8,
        outcome: u8,
        to: address,
        amount: u64,
    }

    fun init_module(owner: &signer) {
        move_to(owner, CrossAssets { waiting: table::new(), counters: table::new() })
    }

    /// Locks coins here; the parallel chain credits them to `to`, or they come back.
    public entry fun transfer(
        sender: &signer,
        title: String,
        to: address,
        amount: u64,
    ) acquires CrossAssets {
        let action = begin(sender, title, TRANSFER, to, amount);
        vault::add_waiting(sender, title, amount);
        let hash = keep(action);
        let Action { id, from, .. } = action;
        crossing::note_transfer(title, from, amount);
        event::emit(AssetTransfer { hash, title, id, from, to, amount })
    }

    /// Asks the parallel chain to take coins from the signer's account there; when that is done
    /// they are paid to `to` here.
    public entry fun withdraw(
        sender: &signer,
        title: String,
        to: address,
        amount: u64,
    ) acquires CrossAssets {
        let action = begin(sender, title, WITHDRAW, to, amount);
        let hash = keep(action);
        let Action { id, from, .. } = action;
        crossing::note_withdrawal(title, from);
        event::emit(AssetWithdraw { hash, title, id, from, to, amount })
    }

    /// `transfer` under a number, which is how many actions the signer has begun for the title:
    /// repeated, it is refused.
    entry fun transfer_once(
        sender: &signer,
        title: String,
        to: address,
        amount: u64,
        number: u64,
    ) acquires CrossAssets {
        crossing::assert_next(title, signer::address_of(sender), number);
        transfer(sender, title, to, amount)
    }

    /// `withdraw` under a number, likewise.
    entry fun withdraw_once(
        sender: &signer,
        title: String,
        to: address,
        amount: u64,
        number: u64,
    ) acquires CrossAssets {
        crossing::assert_next(title, signer::address_of(sender), number);
        withdraw(sender, title, to, amount)
    }

    fun begin(
        sender: &signer,
        title: String,
        kind: u8,
        to: address,
        amount: u64,
    ): Action acquires CrossAssets {
        title::check(&title);
        node_list::check_title(title);
        // Nothing can be paid to the zero address, and done must not abort.
        assert!(amount > 0 && to != @0x0, errors::invalid_param());
        let counters = &mut borrow_global_mut<CrossAssets>(@paracross).counters;
        let fresh = Counter { next_id: 0, height: 0, in_block: 0 };
        let counter = table::borrow_mut_with_default(counters, title, fresh);
        let now = block::get_current_block_height();
        if (counter.height != now) {
            counter.height = now;
            counter.in_block = 0
        };
        assert!(counter.in_block < BLOCK_ACTION_COUNT_MAX, errors::too_many_cross());
        counter.in_block = counter.in_block + 1;
        let id = counter.next_id;
        counter.next_id = id + 1;
        Action { title, id, kind, from: signer::address_of(sender), to, amount }
    }

    fun keep(action: Action): vector<u8> acquires CrossAssets {
        let hash = hash_of(&action);
        let waiting = &mut borrow_global_mut<CrossAssets>(@paracross).waiting;
        table::add(waiting, hash, Waiting { action, is_owed: false });
        hash
    }

    fun hash_of(action: &Action): vector<u8> {
        let bytes = DOMAIN;
        vector::append(&mut bytes, bcs::to_bytes(action));
        hash::sha2_256(bytes)
    }

    /// The hash of an action as the parallel chain is told of it.
    package fun hash_of_parts(
        title: String,
        id: u64,
        is_withdrawal: bool,
        from: address,
        to: address,
        amount: u64,
    ): vector<u8> {
        let kind = if (is_withdrawal) WITHDRAW else TRANSFER;
        hash_of(&Action { title, id, kind, from, to, amount })
    }

    /// What the nodes of `title` agree on: whether the action took effect on the parallel chain.
    /// Never aborts, whatever they agree on: what is no action of the title, or was settled, is
    /// passed over.
    package fun settle(title: String, hash: vector<u8>, took_effect: bool) acquires CrossAssets {
        let waiting = &mut borrow_global_mut<CrossAssets>(@paracross).waiting;
        if (!table::contains(waiting, hash)) return;
        let entry = table::borrow_mut(waiting, hash);
        let action = entry.action;
        if (entry.is_owed || action.title != title) return;
        let outcome = settle_action(&action, took_effect);
        if (outcome == OWED) entry.is_owed = true else {
            table::remove(waiting, hash);
        };
        emit_settled(hash, &action, outcome)
    }

    fun settle_action(action: &Action, took_effect: bool): u8 {
        let (title, amount) = (action.title, action.amount);
        if (action.kind == TRANSFER) {
            if (took_effect) {
                vault::lock(title, amount);
                KEPT
            } else {
                vault::roll_back(title, action.from, amount);
                crossing::note_roll_back(title, action.from, amount);
                ROLLED_BACK
            }
        } else if (!took_effect) {
            DROPPED
        } else if (vault::release(title, action.to, amount)) {
            crossing::note_release(title, action.from, amount);
            RELEASED
        } else {
            OWED
        }
    }

    /// Pays a withdrawal that was done when too little was locked; anybody may ask.
    entry fun pay_owed(_sender: &signer, hash: vector<u8>) acquires CrossAssets {
        let waiting = &mut borrow_global_mut<CrossAssets>(@paracross).waiting;
        assert!(table::contains(waiting, hash), errors::cross_not_exist());
        let Waiting { action, is_owed } = table::remove(waiting, hash);
        let is_paid = is_owed && vault::release(action.title, action.to, action.amount);
        assert!(is_paid, errors::cross_not_payable());
        crossing::note_release(action.title, action.from, action.amount);
        emit_settled(hash, &action, RELEASED)
    }

    fun emit_settled(hash: vector<u8>, action: &Action, outcome: u8) {
        let Action { title, id, kind, from, to, amount } = *action;
        let to = if (outcome == ROLLED_BACK) from else to;
        event::emit(AssetSettled { hash, title, id, kind, outcome, to, amount })
    }

    #[view]
    public fun has_action(hash: vector<u8>): bool acquires CrossAssets {
        table::contains(&borrow_global<CrossAssets>(@paracross).waiting, hash)
    }

    #[view]
    /// An action that was not settled yet, or is owed.
    public fun get_action(hash: vector<u8>): Waiting acquires CrossAssets {
        let waiting = &borrow_global<CrossAssets>(@paracross).waiting;
        assert!(table::contains(waiting, hash), errors::cross_not_exist());
        *table::borrow(waiting, hash)
    }
}
