/// Removing a seat that is not heard any more (change of configuration (b) of the protocol): at
/// once when more than half of the configuration signs, otherwise after a window in which any sign
/// of life cancels it.
module rooch::silence {
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use aptos_std::ed25519;
    use rooch::certificate;
    use rooch::channel::{Self, Channel};
    use rooch::config;
    use rooch::clock;
    use rooch::configuration::{Self, Configuration};
    use rooch::domain;
    use rooch::election;
    use rooch::errors;
    use rooch::events;
    use rooch::header::{Self, ConfigurationRef, HeaderRef};
    use rooch::history;
    use rooch::member;
    use rooch::punishment;
    use rooch::quorum;
    use rooch::registry;
    use rooch::window;

    const REMOVAL_SIZE: u64 = 144;
    const HASH_SIZE: u64 = 32;
    const SIGNATURE_SIZE: u64 = 64;

    /// A member's wish that a seat be removed.
    struct Wish has copy, drop {
        /// What the member signed.
        bytes: vector<u8>,
        channel: vector<u8>,
        configuration: ConfigurationRef,
        accused: u64,
        /// When the accused was heard last, so that a wish dies with the silence it was made in.
        last_alive_ms: u64,
        /// The signer's highest certificate; it acks nothing more under this configuration.
        highest: HeaderRef,
        signer: u64,
        signature: vector<u8>,
    }

    /// Removes the accused, or opens the window, or carries the removal out after the window.
    package fun remove(channel: &mut Channel, accused: u64, evidence: vector<u8>) {
        let stream = bcs_stream::new(evidence);
        let wishes = read_wishes(&mut stream);
        let certificates = certificate::read_optional(&mut stream);
        let steps = history::read_steps(&mut stream);
        bcs_stream::assert_finished(&stream);
        history::adopt(channel, steps);
        election::raise(channel, certificates, vector[]);

        let number = channel::configuration(channel);
        let configuration = registry::configuration(channel::id(channel), number);
        assert_silent(channel, accused);
        assert!(!vector::is_empty(&wishes), errors::bad_evidence());
        assert_signed(channel, &wishes, accused, &configuration);
        if (quorum::removes(vector::length(&wishes), configuration::size(&configuration))) {
            carry_out(channel, accused)
        } else {
            open_or_carry_out(channel, accused, number)
        }
    }

    fun open_or_carry_out(channel: &mut Channel, accused: u64, configuration: u64) {
        let removals = channel::removals(channel);
        let is_open = false;
        vector::for_each_ref(&removals, |removal| {
            if (channel::is_removal_of(removal, accused, configuration)) {
                let is_over =
                    channel::is_due(removal)
                        && window::was_open_to_all(
                            channel::id(channel),
                            window::removal(),
                            accused,
                        );
                assert!(is_over, errors::window_open());
                is_open = true
            }
        });
        if (is_open) {
            carry_out(channel, accused)
        } else {
            // One at a time: a second accusation must not push the first one's window out.
            assert!(vector::is_empty(&removals), errors::window_open());
            channel::open_removal(channel, accused);
            window::open(channel::id(channel), window::removal(), accused);
            let window_ms = config::challenge_window_ms(&channel::config(channel));
            let due_ms = clock::active_ms() + window_ms;
            events::removal_opened(channel::id(channel), accused, due_ms)
        }
    }

    fun carry_out(channel: &mut Channel, accused: u64) {
        let fence = channel::fence(channel);
        member::remove(channel::borrow_seat_mut(channel, accused), header::number(&fence));
        history::exclude(channel, accused);
        punishment::void_against(channel, accused)
    }

    fun assert_silent(channel: &Channel, accused: u64) {
        let member = channel::borrow_seat(channel, accused);
        assert!(member::is_admitted(member), errors::not_member());
        assert!(!member::is_alive(member), errors::not_silent())
    }

    fun assert_signed(
        channel: &Channel,
        wishes: &vector<Wish>,
        accused: u64,
        configuration: &Configuration,
    ) {
        let hash = channel::hash(channel);
        let number = configuration::number(configuration);
        let named =
            header::new_configuration_ref(number, configuration::digest(configuration, hash));
        let last_alive_ms = member::last_alive_ms(channel::borrow_seat(channel, accused));
        let fence = channel::fence(channel);
        let last_signer = 0;
        vector::for_each_ref(wishes, |wish| {
            let wish: &Wish = wish;
            assert!(
                wish.channel == hash
                    && wish.accused == accused
                    && wish.last_alive_ms == last_alive_ms
                    && wish.signer != accused
                    // Ascending, so that nobody wishes twice.
                    && wish.signer > last_signer
                    && configuration::contains(configuration, wish.signer),
                errors::bad_evidence()
            );
            assert!(wish.configuration == named, errors::unknown_configuration());
            last_signer = wish.signer;
            // What a signer knows to be certified must not end up above the fence.
            assert!(!header::is_higher(&wish.highest, &fence), errors::stale_checkpoint());
            let key = configuration::node_key(configuration, wish.signer);
            let message = domain::message(domain::removal(), wish.bytes);
            assert!(
                ed25519::verify_strict(wish.signature, key, message),
                errors::bad_signature()
            )
        })
    }

    fun read_wishes(stream: &mut BCSStream): vector<Wish> {
        let wishes = vector[];
        for (i in 0..bcs_stream::deserialize_uleb128(stream)) {
            let bytes = bcs_stream::deserialize_fixed_bytes(stream, REMOVAL_SIZE);
            let signer = bcs_stream::deserialize_u64(stream);
            let signature = bcs_stream::deserialize_fixed_bytes(stream, SIGNATURE_SIZE);
            vector::push_back(&mut wishes, decode_wish(bytes, signer, signature))
        };
        wishes
    }

    fun decode_wish(bytes: vector<u8>, signer: u64, signature: vector<u8>): Wish {
        let fields = bcs_stream::new(bytes);
        let channel = bcs_stream::deserialize_fixed_bytes(&mut fields, HASH_SIZE);
        let configuration = header::read_configuration_ref(&mut fields);
        let accused = bcs_stream::deserialize_u64(&mut fields);
        let last_alive_ms = bcs_stream::deserialize_u64(&mut fields);
        let highest = header::read_ref(&mut fields);
        Wish {
            bytes, channel, configuration, accused, last_alive_ms, highest, signer, signature,
        }
    }
}
