/// Forcing out a leader that cheated. A wrong result is judged by votes here; two headers of one
/// leader for the same place are judged by what they are.
module rooch::punishment {
    use std::vector;
    use aptos_std::bcs_stream;
    use rooch::channel::{Self, Channel};
    use rooch::configuration::{Self, Configuration};
    use rooch::errors;
    use rooch::events;
    use rooch::exclusion;
    use rooch::header::{Self, Header, SignedHeader};
    use rooch::member::{Self, Member};
    use rooch::proposal::{Self, Proposal};
    use rooch::registry;

    /// From so many seats on, votes take the stake too.
    const FINED_FROM_SEATS: u64 = 3;

    /// Makes a proposal to punish. Its data begins with the accused and the header that it signed;
    /// what follows is for those who vote. The header must be the accused's own, as leader, under a
    /// configuration that the chain knows.
    package fun propose(channel: &mut Channel, proposer: u64, data: vector<u8>): Proposal {
        let stream = bcs_stream::new(data);
        let accused = bcs_stream::deserialize_u64(&mut stream);
        let signed = header::read_signed(&mut stream);
        let configuration = assert_led(channel, accused, &signed);
        let voters = voters_of(channel, &configuration, accused);
        replace_open(channel, proposer);
        let id = channel::open_proposal(channel);
        let number = configuration::number(&configuration);
        proposal::new_punishment(id, proposer, data, number, voters, accused)
    }

    /// Who was there at the offence, and who is there now: those who came since have as much to lose
    /// by who leads them, and of two who were there one may be gone. The accused is not asked.
    fun voters_of(channel: &Channel, then: &Configuration, accused: u64): vector<u64> {
        let latest =
            registry::configuration(channel::id(channel), channel::configuration(channel));
        let seats = configuration::seat_ids(then);
        vector::append(&mut seats, configuration::seat_ids(&latest));
        let voters = vector[];
        vector::for_each_ref(&seats, |seat| {
            if (*seat != accused && !vector::contains(&voters, seat)) {
                vector::push_back(&mut voters, *seat)
            }
        });
        voters
    }

    /// A member accuses one at a time: its new accusation takes the place of its old one.
    fun replace_open(channel: &mut Channel, proposer: u64) {
        let id = channel::id(channel);
        let open_proposals = channel::open_proposals(channel);
        vector::for_each_ref(&open_proposals, |number| {
            let old = registry::proposal(id, *number);
            if (proposal::is_punishment(&old) && proposal::proposer(&old) == proposer) {
                channel::end_proposal(channel, *number);
                proposal::mark_replaced(&mut old);
                registry::save_proposal(id, old)
            }
        })
    }

    /// Carries out a punishment that has its approvals.
    package fun execute(channel: &mut Channel, proposal: &mut Proposal) {
        assert!(proposal::is_punishment(proposal), errors::bad_proposal());
        // Where more play now than at the time of the offence, more have to approve.
        let latest =
            registry::configuration(channel::id(channel), channel::configuration(channel));
        proposal::assert_punishes(proposal, configuration::size(&latest));
        // How many played at the time of the offence, whoever may vote on it.
        let number = proposal::configuration_of(proposal);
        let then = registry::configuration(channel::id(channel), number);
        let fines = configuration::size(&then) >= FINED_FROM_SEATS;
        channel::end_proposal(channel, proposal::id(proposal));
        proposal::mark_executed(proposal);
        force_out(channel, proposal::accused(proposal), fines)
    }

    /// Voids what is open against a seat that is out.
    package fun void_against(channel: &mut Channel, seat: u64) {
        let id = channel::id(channel);
        let open_proposals = channel::open_proposals(channel);
        vector::for_each_ref(&open_proposals, |number| {
            let open = registry::proposal(id, *number);
            if (proposal::is_punishment(&open) && proposal::accused(&open) == seat) {
                channel::end_proposal(channel, *number);
                proposal::mark_void(&mut open);
                registry::save_proposal(id, open)
            }
        })
    }

    /// Punishes a leader for two different headers of one epoch that order the same heights or
    /// stand at the same place. No votes: nobody honest ever signs such a pair. The stake is lost
    /// at every size.
    package fun punish_equivocation(channel: &mut Channel, reporter: address, evidence: vector<u8>) {
        let stream = bcs_stream::new(evidence);
        let accused = bcs_stream::deserialize_u64(&mut stream);
        let first = header::read_signed(&mut stream);
        let second = header::read_signed(&mut stream);
        bcs_stream::assert_finished(&stream);
        assert_led(channel, accused, &first);
        assert_led(channel, accused, &second);
        let (a, b) = (header::header(&first), header::header(&second));
        assert!(contradict(&a, &b), errors::bad_evidence());
        let stake = member::stake(channel::borrow_seat(channel, accused));
        force_out(channel, accused, true);
        reward(channel, accused, stake, reporter)
    }

    /// Owes half of a proved fine to who proved it, which pays for the trouble and makes reporting
    /// oneself a loss all the same. Nobody is owed anything where votes decided, or for reporting
    /// himself.
    package fun reward(channel: &mut Channel, seat: u64, fined: u64, reporter: address) {
        let is_own = member::owner(channel::borrow_seat(channel, seat)) == reporter;
        if (!is_own && fined / 2 > 0) channel::owe_reward(channel, seat, reporter, fined / 2)
    }

    fun contradict(a: &Header, b: &Header): bool {
        let reference_a = header::reference(a);
        let reference_b = header::reference(b);
        reference_a != reference_b
            && header::same_epoch(&reference_a, &reference_b)
            && header::overlaps(a, b)
    }

    /// Aborts unless the accused signed this header of the channel as its leader, and is in or has
    /// left a stake here.
    fun assert_led(channel: &Channel, accused: u64, signed: &SignedHeader): Configuration {
        let header = header::header(signed);
        let named = header::configuration(&header);
        let number = header::configuration_number(&named);
        let configuration = registry::configuration(channel::id(channel), number);
        assert_answers(channel::borrow_seat(channel, accused));
        assert!(
            header::channel(&header) == channel::hash(channel)
                && header::leader(&header) == accused
                && configuration::contains(&configuration, accused)
                && header::configuration_hash(&named)
                    == configuration::digest(&configuration, channel::hash(channel)),
            errors::bad_evidence()
        );
        let key = configuration::node_key(&configuration, accused);
        assert!(header::is_signed_by(signed, key), errors::bad_signature());
        configuration
    }

    /// Aborts unless the seat can still be made to answer for what it did.
    fun assert_answers(member: &Member) {
        assert!(member::is_in(member) || member::stake(member) > 0, errors::not_member())
    }

    /// The fine, the ban and the end of the lead take effect at once; the seat leaves the
    /// configuration after a window, so that nobody voids what is confirmed by being punished. The
    /// only seat of a configuration is fined and stays: an empty one could settle nothing for those
    /// who left. Who has left is fined while its stake is here.
    package fun force_out(channel: &mut Channel, seat: u64, fines: bool) {
        let member = channel::borrow_seat_mut(channel, seat);
        assert_answers(member);
        let (owner, is_in) = (member::owner(member), member::is_in(member));
        let fined = if (fines) member::forfeit(member) else 0;
        let banned_until_ms = 0;
        if (!exclusion::is_only_seat(channel, seat)) {
            banned_until_ms = channel::ban(channel, owner);
            if (is_in) {
                channel::clear_leader(channel);
                exclusion::open(channel, seat)
            }
        };
        void_against(channel, seat);
        events::punished(channel::id(channel), seat, fined, banned_until_ms)
    }
}
