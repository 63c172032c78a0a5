/// Who leads: leases by being heard on chain, terms that only the chain raises, the highest
/// certificate as the fence of the next term.
module rooch::election {
    use std::vector;
    use aptos_std::bcs_stream;
    use rooch::candidates;
    use rooch::certificate;
    use rooch::channel::{Self, Channel};
    use rooch::clock;
    use rooch::errors;
    use rooch::events;
    use rooch::exclusion;
    use rooch::forced_call_record;
    use rooch::header;
    use rooch::history;
    use rooch::member;

    /// A certificate of a header no older than this, and no more ahead, shows that its leader is
    /// there.
    const FRESH_MS_MAX: u64 = 15_000;
    const PEER_DELAYS_MAX: u64 = 32;

    /// The member was heard. `peer_delays` are pairs: a seat and the round-trip time to it in
    /// milliseconds.
    package fun keep_alive(channel: &mut Channel, owner: address, peer_delays: vector<u64>) {
        let size = vector::length(&peer_delays);
        assert!(size % 2 == 0 && size <= PEER_DELAYS_MAX, errors::bad_evidence());
        let seat = touch(channel, owner);
        events::kept_alive(channel::id(channel), seat, peer_delays)
    }

    /// Makes the applicant leader of a new term. Its candidacy carries its highest certificate, and
    /// the changes of configuration that lead to it. Nobody leads while a punished seat is in the
    /// configuration: what were confirmed then would be void when it goes.
    package fun apply(channel: &mut Channel, owner: address, candidacy: vector<u8>) {
        post(channel, candidacy, vector[]);
        assert!(!channel::is_excluding(channel), errors::window_open());
        let applicant = channel::borrow_in(channel, owner);
        assert!(member::is_admitted(applicant), errors::not_admitted());
        assert!(!channel::has_valid_leader(channel), errors::leader_valid());
        assert!(candidates::may_lead(channel, member::id(applicant)), errors::not_candidate());
        forced_call_record::assert_may_lead(channel::id(channel), member::id(applicant));
        let seat = touch(channel, owner);
        channel::set_leader(channel, seat);
        forced_call_record::note_leader(channel::id(channel), seat);
        let fence = channel::fence(channel);
        events::leader_changed(channel::id(channel), channel::term(channel), seat, fence)
    }

    /// Raises the fence to a candidacy's certificate and follows its changes of configuration.
    /// `header_bytes`, where not empty, is the header that the certificate names: when it is fresh
    /// it counts as its leader's keep_alive. Empty candidacies are allowed: nothing is certified at
    /// the start. Punished seats whose window is over go out of the configuration with it.
    package fun post(channel: &mut Channel, candidacy: vector<u8>, header_bytes: vector<u8>) {
        if (!vector::is_empty(&candidacy)) {
            let stream = bcs_stream::new(candidacy);
            let certificates = certificate::read_optional(&mut stream);
            let steps = history::read_steps(&mut stream);
            bcs_stream::assert_finished(&stream);
            history::adopt(channel, steps);
            raise(channel, certificates, header_bytes)
        };
        exclusion::carry_out_due(channel)
    }

    /// Raises the fence to a certificate, where there is one.
    package fun raise(
        channel: &mut Channel,
        certificates: vector<certificate::Certificate>,
        header_bytes: vector<u8>,
    ) {
        if (vector::is_empty(&certificates)) return;
        let certificate = vector::borrow(&certificates, 0);
        history::assert_certified(channel, certificate);
        let reference = certificate::reference(certificate);
        if (!vector::is_empty(&header_bytes)) hear_leader(channel, &reference, header_bytes);
        if (channel::raise_fence(channel, reference)) {
            events::certificate_posted(channel::id(channel), reference)
        }
    }

    fun hear_leader(
        channel: &mut Channel,
        reference: &header::HeaderRef,
        header_bytes: vector<u8>,
    ) {
        let header = header::decode(header_bytes);
        assert!(&header::reference(&header) == reference, errors::bad_certificate());
        let leads =
            header::term(reference) == channel::term(channel)
                && header::leader(&header) == channel::leader(channel);
        if (leads && is_fresh(header::time_ms(&header))) {
            member::touch(channel::borrow_seat_mut(channel, header::leader(&header)))
        }
    }

    /// A clock that runs ahead would otherwise keep the lead for as long as it does.
    fun is_fresh(time_ms: u64): bool {
        let now_ms = clock::wall_ms();
        time_ms <= now_ms + FRESH_MS_MAX && now_ms <= time_ms + FRESH_MS_MAX
    }

    /// Notes that the member was heard, which ends an accusation of silence.
    fun touch(channel: &mut Channel, owner: address): u64 {
        let index = channel::index_heard(channel, owner);
        let member = *vector::borrow(&channel::members(channel), index);
        member::touch(&mut member);
        let seat = member::id(&member);
        channel::set_member(channel, index, member);
        let removals = channel::removals(channel);
        if (
            !vector::is_empty(&removals) && channel::accused(vector::borrow(&removals, 0)) == seat
        ) channel::cancel_removals(channel);
        seat
    }
}
