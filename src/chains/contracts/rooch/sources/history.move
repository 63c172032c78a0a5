/// What the chain believes of a channel's history: that a header is confirmed, and how one
/// configuration followed from another. Everything is checked from the configuration that the chain
/// itself knows.
module rooch::history {
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use rooch::certificate::{Self, Certificate};
    use rooch::channel::{Self, Channel};
    use rooch::checkpoint;
    use rooch::configuration::{Self, Configuration};
    use rooch::errors;
    use rooch::events;
    use rooch::header::{Self, Header, HeaderRef, SignedHeader};
    use rooch::member;
    use rooch::registry;

    /// A certified header and a later one of its epoch, certified too, that carries its
    /// certificate.
    struct Confirmation has copy, drop {
        header: SignedHeader,
        certificate: Certificate,
        confirming: SignedHeader,
        confirming_certificate: Certificate,
    }

    /// A change of configuration that the channel ordered.
    struct ConfigurationStep has copy, drop {
        configuration: Configuration,
        confirmation: Confirmation,
    }

    package fun read_confirmation(stream: &mut BCSStream): Confirmation {
        Confirmation {
            header: header::read_signed(stream),
            certificate: certificate::read(stream),
            confirming: header::read_signed(stream),
            confirming_certificate: certificate::read(stream),
        }
    }

    package fun read_steps(stream: &mut BCSStream): vector<ConfigurationStep> {
        let steps = vector[];
        for (i in 0..bcs_stream::deserialize_uleb128(stream)) {
            let configuration = configuration::read(stream);
            let confirmation = read_confirmation(stream);
            vector::push_back(&mut steps, ConfigurationStep { configuration, confirmation })
        };
        steps
    }

    /// Aborts unless a quorum certified the header that the certificate names, under a
    /// configuration that the chain knows and has not ended below it.
    package fun assert_certified(channel: &Channel, certificate: &Certificate) {
        let id = channel::id(channel);
        let number = header::configuration_number(&certificate::configuration(certificate));
        let configuration = registry::configuration(id, number);
        certificate::verify(certificate, channel::hash(channel), &configuration);
        let reference = certificate::reference(certificate);
        registry::assert_counts(id, number, &reference);
        // Only the chain raises the term.
        assert!(header::term(&reference) <= channel::term(channel), errors::bad_certificate())
    }

    /// Aborts unless the confirmation holds; raises the fence to what it shows.
    package fun assert_confirmed(channel: &mut Channel, confirmation: &Confirmation): Header {
        let header = header::header(&confirmation.header);
        let confirming = header::header(&confirmation.confirming);
        assert_names(&confirmation.certificate, &header, channel::hash(channel));
        assert_names(&confirmation.confirming_certificate, &confirming, channel::hash(channel));
        let reference = header::reference(&header);
        let confirming_reference = header::reference(&confirming);
        assert!(
            header::same_epoch(&reference, &confirming_reference)
                && header::justify(&confirming) == reference,
            errors::bad_certificate()
        );
        assert_certified(channel, &confirmation.certificate);
        assert_certified(channel, &confirmation.confirming_certificate);
        assert_signed(channel, &confirmation.header);
        assert_signed(channel, &confirmation.confirming);
        channel::raise_fence(channel, confirming_reference);
        checkpoint::note(channel::id(channel), checkpoint::of_header(&header));
        header
    }

    package fun confirmed_header(self: &Confirmation): Header { header::header(&self.header) }

    package fun certificate(self: &Confirmation): &Certificate { &self.certificate }

    package fun confirming_certificate(self: &Confirmation): &Certificate {
        &self.confirming_certificate
    }

    /// Aborts unless the header's leader signed it: evidence has no part that may be altered.
    fun assert_signed(channel: &Channel, signed: &SignedHeader) {
        let header = header::header(signed);
        let number = header::configuration_number(&header::configuration(&header));
        let configuration = registry::configuration(channel::id(channel), number);
        let key = configuration::node_key(&configuration, header::leader(&header));
        assert!(header::is_signed_by(signed, key), errors::bad_signature())
    }

    fun assert_names(certificate: &Certificate, header: &Header, channel: vector<u8>) {
        assert!(
            header::channel(header) == channel
                && certificate::reference(certificate) == header::reference(header)
                && certificate::configuration(certificate) == header::configuration(header),
            errors::bad_certificate()
        )
    }

    /// Follows changes of configuration, each from the one before it. Those that are known are
    /// passed over.
    package fun adopt(channel: &mut Channel, steps: vector<ConfigurationStep>) {
        vector::for_each_ref(&steps, |step| adopt_step(channel, step))
    }

