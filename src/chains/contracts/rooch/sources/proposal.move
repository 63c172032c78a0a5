/// A proposal, its votes, and when it has passed.
module rooch::proposal {
    use std::hash;
    use std::vector;
    use rooch::clock;
    use rooch::errors;
    use rooch::header::{Self, HeaderRef};
    use rooch::quorum;

    const SETTLEMENT: u8 = 1;
    const PUNISHMENT: u8 = 2;

    const NO: u8 = 0;
    const YES: u8 = 1;
    const ABSTAIN: u8 = 2;

    const OPEN: u8 = 0;
    const EXECUTED: u8 = 1;
    /// A higher settlement took its place.
    const REPLACED: u8 = 2;
    /// The accused is out already.
    const VOID: u8 = 3;

    struct Vote has copy, drop, store {
        seat: u64,
        option: u8,
    }

    /// What a settlement would make of the channel.
    struct Target has copy, drop, store {
        from_height: u64,
        to_height: u64,
        reference: HeaderRef,
        configuration: u64,
        state_root: vector<u8>,
        /// The channel's play ends with it.
        ends: bool,
    }

    struct Proposal has copy, drop, store {
        id: u64,
        kind: u8,
        proposer: u64,
        status: u8,
        /// Active time.
        created_ms: u64,
        /// SHA-256 of the data, by which a vote names what it judges.
        hash: vector<u8>,
        /// As proposed; emptied when the proposal is executed or replaced.
        data: vector<u8>,
        /// Number of the configuration whose heads count.
        configuration: u64,
        voters: vector<u64>,
        /// All seats held since the last settlement: with a yes from each, no window is needed.
        holders: vector<u64>,
        votes: vector<Vote>,
        /// Of a settlement: one.
        targets: vector<Target>,
        /// Of a punishment; zero otherwise.
        accused: u64,
    }

    package fun new_settlement(
        id: u64,
        proposer: u64,
        data: vector<u8>,
        voters: vector<u64>,
        holders: vector<u64>,
        target: Target,
    ): Proposal {
        Proposal {
            id, kind: SETTLEMENT, proposer,
            status: OPEN,
            created_ms: clock::active_ms(),
            hash: hash::sha2_256(data),
            data,
            configuration: target.configuration,
            voters, holders,
            votes: vector[],
            targets: vector[target],
            accused: 0,
        }
    }

    package fun new_punishment(
        id: u64,
        proposer: u64,
        data: vector<u8>,
        configuration: u64,
        voters: vector<u64>,
        accused: u64,
    ): Proposal {
        Proposal {
            id, kind: PUNISHMENT, proposer,
            status: OPEN,
            created_ms: clock::active_ms(),
            hash: hash::sha2_256(data),
            data,
            configuration,
            voters,
            holders: vector[],
            votes: vector[],
            targets: vector[],
            accused,
        }
    }

    package fun new_target(
        from_height: u64,
        to_height: u64,
        reference: HeaderRef,
        configuration: u64,
        state_root: vector<u8>,
        ends: bool,
    ): Target {
        Target { from_height, to_height, reference, configuration, state_root, ends }
    }

    /// Records a vote, once per seat.
    package fun vote(self: &mut Proposal, seat: u64, option: u8) {
        assert!(self.status == OPEN, errors::executed());
        assert!(option <= ABSTAIN, errors::bad_vote());
        assert!(is_voter(self, seat), errors::not_member());
        vector::for_each_ref(&self.votes, |vote| {
            let vote: &Vote = vote;
            assert!(vote.seat != seat, errors::already_voted())
        });
        vector::push_back(&mut self.votes, Vote { seat, option })
    }

    /// Whether the seat may vote on this.
    package fun is_voter(self: &Proposal, seat: u64): bool {
        vector::contains(&self.voters, &seat) || vector::contains(&self.holders, &seat)
    }

    /// Aborts unless a settlement may be executed now.
    ///
    /// @param was_open whether everybody who must could have disputed it, beside the time.
    package fun assert_settles(self: &Proposal, dispute_window_ms: u64, was_open: bool) {
        assert!(self.status == OPEN, errors::executed());
        let seats = vector::length(&self.voters);
        assert!(quorum::settles(count(self, &self.voters, YES), seats), errors::not_passed());
        let holders = vector::length(&self.holders);
        assert!(
            count(self, &self.holders, YES) == holders
                || (was_open && clock::active_ms() - self.created_ms >= dispute_window_ms),
            errors::window_open()
        )
    }

    /// Whether so many are against a settlement that it can never pass.
    package fun is_defeated(self: &Proposal): bool {
        let no = count(self, &self.voters, NO);
        !quorum::may_settle(no, vector::length(&self.voters))
    }

    /// Aborts unless a punishment has its approvals. Its voters are all but the accused.
    package fun assert_punishes(self: &Proposal, seats_now: u64) {
        assert!(self.status == OPEN, errors::executed());
        let seats = vector::length(&self.voters) + 1;
        if (seats < seats_now) seats = seats_now;
        assert!(
            quorum::punishes(count(self, &self.voters, YES), seats),
            errors::not_passed()
        )
    }

    fun count(self: &Proposal, seats: &vector<u64>, option: u8): u64 {
        let count = 0;
        vector::for_each_ref(&self.votes, |vote| {
            let vote: &Vote = vote;
            if (vote.option == option && vector::contains(seats, &vote.seat)) count = count + 1
        });
        count
    }

    /// Begins the dispute window anew: something came out that may still be disputed.
    package fun restart(self: &mut Proposal) { self.created_ms = clock::active_ms() }

    package fun mark_executed(self: &mut Proposal) {
        self.status = EXECUTED;
        self.data = vector[]
    }

    package fun mark_replaced(self: &mut Proposal) {
        self.status = REPLACED;
        self.data = vector[]
    }

    package fun mark_void(self: &mut Proposal) {
        self.status = VOID;
        self.data = vector[]
    }

    package fun is_settlement(self: &Proposal): bool { self.kind == SETTLEMENT }

    package fun is_punishment(self: &Proposal): bool { self.kind == PUNISHMENT }

    package fun is_open(self: &Proposal): bool { self.status == OPEN }

    package fun id(self: &Proposal): u64 { self.id }

    package fun kind(self: &Proposal): u8 { self.kind }

    package fun hash(self: &Proposal): vector<u8> { self.hash }

    package fun data(self: &Proposal): vector<u8> { self.data }

    package fun proposer(self: &Proposal): u64 { self.proposer }

    package fun accused(self: &Proposal): u64 { self.accused }

    /// Number of the configuration that its header is under.
    package fun configuration_of(self: &Proposal): u64 { self.configuration }

    package fun target(self: &Proposal): Target {
        assert!(is_settlement(self), errors::bad_proposal());
        *vector::borrow(&self.targets, 0)
    }

    package fun from_height(self: &Target): u64 { self.from_height }

    package fun to_height(self: &Target): u64 { self.to_height }

    package fun reference(self: &Target): HeaderRef { self.reference }

    package fun configuration(self: &Target): u64 { self.configuration }

    package fun state_root(self: &Target): vector<u8> { self.state_root }

    package fun ends(self: &Target): bool { self.ends }

    package fun is_higher(self: &Target, other: &Target): bool {
        header::is_higher(&self.reference, &other.reference)
    }
}
