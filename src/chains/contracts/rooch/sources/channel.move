/// A channel as the chain knows it: who is in it, who leads, what is settled. Plain data:
/// `registry` stores it.
module rooch::channel {
    use std::string::String;
    use std::vector;
    use rooch::clock;
    use rooch::config::{Self, Config};
    use rooch::configuration;
    use rooch::errors;
    use rooch::header::{Self, HeaderRef};
    use rooch::member::{Self, Member};
    use rooch::proposal::{Self, Proposal};
    use rooch::window;

    /// Members and those who have not fetched what they left behind.
    const RECORDS_MAX: u64 = 128;
    const BAN_MS: u64 = 300_000;

    struct Settled has copy, drop, store {
        /// How many settlements there were.
        index: u64,
        height: u64,
        reference: HeaderRef,
        /// The configuration of that header.
        configuration: u64,
        state_root: vector<u8>,
    }

    struct Removal has copy, drop, store {
        accused: u64,
        configuration: u64,
        /// Active time at which it may be carried out.
        due_ms: u64,
    }

    /// A punished seat that is still in the latest configuration.
    struct Exclusion has copy, drop, store {
        seat: u64,
        /// Active time from which it is out.
        due_ms: u64,
    }

    /// One member's vote in the elections of leaders, lent to a candidate.
    struct Delegation has copy, drop, store {
        from: u64,
        to: u64,
    }

    /// What whoever proved an offence may take of the fine.
    struct Reward has copy, drop, store {
        seat: u64,
        /// Whose seat it was.
        offender: address,
        receiver: address,
        amount: u64,
    }

    struct Ban has copy, drop, store {
        address: address,
        /// Wall time.
        until_ms: u64,
    }

    struct Channel has copy, drop, store {
        id: u64,
        /// What everything signed in the channel is bound to.
        hash: vector<u8>,
        creator: address,
        state_type: String,
        /// The account whose resource the state is, in the channel: that of its module.
        state_address: address,
        asset_type: String,
        /// Whether members bring anything but themselves.
        has_assets: bool,
        coin_type: String,
        config: Config,
        closed: bool,
        /// A settlement has ended the channel's play: nothing comes after it.
        ending: bool,
        /// By ascending seat; those who are out stay until they have fetched what is theirs.
        members: vector<Member>,
        next_seat: u64,
        term: u64,
        /// Zero where nobody leads.
        leader: u64,
        /// Number of the latest configuration.
        configuration: u64,
        settled: Settled,
        /// The highest certificate that the chain has seen: the next term extends it.
        fence: HeaderRef,
        proposal_count: u64,
        /// Proposals that may still be executed.
        open_proposals: vector<u64>,
        /// The one of them that would settle; zero for none.
        pending_settlement: u64,
        /// The settlement being executed, within one transaction; zero for none.
        executing: u64,
        /// None or one.
        removals: vector<Removal>,
        bans: vector<Ban>,
        /// By the order of punishment. Nobody may lead while one of them is not carried out.
        exclusions: vector<Exclusion>,
        delegations: vector<Delegation>,
        rewards: vector<Reward>,
    }

    package fun new(
        id: u64,
        hash: vector<u8>,
        creator: address,
        state_type: String,
        state_address: address,
        asset_type: String,
        has_assets: bool,
        coin_type: String,
        config: Config,
        state_root: vector<u8>,
        first: Member,
    ): Channel {
        let settled = Settled {
            index: 0, height: 0, reference: header::none(), configuration: 0, state_root,
        };
        Channel {
            id, hash, creator, state_type, state_address, asset_type, has_assets, coin_type,
            config,
            closed: false,
            ending: false,
            next_seat: member::id(&first) + 1,
            members: vector[first],
            term: 0,
            leader: 0,
            configuration: 0,
            settled,
            fence: header::none(),
            proposal_count: 0,
            open_proposals: vector[],
            pending_settlement: 0,
            executing: 0,
            removals: vector[],
            bans: vector[],
            exclusions: vector[],
            delegations: vector[],
            rewards: vector[],
        }
    }

    // Members.

    /// The seat that an address holds now, as an index. Aborts with E_NOT_MEMBER when it holds
    /// none.
    package fun index_in(self: &Channel, owner: address): u64 {
        for (i in 0..vector::length(&self.members)) {
            let member = vector::borrow(&self.members, i);
            if (member::is_in(member) && member::owner(member) == owner) return i
        };
        abort errors::not_member()
    }

    /// The record by which an address may say that it is there: its seat, or one that was
    /// suspended.
    package fun index_heard(self: &Channel, owner: address): u64 {
        let (is_known, index) = (false, 0);
        for (i in 0..vector::length(&self.members)) {
            let member = vector::borrow(&self.members, i);
            if (member::owner(member) == owner && member::may_be_in(member)) {
                if (member::is_in(member)) return i;
                is_known = true;
                index = i
            }
        };
        assert!(is_known, errors::not_member());
        index
    }

