/// Certificates: acks of a quorum on one header. An ack says that its signer executed the batch
/// again, got the same result and has it on disk.
module rooch::certificate {
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use aptos_std::ed25519;
    use rooch::configuration::{Self, Configuration};
    use rooch::domain;
    use rooch::errors;
    use rooch::header::{Self, ConfigurationRef, HeaderRef};
    use rooch::quorum;

    const ACK_SIZE: u64 = 128;
    const HASH_SIZE: u64 = 32;
    const SIGNATURE_SIZE: u64 = 64;

    struct SeatSignature has copy, drop {
        seat: u64,
        signature: vector<u8>,
    }

    struct Certificate has copy, drop {
        /// What every signer signed.
        ack: vector<u8>,
        channel: vector<u8>,
        configuration: ConfigurationRef,
        reference: HeaderRef,
        /// By ascending seat.
        signatures: vector<SeatSignature>,
    }

    package fun read(stream: &mut BCSStream): Certificate {
        let ack = bcs_stream::deserialize_fixed_bytes(stream, ACK_SIZE);
        let fields = bcs_stream::new(ack);
        let channel = bcs_stream::deserialize_fixed_bytes(&mut fields, HASH_SIZE);
        let configuration = header::read_configuration_ref(&mut fields);
        let reference = header::read_ref(&mut fields);
        let signatures = vector[];
        for (i in 0..bcs_stream::deserialize_uleb128(stream)) {
            let seat = bcs_stream::deserialize_u64(stream);
            let signature = bcs_stream::deserialize_fixed_bytes(stream, SIGNATURE_SIZE);
            vector::push_back(&mut signatures, SeatSignature { seat, signature })
        };
        Certificate { ack, channel, configuration, reference, signatures }
    }

    /// Reads a BCS option of a certificate: a vector of none or one.
    package fun read_optional(stream: &mut BCSStream): vector<Certificate> {
        if (bcs_stream::deserialize_bool(stream)) vector[read(stream)] else vector[]
    }

    /// Aborts unless this is a certificate of the channel by a quorum of the configuration, which
    /// the caller found by the number in it.
    package fun verify(self: &Certificate, channel: vector<u8>, configuration: &Configuration) {
        assert!(self.channel == channel, errors::bad_certificate());
        let hash = configuration::digest(configuration, channel);
        assert!(
            header::configuration_hash(&self.configuration) == hash,
            errors::unknown_configuration()
        );
        let message = domain::message(domain::ack(), self.ack);
        let last_seat = 0;
        vector::for_each_ref(&self.signatures, |signed| {
            let signed: &SeatSignature = signed;
            // Ascending, so that no seat counts twice.
            assert!(
                signed.seat > last_seat && configuration::contains(configuration, signed.seat),
                errors::bad_certificate()
            );
            last_seat = signed.seat;
            let key = configuration::node_key(configuration, signed.seat);
            assert!(
                ed25519::verify_strict(signed.signature, key, message),
                errors::bad_signature()
            )
        });
        assert!(
            quorum::certifies(
                vector::length(&self.signatures),
                configuration::size(configuration)
            ),
            errors::bad_certificate()
        )
    }

    /// Whether the seat's ack is among those of the certificate.
    package fun is_signed_by(self: &Certificate, seat: u64): bool {
        for (i in 0..vector::length(&self.signatures)) {
            if (vector::borrow(&self.signatures, i).seat == seat) return true
        };
        false
    }

    /// The seats whose acks it has. Whoever asks knows that they hold.
    package fun signers(self: &Certificate): vector<u64> {
        let seats = vector[];
        vector::for_each_ref(&self.signatures, |signed| {
            let signed: &SeatSignature = signed;
            vector::push_back(&mut seats, signed.seat)
        });
        seats
    }

    /// The seats whose acks hold, however few. Aborts with E_BAD_SIGNATURE on one that does not.
    package fun verified_signers(
        self: &Certificate,
        channel: vector<u8>,
        configuration: &Configuration,
    ): vector<u64> {
        assert!(self.channel == channel, errors::bad_certificate());
        let message = domain::message(domain::ack(), self.ack);
        let seats = vector[];
        vector::for_each_ref(&self.signatures, |signed| {
            let signed: &SeatSignature = signed;
            let key = configuration::node_key(configuration, signed.seat);
            assert!(
                ed25519::verify_strict(signed.signature, key, message),
                errors::bad_signature()
            );
            vector::push_back(&mut seats, signed.seat)
        });
        seats
    }

    package fun configuration(self: &Certificate): ConfigurationRef { self.configuration }

    package fun reference(self: &Certificate): HeaderRef { self.reference }
}
