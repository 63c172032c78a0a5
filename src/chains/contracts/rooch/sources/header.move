/// Batch headers, and the short names by which certificates and fences refer to them. Bytes as in
/// the channel's SPEC.md; fields that the chain does not use are passed over.
module rooch::header {
    use aptos_std::bcs_stream::{Self, BCSStream};
    use aptos_std::ed25519;
    use rooch::domain;

    const HASH_SIZE: u64 = 32;
    const HEADER_SIZE: u64 = 444;
    const SIGNATURE_SIZE: u64 = 64;
    const NO_HASH: vector<u8> =
        x"0000000000000000000000000000000000000000000000000000000000000000";

    struct ConfigurationRef has copy, drop, store {
        number: u64,
        hash: vector<u8>,
    }

    /// Names a header; all zero where there is none yet.
    struct HeaderRef has copy, drop, store {
        term: u64,
        view: u64,
        /// Position in the chain of headers, from 1.
        number: u64,
        hash: vector<u8>,
    }

    struct Header has copy, drop {
        reference: HeaderRef,
        channel: vector<u8>,
        configuration: ConfigurationRef,
        /// The configuration after the batch's entries.
        next: ConfigurationRef,
        leader: u64,
        first_height: u64,
        count: u64,
        justify: HeaderRef,
        pre_state_root: vector<u8>,
        state_root: vector<u8>,
        steps_root: vector<u8>,
        /// Of the hashes of all headers before this one.
        history_root: vector<u8>,
        time_ms: u64,
    }

    struct SignedHeader has copy, drop {
        header: Header,
        bytes: vector<u8>,
        signature: vector<u8>,
    }

    /// Reads a signed header: the header and its leader's signature of it.
    package fun read_signed(stream: &mut BCSStream): SignedHeader {
        let bytes = bcs_stream::deserialize_fixed_bytes(stream, HEADER_SIZE);
        let signature = bcs_stream::deserialize_fixed_bytes(stream, SIGNATURE_SIZE);
        SignedHeader { header: decode(bytes), bytes, signature }
    }

    /// Whether the holder of the key signed this header.
    package fun is_signed_by(self: &SignedHeader, node_key: vector<u8>): bool {
        let message = domain::message(domain::header(), self.bytes);
        ed25519::verify_strict(self.signature, node_key, message)
    }

    package fun header(self: &SignedHeader): Header { self.header }

    package fun new_ref(term: u64, view: u64, number: u64, hash: vector<u8>): HeaderRef {
        HeaderRef { term, view, number, hash }
    }

    package fun decode(bytes: vector<u8>): Header {
        let hash = domain::digest(domain::header(), bytes);
        let stream = bcs_stream::new(bytes);
        let s = &mut stream;
        let channel = read_hash(s);
        let configuration = read_configuration_ref(s);
        let next = read_configuration_ref(s);
        let term = bcs_stream::deserialize_u64(s);
        let view = bcs_stream::deserialize_u64(s);
        let leader = bcs_stream::deserialize_u64(s);
        let number = bcs_stream::deserialize_u64(s);
        let first_height = bcs_stream::deserialize_u64(s);
        let count = (bcs_stream::deserialize_u32(s) as u64);
        let _previous = read_hash(s);
        let justify = read_ref(s);
        let pre_state_root = read_hash(s);
        let state_root = read_hash(s);
        let steps_root = read_hash(s);
        let _change_set_root = read_hash(s);
        let history_root = read_hash(s);
        let time_ms = bcs_stream::deserialize_u64(s);
        let _reveal = read_hash(s);
        bcs_stream::assert_finished(s);
        let reference = HeaderRef { term, view, number, hash };
        Header {
            reference, channel, configuration, next, leader, first_height, count, justify,
            pre_state_root, state_root, steps_root, history_root, time_ms,
        }
    }

    package fun none(): HeaderRef {
        HeaderRef { term: 0, view: 0, number: 0, hash: NO_HASH }
    }

    package fun read_ref(stream: &mut BCSStream): HeaderRef {
        let term = bcs_stream::deserialize_u64(stream);
        let view = bcs_stream::deserialize_u64(stream);
        let number = bcs_stream::deserialize_u64(stream);
        HeaderRef { term, view, number, hash: read_hash(stream) }
    }

    package fun new_configuration_ref(number: u64, hash: vector<u8>): ConfigurationRef {
        ConfigurationRef { number, hash }
    }

    /// Whether `a` is higher than `b`: by term, then view, then number.
    package fun is_higher(a: &HeaderRef, b: &HeaderRef): bool {
        if (a.term != b.term) return a.term > b.term;
        if (a.view != b.view) return a.view > b.view;
        a.number > b.number
    }

    package fun same_epoch(a: &HeaderRef, b: &HeaderRef): bool {
        a.term == b.term && a.view == b.view
    }

    /// The height of the header's last entry.
    package fun last_height(self: &Header): u64 { self.first_height + self.count - 1 }

    /// Whether two headers order an entry at the same height, or stand at the same place.
    package fun overlaps(a: &Header, b: &Header): bool {
        a.reference.number == b.reference.number
            || (
                a.first_height < b.first_height + b.count
                    && b.first_height < a.first_height + a.count
            )
    }

    package fun changes_configuration(self: &Header): bool { self.configuration != self.next }

    package fun reference(self: &Header): HeaderRef { self.reference }

    package fun channel(self: &Header): vector<u8> { self.channel }

    package fun configuration(self: &Header): ConfigurationRef { self.configuration }

    package fun next(self: &Header): ConfigurationRef { self.next }

    package fun leader(self: &Header): u64 { self.leader }

    package fun justify(self: &Header): HeaderRef { self.justify }

    package fun pre_state_root(self: &Header): vector<u8> { self.pre_state_root }

    package fun state_root(self: &Header): vector<u8> { self.state_root }

    package fun steps_root(self: &Header): vector<u8> { self.steps_root }

    package fun history_root(self: &Header): vector<u8> { self.history_root }

    package fun time_ms(self: &Header): u64 { self.time_ms }

    package fun configuration_number(self: &ConfigurationRef): u64 { self.number }

    package fun configuration_hash(self: &ConfigurationRef): vector<u8> { self.hash }

    package fun term(self: &HeaderRef): u64 { self.term }

    package fun number(self: &HeaderRef): u64 { self.number }

    package fun hash(self: &HeaderRef): vector<u8> { self.hash }

    fun read_hash(stream: &mut BCSStream): vector<u8> {
        bcs_stream::deserialize_fixed_bytes(stream, HASH_SIZE)
    }

    package fun read_configuration_ref(stream: &mut BCSStream): ConfigurationRef {
        let number = bcs_stream::deserialize_u64(stream);
        ConfigurationRef { number, hash: read_hash(stream) }
    }
}
