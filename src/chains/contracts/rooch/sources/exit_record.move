/// Exits of each channel: those that are open, what those that are over may still claim, and whose
/// assets were claimed before a settlement told of it.
module rooch::exit_record {
    use std::vector;
    use aptos_std::table::{Self, Table};
    use rooch::channel::{Self, Channel};
    use rooch::clock;
    use rooch::checkpoint::{Self, Checkpoint};
    use rooch::config;
    use rooch::errors;
    use rooch::header::{Self, HeaderRef};

    /// Exits that may be open in a channel at a time: as many as have records there.
    const OPEN_MAX: u64 = 64;

    struct Exit has copy, drop, store {
        seat: u64,
        owner: address,
        /// Active time from which it may be finished.
        due_ms: u64,
        /// The highest confirmed header that its owner knew, or said he knew.
        posted: HeaderRef,
        /// False once the bond is lost.
        has_bond: bool,
    }

    /// What a seat that has left alone may still fetch: its asset as of this root.
    struct Claim has copy, drop, store {
        seat: u64,
        owner: address,
        reference: HeaderRef,
        state_root: vector<u8>,
    }

    struct Exits has copy, drop, store {
        open: vector<Exit>,
        claims: vector<Claim>,
        /// Whose assets are gone from escrow though no settlement has said so yet.
        claimed: vector<address>,
    }

    struct ExitRegistry has key {
        /// By channel.
        exits: Table<u64, Exits>,
    }

    /// Runs once, when the package is published.
    fun init_module(rooch: &signer) {
        move_to(rooch, ExitRegistry { exits: table::new() })
    }

    package fun exits(channel: u64): Exits acquires ExitRegistry {
        let all = &borrow_global<ExitRegistry>(@rooch).exits;
        if (table::contains(all, channel)) *table::borrow(all, channel)
        else Exits { open: vector[], claims: vector[], claimed: vector[] }
    }

    fun save(channel: u64, exits: Exits) acquires ExitRegistry {
        table::upsert(&mut borrow_global_mut<ExitRegistry>(@rooch).exits, channel, exits)
    }

    // Open exits.

    /// Opens one. Aborts with E_EXIT_OPEN where the seat's is open.
    package fun open(
        channel: &Channel,
        seat: u64,
        owner: address,
        posted: HeaderRef,
    ): u64 acquires ExitRegistry {
        let id = channel::id(channel);
        let exits = exits(id);
        let (found, _) = find(&exits.open, seat);
        assert!(!found && vector::length(&exits.open) < OPEN_MAX, errors::exit_open());
        let due_ms =
            clock::active_ms() + config::challenge_window_ms(&channel::config(channel));
        vector::push_back(
            &mut exits.open,
            Exit { seat, owner, due_ms, posted, has_bond: true },
        );
        save(id, exits);
        due_ms
    }

    /// The open exit of a seat. Aborts with E_NO_EXIT without one.
    package fun open_exit(channel: u64, seat: u64): Exit acquires ExitRegistry {
        let exits = exits(channel);
        let (found, i) = find(&exits.open, seat);
        assert!(found, errors::no_exit());
        *vector::borrow(&exits.open, i)
    }

    /// Whether anybody's is open.
    package fun has_open(channel: u64): bool acquires ExitRegistry {
        !vector::is_empty(&exits(channel).open)
    }

    package fun lose_bond(channel: u64, seat: u64) acquires ExitRegistry {
        let exits = exits(channel);
        let (found, i) = find(&exits.open, seat);
        assert!(found, errors::no_exit());
        vector::borrow_mut(&mut exits.open, i).has_bond = false;
        save(channel, exits)
    }

    /// Ends an open exit; where it leaves an asset behind, that may be claimed from now on.
    package fun finish(
        channel: u64,
        seat: u64,
        checkpoint: &Checkpoint,
        has_asset: bool,
    ) acquires ExitRegistry {
        let exits = exits(channel);
        let (found, i) = find(&exits.open, seat);
        assert!(found, errors::no_exit());
        let Exit { seat: _, owner, due_ms: _, posted: _, has_bond: _ } =
            vector::remove(&mut exits.open, i);
        if (has_asset) {
            let reference = checkpoint::reference(checkpoint);
            let state_root = checkpoint::state_root(checkpoint);
            vector::push_back(&mut exits.claims, Claim { seat, owner, reference, state_root })
        };
        save(channel, exits)
    }

