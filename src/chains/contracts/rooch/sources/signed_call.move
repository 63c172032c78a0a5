/// A member's signed call, as far as the chain has to understand it: whose it is, until when it
/// counts, and that every node of its channel can read it (channel SPEC.md, EX7). What it asks for
/// is the channel's business.
module rooch::signed_call {
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use aptos_std::ed25519;
    use rooch::domain;
    use rooch::errors;

    const HASH_SIZE: u64 = 32;
    const ADDRESS_SIZE: u64 = 32;
    const SIGNATURE_SIZE: u64 = 64;
    const SIZE_MAX: u64 = 16_384;
    const GAS_MAX: u64 = 1_000_000;
    const ARGS_MAX: u64 = 32;
    const TYPE_DEPTH_MAX: u64 = 9;
    const TYPE_ARGS_MAX: u64 = 32;
    const IDENTIFIER_SIZE_MAX: u64 = 255;

    // Variants of type tags that something follows, and the highest of all.
    const VECTOR: u64 = 6;
    const STRUCT: u64 = 7;
    const TYPE_VARIANT_MAX: u64 = 10;

    const UNDERSCORE: u8 = 95;

    struct SignedCall has copy, drop {
        channel: vector<u8>,
        seat: u64,
        nonce: u64,
        /// The last height at which it may be ordered.
        expiry: u64,
        /// What was signed, without its prefix.
        bytes: vector<u8>,
        signature: vector<u8>,
    }

    /// Reads a SignedCall. Aborts with E_BAD_EVIDENCE for one that no leader could order anywhere.
    package fun read(data: vector<u8>): SignedCall {
        let size = vector::length(&data);
        assert!(size <= SIZE_MAX, errors::bad_evidence());
        let stream = bcs_stream::new(data);
        let channel = bcs_stream::deserialize_fixed_bytes(&mut stream, HASH_SIZE);
        let seat = bcs_stream::deserialize_u64(&mut stream);
        let nonce = bcs_stream::deserialize_u64(&mut stream);
        bcs_stream::deserialize_fixed_bytes(&mut stream, ADDRESS_SIZE);
        pass_identifier(&mut stream);
        pass_identifier(&mut stream);
        pass_types(&mut stream, ARGS_MAX, TYPE_DEPTH_MAX);
        let count = bcs_stream::deserialize_uleb128(&mut stream);
        assert!(count <= ARGS_MAX, errors::bad_evidence());
        for (i in 0..count) {
            bcs_stream::deserialize_bytes(&mut stream);
        };
        let max_gas = bcs_stream::deserialize_u64(&mut stream);
        assert!(max_gas <= GAS_MAX, errors::bad_evidence());
        let expiry = bcs_stream::deserialize_u64(&mut stream);
        let end = size - bcs_stream::remaining(&stream);
        let signature = bcs_stream::deserialize_fixed_bytes(&mut stream, SIGNATURE_SIZE);
        bcs_stream::assert_finished(&stream);
        let bytes = vector::slice(&data, 0, end);
        SignedCall { channel, seat, nonce, expiry, bytes, signature }
    }

    /// Aborts with E_BAD_SIGNATURE unless this key signed it.
    package fun assert_signed_by(self: &SignedCall, member_key: vector<u8>) {
        let message = domain::message(domain::call(), self.bytes);
        assert!(
            ed25519::verify_strict(self.signature, member_key, message),
            errors::bad_signature()
        )
    }

    fun pass_types(stream: &mut BCSStream, count_max: u64, depth: u64) {
        let count = bcs_stream::deserialize_uleb128(stream);
        assert!(count <= count_max, errors::bad_evidence());
        for (i in 0..count) pass_type(stream, depth)
    }

    /// @param depth how many levels are left, this one included.
    fun pass_type(stream: &mut BCSStream, depth: u64) {
        assert!(depth > 0, errors::bad_evidence());
        let variant = bcs_stream::deserialize_uleb128(stream);
        assert!(variant <= TYPE_VARIANT_MAX, errors::bad_evidence());
        if (variant == VECTOR) {
            pass_type(stream, depth - 1)
        } else if (variant == STRUCT) {
            bcs_stream::deserialize_fixed_bytes(stream, ADDRESS_SIZE);
            pass_identifier(stream);
            pass_identifier(stream);
            pass_types(stream, TYPE_ARGS_MAX, depth - 1)
        }
    }

    /// A letter and then letters, digits and underscores, or an underscore and then one or more.
    fun pass_identifier(stream: &mut BCSStream) {
        let text = bcs_stream::deserialize_bytes(stream);
        let size = vector::length(&text);
        assert!(size > 0 && size <= IDENTIFIER_SIZE_MAX, errors::bad_evidence());
        for (i in 0..size) {
            let byte = *vector::borrow(&text, i);
            let fits =
                is_letter(byte)
                    || (byte == UNDERSCORE && size > 1)
                    || (is_digit(byte) && i > 0);
            assert!(fits, errors::bad_evidence())
        }
    }

    fun is_letter(byte: u8): bool { (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) }

    fun is_digit(byte: u8): bool { byte >= 48 && byte <= 57 }

    package fun channel(self: &SignedCall): vector<u8> { self.channel }

    package fun seat(self: &SignedCall): u64 { self.seat }

    package fun nonce(self: &SignedCall): u64 { self.nonce }

    package fun expiry(self: &SignedCall): u64 { self.expiry }
}
