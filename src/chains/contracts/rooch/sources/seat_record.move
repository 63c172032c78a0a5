/// What a channel's own state says of a seat (channel SPEC.md, ST1): one item of the table whose
/// handle is 0x0, under the seat's number.
module rooch::seat_record {
    use aptos_std::bcs_stream;

    const ADDRESS_SIZE: u64 = 32;
    const HASH_SIZE: u64 = 32;
    const DEPARTED: u8 = 1;

    struct SeatRecord has copy, drop {
        /// Of the seat's next call.
        nonce: u64,
        standing: u8,
    }

    package fun read(bytes: vector<u8>): SeatRecord {
        let stream = bcs_stream::new(bytes);
        bcs_stream::deserialize_fixed_bytes(&mut stream, ADDRESS_SIZE);
        let nonce = bcs_stream::deserialize_u64(&mut stream);
        bcs_stream::deserialize_fixed_bytes(&mut stream, HASH_SIZE);
        let standing = bcs_stream::deserialize_u8(&mut stream);
        bcs_stream::assert_finished(&stream);
        SeatRecord { nonce, standing }
    }

    package fun nonce(self: &SeatRecord): u64 { self.nonce }

    package fun has_departed(self: &SeatRecord): bool { self.standing == DEPARTED }
}