    // Claims.

    /// Uses up a seat's claim. Aborts with E_NO_EXIT without one.
    package fun take_claim(channel: u64, seat: u64): Claim acquires ExitRegistry {
        let exits = exits(channel);
        let at = 0;
        let count = vector::length(&exits.claims);
        while (at < count && vector::borrow(&exits.claims, at).seat != seat) at = at + 1;
        assert!(at < count, errors::no_exit());
        let claim = vector::remove(&mut exits.claims, at);
        vector::push_back(&mut exits.claimed, claim.owner);
        save(channel, exits);
        claim
    }

    /// Forgets a claim whose seat has been paid otherwise.
    package fun drop_claim(channel: u64, seat: u64) acquires ExitRegistry {
        let exits = exits(channel);
        let kept = vector[];
        vector::for_each_ref(&exits.claims, |claim| {
            let claim: &Claim = claim;
            if (claim.seat != seat) vector::push_back(&mut kept, *claim)
        });
        if (vector::length(&kept) == vector::length(&exits.claims)) return;
        exits.claims = kept;
        save(channel, exits)
    }

    /// Whether the owner's asset was claimed since the last settlement: change sets that still tell
    /// of it have nothing to apply.
    package fun has_claimed(channel: u64, owner: address): bool acquires ExitRegistry {
        vector::contains(&exits(channel).claimed, &owner)
    }

    /// Aborts with E_ALREADY_MEMBER while a settlement to come may still tell of an asset that this
    /// address has claimed: in the channel there cannot be two.
    package fun assert_may_join(channel: u64, owner: address) acquires ExitRegistry {
        assert!(!has_claimed(channel, owner), errors::already_member())
    }

    /// A settlement is executed: from now on change sets know who is gone.
    package fun forget_claimed(channel: u64) acquires ExitRegistry {
        let exits = exits(channel);
        if (vector::is_empty(&exits.claimed)) return;
        exits.claimed = vector[];
        save(channel, exits)
    }

    // Settling while an exit is open.

    /// Aborts with E_STALE_CHECKPOINT for a settlement below what an exit was paid from, or, while
    /// one is open, below the highest confirmed header.
    package fun assert_may_settle(
        channel: &Channel,
        reference: &HeaderRef,
    ) acquires ExitRegistry {
        let id = channel::id(channel);
        checkpoint::assert_not_below_floor(id, reference);
        if (!has_open(id)) return;
        let highest = checkpoint::reference(&checkpoint::highest(channel));
        assert!(!header::is_higher(&highest, reference), errors::stale_checkpoint())
    }

    /// Aborts with E_NOT_SETTLED while what an exit was paid from is not settled: the state in
    /// escrow would be older than what was paid.
    package fun assert_may_close(channel: &Channel) {
        let floor = checkpoint::floor(channel::id(channel));
        if (vector::is_empty(&floor)) return;
        let paid = checkpoint::reference(vector::borrow(&floor, 0));
        let settled = channel::settled_reference(channel);
        assert!(!header::is_higher(&paid, &settled), errors::not_settled())
    }

    package fun owner(self: &Exit): address { self.owner }

    package fun posted(self: &Exit): HeaderRef { self.posted }

    package fun has_bond(self: &Exit): bool { self.has_bond }

    package fun is_due(self: &Exit): bool { clock::active_ms() >= self.due_ms }

    package fun claimant(self: &Claim): address { self.owner }

    package fun claim_root(self: &Claim): vector<u8> { self.state_root }

    fun find(open: &vector<Exit>, seat: u64): (bool, u64) {
        for (i in 0..vector::length(open)) {
            if (vector::borrow(open, i).seat == seat) return (true, i)
        };
        (false, 0)
    }
}
