/// The demands for data that are open in each channel, how often each seat has made one, and what
/// was answered since the last settlement: who demanded reads it here.
module rooch::challenge_record {
    use std::hash;
    use std::vector;
    use aptos_std::table::{Self, Table};
    use rooch::channel::{Self, Channel};
    use rooch::clock;
    use rooch::config;
    use rooch::errors;

    const HEADERS_MAX: u64 = 16;
    /// Demands of one seat about one settlement.
    const DEMANDS_MAX: u64 = 2;

    struct Demand has copy, drop, store {
        id: u64,
        proposal: u64,
        challenger: address,
        /// The headers that are still to be answered.
        next: u64,
        last: u64,
        /// Active time by which they must be.
        due_ms: u64,
    }

    struct Count has copy, drop, store {
        seat: u64,
        demands: u64,
    }

    /// Names an answer that was given.
    struct Answer has copy, drop, store {
        number: u64,
        proposal: u64,
        /// SHA-256 of its bytes.
        hash: vector<u8>,
    }

    struct AnswerKey has copy, drop {
        channel: u64,
        number: u64,
    }

    struct Demands has copy, drop, store {
        next_id: u64,
        open: vector<Demand>,
        /// The proposal that was demanded of last, and how often by whom.
        counted: u64,
        counts: vector<Count>,
        /// Index of the settlement that the answers are from.
        since: u64,
        next_answer: u64,
        answers: vector<Answer>,
    }

    struct DemandRegistry has key {
        /// By channel.
        demands: Table<u64, Demands>,
        /// DataAnswers as they were given.
        answers: Table<AnswerKey, vector<u8>>,
    }

    /// Runs once, when the package is published.
    fun init_module(rooch: &signer) {
        move_to(rooch, DemandRegistry { demands: table::new(), answers: table::new() })
    }

    fun all(channel: u64): Demands acquires DemandRegistry {
        let all = &borrow_global<DemandRegistry>(@rooch).demands;
        if (table::contains(all, channel)) *table::borrow(all, channel)
        else {
            Demands {
                next_id: 1, open: vector[], counted: 0, counts: vector[],
                since: 0, next_answer: 1, answers: vector[],
            }
        }
    }

    fun save(channel: u64, demands: Demands) acquires DemandRegistry {
        table::upsert(&mut borrow_global_mut<DemandRegistry>(@rooch).demands, channel, demands)
    }

    /// Opens a demand and returns its number. Aborts with E_TOO_MANY_DEMANDS for a third of the
    /// seat, or for more headers than one demand may name.
    package fun open(
        channel: &Channel,
        proposal: u64,
        seat: u64,
        challenger: address,
        first: u64,
        last: u64,
    ): u64 acquires DemandRegistry {
        let channel_id = channel::id(channel);
        let demands = current(channel);
        assert!(last - first < HEADERS_MAX, errors::too_many_demands());
        if (demands.counted != proposal) {
            demands.counted = proposal;
            demands.counts = vector[]
        };
        count(&mut demands, seat);
        let id = demands.next_id;
        demands.next_id = id + 1;
        let due_ms =
            clock::active_ms() + config::challenge_window_ms(&channel::config(channel));
        vector::push_back(
            &mut demands.open,
            Demand { id, proposal, challenger, next: first, last, due_ms },
        );
        save(channel_id, demands);
        id
    }

    /// The channel's demands, without what was answered before the last settlement.
    fun current(channel: &Channel): Demands acquires DemandRegistry {
        let channel_id = channel::id(channel);
        let demands = all(channel_id);
        let index = channel::settled_index(channel);
        if (demands.since == index) return demands;
        let kept = &mut borrow_global_mut<DemandRegistry>(@rooch).answers;
        vector::for_each_ref(&demands.answers, |answer| {
            let answer: &Answer = answer;
            table::remove(kept, AnswerKey { channel: channel_id, number: answer.number });
        });
        demands.since = index;
        demands.answers = vector[];
        demands
    }

    /// Keeps an answer for who is to judge it, until the next settlement.
    package fun keep(channel: &Channel, proposal: u64, bytes: vector<u8>) acquires DemandRegistry {
        let channel_id = channel::id(channel);
        let demands = current(channel);
        let number = demands.next_answer;
        demands.next_answer = number + 1;
        vector::push_back(
            &mut demands.answers,
            Answer { number, proposal, hash: hash::sha2_256(bytes) },
        );
        save(channel_id, demands);
        let kept = &mut borrow_global_mut<DemandRegistry>(@rooch).answers;
        table::add(kept, AnswerKey { channel: channel_id, number }, bytes)
    }

    package fun answers(channel: u64): vector<Answer> acquires DemandRegistry {
        all(channel).answers
    }

    /// Aborts with E_NO_DEMAND without it.
    package fun answer(channel: u64, number: u64): vector<u8> acquires DemandRegistry {
        let kept = &borrow_global<DemandRegistry>(@rooch).answers;
        let key = AnswerKey { channel, number };
        assert!(table::contains(kept, key), errors::no_demand());
        *table::borrow(kept, key)
    }

    fun count(demands: &mut Demands, seat: u64) {
        for (i in 0..vector::length(&demands.counts)) {
            let known = vector::borrow_mut(&mut demands.counts, i);
            if (known.seat == seat) {
                assert!(known.demands < DEMANDS_MAX, errors::too_many_demands());
                known.demands = known.demands + 1;
                return
            }
        };
        vector::push_back(&mut demands.counts, Count { seat, demands: 1 })
    }

    /// Aborts with E_NO_DEMAND without it.
    package fun demand(channel: u64, id: u64): Demand acquires DemandRegistry {
        let demands = all(channel);
        let (found, i) = find(&demands.open, id);
        assert!(found, errors::no_demand());
        *vector::borrow(&demands.open, i)
    }

    package fun demands(channel: u64): vector<Demand> acquires DemandRegistry {
        all(channel).open
    }

    /// Everything below header `next` is answered. Returns whether that is all of it.
    package fun advance(channel: u64, id: u64, next: u64): bool acquires DemandRegistry {
        let demands = all(channel);
        let (found, i) = find(&demands.open, id);
        assert!(found, errors::no_demand());
        let is_whole = next > vector::borrow(&demands.open, i).last;
        if (is_whole) {
            vector::remove(&mut demands.open, i);
        } else {
            vector::borrow_mut(&mut demands.open, i).next = next
        };
        save(channel, demands);
        is_whole
    }

    package fun close(channel: u64, id: u64) acquires DemandRegistry {
        let demands = all(channel);
        let (found, i) = find(&demands.open, id);
        assert!(found, errors::no_demand());
        vector::remove(&mut demands.open, i);
        save(channel, demands)
    }

    /// Aborts with E_WINDOW_OPEN while something is demanded of the proposal.
    package fun assert_answered(channel: u64, proposal: u64) acquires DemandRegistry {
        let demands = all(channel);
        vector::for_each_ref(&demands.open, |demand| {
            let demand: &Demand = demand;
            assert!(demand.proposal != proposal, errors::window_open())
        })
    }

    package fun is_overdue(self: &Demand): bool { clock::active_ms() >= self.due_ms }

    package fun proposal(self: &Demand): u64 { self.proposal }

    package fun challenger(self: &Demand): address { self.challenger }

    package fun next(self: &Demand): u64 { self.next }

    package fun last(self: &Demand): u64 { self.last }

    fun find(open: &vector<Demand>, id: u64): (bool, u64) {
        for (i in 0..vector::length(open)) {
            if (vector::borrow(open, i).id == id) return (true, i)
        };
        (false, 0)
    }
}
