/// Who may lead where more than five are in: five candidates, to whom the others lend their votes.
/// Delegations count in elections and relaying only; whatever else is voted on counts heads.
module rooch::candidates {
    use std::vector;
    use rooch::channel::{Self, Channel, Delegation};
    use rooch::configuration;
    use rooch::errors;
    use rooch::events;
    use rooch::member::{Self, Member};
    use rooch::registry;

    const CANDIDATES_MAX: u64 = 5;

    /// Lends the sender's vote to another seat in place of the one before; zero takes it back.
    /// Aborts with E_NOT_CANDIDATE where that seat is not in, is the sender's own or has lent its
    /// vote itself, with E_CAP where it has as many as it may have.
    package fun delegate(channel: &mut Channel, owner: address, to: u64) {
        let member = channel::borrow_in(channel, owner);
        assert!(member::is_admitted(member), errors::not_admitted());
        let from = member::id(member);
        channel::undelegate(channel, from);
        if (to != 0) {
            let is_in = false;
            let members = channel::members(channel);
            vector::for_each_ref(&members, |other| {
                if (member::id(other) == to && member::is_admitted(other)) is_in = true
            });
            let delegations = channel::delegations(channel);
            let (has_lent, count) = (false, 0);
            vector::for_each_ref(&delegations, |delegation| {
                if (channel::delegator(delegation) == to) has_lent = true;
                if (channel::delegate_of(delegation) == to) count = count + 1
            });
            assert!(is_in && to != from && !has_lent, errors::not_candidate());
            assert!(count < delegations_max(size(channel)), errors::cap());
            channel::delegate(channel, from, to)
        };
        events::delegated(channel::id(channel), from, to)
    }

    /// Whether the seat may apply: any where five or fewer are in, otherwise a candidate.
    package fun may_lead(channel: &Channel, seat: u64): bool {
        size(channel) <= CANDIDATES_MAX || vector::contains(&of_channel(channel), &seat)
    }

    /// The candidates, the strongest first: seats of the latest configuration that are heard and
    /// have not lent their vote, by the number of votes lent to them, the lowest seat first among
    /// equals.
    package fun of_channel(channel: &Channel): vector<u64> {
        let members = channel::members(channel);
        let delegations = channel::delegations(channel);
        let (seats, votes) = (vector<u64>[], vector<u64>[]);
        vector::for_each_ref(&members, |member| {
            let member: &Member = member;
            if (
                member::is_admitted(member)
                    && member::is_alive(member)
                    && !has_lent(&delegations, member::id(member))
            ) {
                let count = count_for(&delegations, &members, member::id(member));
                let at = 0;
                while (at < vector::length(&votes) && *vector::borrow(&votes, at) >= count) {
                    at = at + 1
                };
                vector::insert(&mut seats, at, member::id(member));
                vector::insert(&mut votes, at, count)
            }
        });
        while (vector::length(&seats) > CANDIDATES_MAX) {
            vector::pop_back(&mut seats);
        };
        seats
    }

    /// A fifth of the channel, rounded up, itself included.
    fun delegations_max(seats: u64): u64 {
        (seats + CANDIDATES_MAX - 1) / CANDIDATES_MAX - 1
    }

    fun size(channel: &Channel): u64 {
        let number = channel::configuration(channel);
        configuration::size(&registry::configuration(channel::id(channel), number))
    }

    fun has_lent(delegations: &vector<Delegation>, seat: u64): bool {
        let found = false;
        vector::for_each_ref(delegations, |delegation| {
            if (channel::delegator(delegation) == seat) found = true
        });
        found
    }

    /// Of those who have left since nothing counts any more.
    fun count_for(
        delegations: &vector<Delegation>,
        members: &vector<Member>,
        seat: u64,
    ): u64 {
        let count = 0;
        vector::for_each_ref(delegations, |delegation| {
            if (channel::delegate_of(delegation) == seat) {
                let from = channel::delegator(delegation);
                vector::for_each_ref(members, |member| {
                    if (member::id(member) == from && member::is_admitted(member)) {
                        count = count + 1
                    }
                })
            }
        });
        count
    }
}