    package fun borrow_in(self: &Channel, owner: address): &Member {
        vector::borrow(&self.members, index_in(self, owner))
    }

    package fun borrow_in_mut(self: &mut Channel, owner: address): &mut Member {
        let i = index_in(self, owner);
        vector::borrow_mut(&mut self.members, i)
    }

    /// Whether the address holds a seat.
    package fun has_seat(self: &Channel, owner: address): bool {
        for (i in 0..vector::length(&self.members)) {
            let member = vector::borrow(&self.members, i);
            if (member::is_in(member) && member::owner(member) == owner) return true
        };
        false
    }

    /// Whether a seat of the address is out and has something of value here.
    fun has_left_asset(self: &Channel, owner: address): bool {
        for (i in 0..vector::length(&self.members)) {
            let member = vector::borrow(&self.members, i);
            if (
                !member::is_in(member)
                    && member::has_asset(member)
                    && member::owner(member) == owner
            ) return true
        };
        false
    }

    package fun index_of(self: &Channel, seat: u64): (bool, u64) {
        for (i in 0..vector::length(&self.members)) {
            if (member::id(vector::borrow(&self.members, i)) == seat) return (true, i)
        };
        (false, 0)
    }

    /// Aborts with E_NOT_MEMBER unless the seat has a record.
    package fun borrow_seat(self: &Channel, seat: u64): &Member {
        let (found, i) = index_of(self, seat);
        assert!(found, errors::not_member());
        vector::borrow(&self.members, i)
    }

    package fun borrow_seat_mut(self: &mut Channel, seat: u64): &mut Member {
        let (found, i) = index_of(self, seat);
        assert!(found, errors::not_member());
        vector::borrow_mut(&mut self.members, i)
    }

    /// The seat of an address, in or out, that the proposal counts. Aborts with E_NOT_MEMBER
    /// without one.
    package fun voting_seat(self: &Channel, owner: address, proposal: &Proposal): u64 {
        for (i in 0..vector::length(&self.members)) {
            let member = vector::borrow(&self.members, i);
            let seat = member::id(member);
            if (member::owner(member) == owner && proposal::is_voter(proposal, seat)) return seat
        };
        abort errors::not_member()
    }

    /// The first record of an address whose things may be fetched, as an index. Aborts with
    /// E_NOT_SETTLED where none may yet, with E_NOT_MEMBER where there is none.
    package fun index_to_fetch(self: &Channel, owner: address): u64 {
        let is_known = false;
        for (i in 0..vector::length(&self.members)) {
            let member = vector::borrow(&self.members, i);
            if (member::owner(member) == owner) {
                if (may_fetch(self, member)) return i;
                is_known = true
            }
        };
        assert!(is_known, errors::not_member());
        abort errors::not_settled()
    }

    /// How many hold a seat.
    package fun count_in(self: &Channel): u64 {
        let count = 0;
        vector::for_each_ref(&self.members, |member| {
            if (member::is_in(member)) count = count + 1
        });
        count
    }

    /// Aborts unless this address may take a seat now.
    package fun assert_may_join(self: &mut Channel, owner: address) {
        assert_not_banned(self, owner);
        assert_room(self);
        // In the channel an asset is a resource of its owner's account: there cannot be two.
        assert!(!self.has_assets || !has_left_asset(self, owner), errors::already_member())
    }

    /// Who joined, was never admitted and is not heard any more takes nobody's place.
    fun assert_room(self: &Channel) {
        let taken = 0;
        vector::for_each_ref(&self.members, |member| {
            let counts = member::is_pending(member) && member::is_alive(member);
            if (member::is_admitted(member) || counts) taken = taken + 1
        });
        assert!(
            taken < config::members_max(&self.config)
                && vector::length(&self.members) < RECORDS_MAX,
            errors::full()
        )
    }

    /// Aborts unless so many may be in one configuration.
    package fun assert_size(self: &Channel, seats: u64) {
        assert!(seats <= config::members_max(&self.config), errors::full())
    }

    /// Aborts where somebody else holds a seat, or held one, with this node key: one node never
    /// speaks for two.
    package fun assert_own_key(self: &Channel, owner: address, node_key: &vector<u8>) {
        vector::for_each_ref(&self.members, |member| {
            let seat = member::seat(member);
            assert!(
                member::owner(member) == owner || &configuration::key_of_node(&seat) != node_key,
                errors::bad_key()
            )
        })
    }

    package fun take_seat_number(self: &mut Channel): u64 {
        let seat = self.next_seat;
        self.next_seat = seat + 1;
        seat
    }

    package fun add_member(self: &mut Channel, member: Member) {
        vector::push_back(&mut self.members, member)
    }