    fun adopt_step(channel: &mut Channel, step: &ConfigurationStep) {
        let id = channel::id(channel);
        let number = configuration::number(&step.configuration);
        if (number <= channel::configuration(channel)) {
            let known = registry::configuration(id, number);
            assert!(known == step.configuration, errors::bad_configuration());
            return
        };
        assert!(
            number == channel::configuration(channel) + 1,
            errors::unknown_configuration()
        );
        let header = assert_confirmed(channel, &step.confirmation);
        let confirming = header::header(&step.confirmation.confirming);
        let hash = configuration::digest(&step.configuration, channel::hash(channel));
        let next = header::new_configuration_ref(number, hash);
        let current = header::configuration(&header);
        assert!(
            header::configuration_number(&current) + 1 == number
                && header::configuration(&confirming) == current
                && header::next(&header) == next
                && header::next(&confirming) == next,
            errors::bad_configuration()
        );
        channel::assert_size(channel, configuration::size(&step.configuration));
        assert_joined(channel, &step.configuration);
        registry::add_configuration(id, step.configuration);
        registry::leave_configuration(id, number - 1, header::reference(&confirming));
        let reference = header::reference(&header);
        enter(channel, &step.configuration, header::number(&reference));
        let fence = channel::fence(channel);
        events::configuration_changed(id, step.configuration, fence, 0)
    }

    /// Nobody is in a configuration who did not join on chain, with these keys.
    fun assert_joined(channel: &Channel, configuration: &Configuration) {
        let seats = configuration::seats(configuration);
        vector::for_each_ref(&seats, |seat| {
            let (found, i) = channel::index_of(channel, configuration::id(seat));
            assert!(found, errors::bad_configuration());
            let members = channel::members(channel);
            let member = vector::borrow(&members, i);
            assert!(
                (member::may_be_in(member)
                    || channel::is_being_excluded(channel, configuration::id(seat)))
                    && &member::seat(member) == seat,
                errors::bad_configuration()
            )
        })
    }

    /// Gives every member its standing under a configuration that begins with header `number`.
    fun enter(channel: &mut Channel, configuration: &Configuration, number: u64) {
        let members = channel::members(channel);
        for (i in 0..vector::length(&members)) {
            let member = *vector::borrow(&members, i);
            let seat = member::id(&member);
            if (configuration::contains(configuration, seat)) {
                if (!member::is_punished(&member)) member::admit(&mut member)
            } else if (member::is_admitted(&member)) {
                member::leave(&mut member, number);
                if (channel::leader(channel) == seat) channel::clear_leader(channel)
            };
            channel::set_member(channel, i, member)
        };
        channel::set_configuration(channel, configuration::number(configuration));
        channel::cancel_removals(channel)
    }

    /// Takes a seat out by the chain's own decision: the next configuration begins at the fence,
    /// and what lies above it under the old one is void. The caller has set the member's standing,
    /// and the seat is not the only one.
    package fun exclude(channel: &mut Channel, seat: u64) {
        let id = channel::id(channel);
        let number = channel::configuration(channel);
        let fence = channel::fence(channel);
        let latest = registry::configuration(id, number);
        if (configuration::contains(&latest, seat)) {
            let next = configuration::without(&latest, seat);
            registry::end_configuration(id, number, fence);
            registry::add_configuration(id, next);
            channel::set_configuration(channel, number + 1);
            events::configuration_changed(id, next, fence, seat)
        };
        if (channel::leader(channel) == seat) channel::clear_leader(channel);
        channel::cancel_removals(channel)
    }

    /// {@link exclude} at a header that may be below the fence: the fence goes there, and the
    /// configurations from number `lowest` on, which it is under, end there. The next one has the
    /// latest's seats without this one, unless it is the only one.
    package fun end_at(channel: &mut Channel, seat: u64, lowest: u64, reference: HeaderRef) {
        let id = channel::id(channel);
        let number = channel::configuration(channel);
        let latest = registry::configuration(id, number);
        let next =
            if (configuration::contains(&latest, seat) && configuration::size(&latest) > 1) {
                configuration::without(&latest, seat)
            } else {
                configuration::renumbered(&latest)
            };
        for (i in lowest..(number + 1)) registry::end_configuration(id, i, reference);
        registry::add_configuration(id, next);
        channel::set_configuration(channel, number + 1);
        channel::set_fence(channel, reference);
        if (channel::leader(channel) == seat) channel::clear_leader(channel);
        channel::cancel_removals(channel);
        events::configuration_changed(id, next, reference, seat)
    }
}
