/// The calls that members of each channel have posted for its leader to order, and the seats that
/// may not lead because they did not.
module rooch::forced_call_record {
    use std::vector;
    use aptos_std::table::{Self, Table};
    use rooch::channel::{Self, Channel};
    use rooch::clock;
    use rooch::errors;
    use rooch::window;

    /// Active time that a leader has: to order a call takes a moment, but a settlement may have to
    /// make room for it first.
    const WINDOW_MS: u64 = 60_000;
    /// Active time for which a leader that did not may not lead again.
    const BARRED_MS: u64 = 60_000;

    struct ForcedCall has copy, drop, store {
        seat: u64,
        owner: address,
        nonce: u64,
        /// The last height at which the channel takes it.
        expiry: u64,
        /// Wall time of the block that posted it.
        posted_ms: u64,
        /// Who has to order it; zero while nobody leads.
        leader: u64,
        /// Active time by which it must be shown to be ordered.
        due_ms: u64,
    }

    struct Barred has copy, drop, store {
        seat: u64,
        /// Active time.
        until_ms: u64,
    }

    /// A forced call with its bytes, for nodes.
    struct Posted has copy, drop, store {
        forced: ForcedCall,
        /// BCS of SignedCall.
        call: vector<u8>,
    }

    struct Forced has copy, drop, store {
        /// At most one of each seat.
        open: vector<ForcedCall>,
        barred: vector<Barred>,
    }

    struct CallKey has copy, drop {
        channel: u64,
        seat: u64,
    }

    struct ForcedCallRegistry has key {
        /// By channel.
        forced: Table<u64, Forced>,
        calls: Table<CallKey, vector<u8>>,
    }

    /// Runs once, when the package is published.
    fun init_module(rooch: &signer) {
        move_to(rooch, ForcedCallRegistry { forced: table::new(), calls: table::new() })
    }

    fun all(channel: u64): Forced acquires ForcedCallRegistry {
        let forced = &borrow_global<ForcedCallRegistry>(@rooch).forced;
        if (table::contains(forced, channel)) *table::borrow(forced, channel)
        else Forced { open: vector[], barred: vector[] }
    }

    fun save(channel: u64, forced: Forced) acquires ForcedCallRegistry {
        table::upsert(
            &mut borrow_global_mut<ForcedCallRegistry>(@rooch).forced,
            channel,
            forced,
        )
    }

    /// Posts a call. Aborts with E_CALL_FORCED while another of the seat is open. Returns when it
    /// is due.
    package fun open(
        channel: &Channel,
        seat: u64,
        owner: address,
        nonce: u64,
        expiry: u64,
        call: vector<u8>,
    ): u64 acquires ForcedCallRegistry {
        let id = channel::id(channel);
        let forced = all(id);
        let (found, _) = find(&forced.open, seat);
        assert!(!found, errors::call_forced());
        let due_ms = clock::active_ms() + WINDOW_MS;
        let posted_ms = clock::wall_ms();
        let leader = channel::leader(channel);
        vector::push_back(
            &mut forced.open,
            ForcedCall { seat, owner, nonce, expiry, posted_ms, leader, due_ms },
        );
        save(id, forced);
        window::open(id, window::forced_call(), seat);
        let calls = &mut borrow_global_mut<ForcedCallRegistry>(@rooch).calls;
        table::add(calls, CallKey { channel: id, seat }, call);
        due_ms
    }

    /// Aborts with E_NO_FORCED_CALL where none of the seat is open.
    package fun call(channel: u64, seat: u64): ForcedCall acquires ForcedCallRegistry {
        let forced = all(channel);
        let (found, i) = find(&forced.open, seat);
        assert!(found, errors::no_forced_call());
        *vector::borrow(&forced.open, i)
    }

    package fun close(channel: u64, seat: u64) acquires ForcedCallRegistry {
        let forced = all(channel);
        let (found, i) = find(&forced.open, seat);
        assert!(found, errors::no_forced_call());
        vector::remove(&mut forced.open, i);
        save(channel, forced);
        let calls = &mut borrow_global_mut<ForcedCallRegistry>(@rooch).calls;
        table::remove(calls, CallKey { channel, seat });
    }

    /// A seat leads: one that has not led before has the whole window for what is open.
    package fun note_leader(channel: u64, leader: u64) acquires ForcedCallRegistry {
        let forced = all(channel);
        if (vector::is_empty(&forced.open)) return;
        let due_ms = clock::active_ms() + WINDOW_MS;
        for (i in 0..vector::length(&forced.open)) {
            let open = vector::borrow_mut(&mut forced.open, i);
            if (open.leader != leader) {
                open.leader = leader;
                open.due_ms = due_ms;
                window::open(channel, window::forced_call(), open.seat)
            }
        };
        save(channel, forced)
    }

    /// Keeps a seat from leading for a while, and forgets those that were kept long enough.
    package fun bar(channel: u64, seat: u64): u64 acquires ForcedCallRegistry {
        let forced = all(channel);
        let now_ms = clock::active_ms();
        let until_ms = now_ms + BARRED_MS;
        let kept = vector[Barred { seat, until_ms }];
        vector::for_each_ref(&forced.barred, |barred| {
            let barred: &Barred = barred;
            if (barred.seat != seat && now_ms < barred.until_ms) {
                vector::push_back(&mut kept, *barred)
            }
        });
        forced.barred = kept;
        save(channel, forced);
        until_ms
    }

    /// Aborts with E_BARRED while the seat may not lead.
    package fun assert_may_lead(channel: u64, seat: u64) acquires ForcedCallRegistry {
        let forced = all(channel);
        let now_ms = clock::active_ms();
        vector::for_each_ref(&forced.barred, |barred| {
            let barred: &Barred = barred;
            assert!(barred.seat != seat || now_ms >= barred.until_ms, errors::barred())
        })
    }

    /// What is open, with the bytes, and who is barred.
    package fun posted(channel: u64): (vector<Posted>, vector<Barred>) acquires ForcedCallRegistry {
        let forced = all(channel);
        let calls = &borrow_global<ForcedCallRegistry>(@rooch).calls;
        let posted = vector[];
        vector::for_each_ref(&forced.open, |open| {
            let open: &ForcedCall = open;
            let call = *table::borrow(calls, CallKey { channel, seat: open.seat });
            vector::push_back(&mut posted, Posted { forced: *open, call })
        });
        (posted, forced.barred)
    }

    package fun is_due(self: &ForcedCall): bool { clock::active_ms() >= self.due_ms }

    package fun owner(self: &ForcedCall): address { self.owner }

    package fun nonce(self: &ForcedCall): u64 { self.nonce }

    package fun expiry(self: &ForcedCall): u64 { self.expiry }

    package fun posted_ms(self: &ForcedCall): u64 { self.posted_ms }

    fun find(open: &vector<ForcedCall>, seat: u64): (bool, u64) {
        for (i in 0..vector::length(open)) {
            if (vector::borrow(open, i).seat == seat) return (true, i)
        };
        (false, 0)
    }
}