    package fun take_member(self: &mut Channel, index: u64): Member {
        vector::remove(&mut self.members, index)
    }

    package fun members(self: &Channel): vector<Member> { self.members }

    package fun set_member(self: &mut Channel, index: u64, member: Member) {
        *vector::borrow_mut(&mut self.members, index) = member
    }

    // Bans.

    package fun ban(self: &mut Channel, address: address): u64 {
        let until_ms = clock::wall_ms() + BAN_MS;
        vector::push_back(&mut self.bans, Ban { address, until_ms });
        until_ms
    }

    /// Aborts while the address is banned. Forgets the bans that are over.
    fun assert_not_banned(self: &mut Channel, address: address) {
        let now_ms = clock::wall_ms();
        let kept = vector[];
        vector::for_each_ref(&self.bans, |ban| {
            let ban: &Ban = ban;
            if (now_ms < ban.until_ms) {
                assert!(ban.address != address, errors::banned());
                vector::push_back(&mut kept, *ban)
            }
        });
        self.bans = kept
    }

    // Leader, configuration, fence.

    package fun has_valid_leader(self: &Channel): bool {
        if (self.leader == 0) return false;
        member::is_alive(borrow_seat(self, self.leader))
    }

    package fun set_leader(self: &mut Channel, seat: u64) {
        self.term = self.term + 1;
        self.leader = seat
    }

    package fun clear_leader(self: &mut Channel) { self.leader = 0 }

    package fun set_configuration(self: &mut Channel, number: u64) {
        self.configuration = number
    }

    package fun raise_fence(self: &mut Channel, reference: HeaderRef): bool {
        let raised = header::is_higher(&reference, &self.fence);
        if (raised) self.fence = reference;
        raised
    }

    /// Puts the fence at a header, higher or lower than it was: what lies above is void.
    package fun set_fence(self: &mut Channel, reference: HeaderRef) { self.fence = reference }

    // Proposals and settlement.

    package fun open_proposal(self: &mut Channel): u64 {
        self.proposal_count = self.proposal_count + 1;
        vector::push_back(&mut self.open_proposals, self.proposal_count);
        self.proposal_count
    }

    package fun set_pending_settlement(self: &mut Channel, proposal: u64) {
        self.pending_settlement = proposal
    }

    package fun end_proposal(self: &mut Channel, proposal: u64) {
        let (found, i) = vector::index_of(&self.open_proposals, &proposal);
        if (found) {
            vector::remove(&mut self.open_proposals, i);
        };
        if (self.pending_settlement == proposal) self.pending_settlement = 0
    }

    package fun set_executing(self: &mut Channel, proposal: u64) { self.executing = proposal }

    package fun settle(
        self: &mut Channel,
        height: u64,
        reference: HeaderRef,
        configuration: u64,
        state_root: vector<u8>,
        ends: bool,
    ) {
        self.ending = self.ending || ends;
        let index = self.settled.index + 1;
        self.settled = Settled { index, height, reference, configuration, state_root }
    }

    package fun close(self: &mut Channel) {
        self.closed = true;
        self.leader = 0;
        self.pending_settlement = 0;
        self.open_proposals = vector[];
        self.removals = vector[];
        self.exclusions = vector[]
    }

    /// Aborts once the channel is closed.
    package fun assert_open(self: &Channel) { assert!(!self.closed, errors::closed()) }

    /// Whether all who are out can be given what is theirs from what is settled.
    package fun is_settled_for_all(self: &Channel): bool {
        let number = header::number(&self.settled.reference);
        let all = true;
        vector::for_each_ref(&self.members, |member| {
            if (!member::is_in(member) && !member::is_final(member, number)) all = false
        });
        all
    }

    /// Whether what a seat left behind may be fetched.
    fun may_fetch(self: &Channel, member: &Member): bool {
        self.closed
            || member::is_final(member, header::number(&self.settled.reference))
            || (
                member::may_cancel(member)
                    && window::was_open_to_all(self.id, window::join(), member::id(member))
            )
    }

    // Silence.

    package fun removals(self: &Channel): vector<Removal> { self.removals }

    package fun open_removal(self: &mut Channel, accused: u64) {
        let due_ms = clock::active_ms() + rooch::config::challenge_window_ms(&self.config);
        self.removals = vector[Removal { accused, configuration: self.configuration, due_ms }]
    }

    package fun cancel_removals(self: &mut Channel) { self.removals = vector[] }

    package fun is_removal_of(self: &Removal, accused: u64, configuration: u64): bool {
        self.accused == accused && self.configuration == configuration
    }

    package fun is_due(self: &Removal): bool { clock::active_ms() >= self.due_ms }

    package fun accused(self: &Removal): u64 { self.accused }

    // Punished seats that are still in the configuration.

    package fun open_exclusion(self: &mut Channel, seat: u64, due_ms: u64) {
        vector::push_back(&mut self.exclusions, Exclusion { seat, due_ms })
    }

    package fun is_excluding(self: &Channel): bool { !vector::is_empty(&self.exclusions) }

    package fun is_being_excluded(self: &Channel, seat: u64): bool {
        let found = false;
        vector::for_each_ref(&self.exclusions, |exclusion| {
            let exclusion: &Exclusion = exclusion;
            if (exclusion.seat == seat) found = true
        });
        found
    }

    /// The seat is out of the configuration already.
    package fun drop_exclusion(self: &mut Channel, seat: u64) {
        let kept = vector[];
        vector::for_each_ref(&self.exclusions, |exclusion| {
            let exclusion: &Exclusion = exclusion;
            if (exclusion.seat != seat) vector::push_back(&mut kept, *exclusion)
        });
        self.exclusions = kept
    }

    /// Takes the seats whose exclusion is due, in the order of punishment.
    package fun take_due_exclusions(self: &mut Channel): vector<u64> {
        let now_ms = clock::active_ms();
        let (due, waiting) = (vector[], vector[]);
        vector::for_each_ref(&self.exclusions, |exclusion| {
            let exclusion: &Exclusion = exclusion;
            let was_open =
                window::was_open_to_all(self.id, window::exclusion(), exclusion.seat);
            if (was_open && now_ms >= exclusion.due_ms) {
                vector::push_back(&mut due, exclusion.seat)
            } else {
                vector::push_back(&mut waiting, *exclusion)
            }
        });
        self.exclusions = waiting;
        due
    }

    // Delegations.

    package fun delegations(self: &Channel): vector<Delegation> { self.delegations }

    /// Takes back what the seat has delegated, if anything.
    package fun undelegate(self: &mut Channel, from: u64) {
        let kept = vector[];
        vector::for_each_ref(&self.delegations, |delegation| {
            let delegation: &Delegation = delegation;
            if (delegation.from != from) vector::push_back(&mut kept, *delegation)
        });
        self.delegations = kept
    }

    package fun delegate(self: &mut Channel, from: u64, to: u64) {
        vector::push_back(&mut self.delegations, Delegation { from, to })
    }

    package fun delegator(self: &Delegation): u64 { self.from }

    package fun delegate_of(self: &Delegation): u64 { self.to }

    // Rewards.

    package fun owe_reward(self: &mut Channel, seat: u64, receiver: address, amount: u64) {
        let offender = member::owner(borrow_seat(self, seat));
        vector::push_back(&mut self.rewards, Reward { seat, offender, receiver, amount })
    }

    /// Takes what is owed for proving an offence of a seat: whose seat it was, who gets how much.
    /// Aborts with E_NO_REWARD where nothing is owed.
    package fun take_reward(self: &mut Channel, seat: u64): (address, address, u64) {
        let count = vector::length(&self.rewards);
        let at = 0;
        while (at < count && vector::borrow(&self.rewards, at).seat != seat) at = at + 1;
        assert!(at < count, errors::no_reward());
        let reward = vector::remove(&mut self.rewards, at);
        (reward.offender, reward.receiver, reward.amount)
    }

    // Fields.

    package fun id(self: &Channel): u64 { self.id }

    package fun hash(self: &Channel): vector<u8> { self.hash }

    package fun creator(self: &Channel): address { self.creator }

    package fun state_type(self: &Channel): String { self.state_type }

    package fun state_address(self: &Channel): address { self.state_address }

    package fun asset_type(self: &Channel): String { self.asset_type }

    package fun has_assets(self: &Channel): bool { self.has_assets }

    package fun coin_type(self: &Channel): String { self.coin_type }

    package fun config(self: &Channel): Config { self.config }

    package fun is_ending(self: &Channel): bool { self.ending }

    package fun is_closed(self: &Channel): bool { self.closed }

    package fun term(self: &Channel): u64 { self.term }

    package fun leader(self: &Channel): u64 { self.leader }

    package fun configuration(self: &Channel): u64 { self.configuration }

    package fun fence(self: &Channel): HeaderRef { self.fence }

    package fun open_proposals(self: &Channel): vector<u64> { self.open_proposals }

    package fun pending_settlement(self: &Channel): u64 { self.pending_settlement }

    package fun executing(self: &Channel): u64 { self.executing }

    package fun settled_index(self: &Channel): u64 { self.settled.index }

    package fun settled_height(self: &Channel): u64 { self.settled.height }

    package fun settled_reference(self: &Channel): HeaderRef { self.settled.reference }

    package fun settled_configuration(self: &Channel): u64 { self.settled.configuration }

    package fun settled_root(self: &Channel): vector<u8> { self.settled.state_root }
}
