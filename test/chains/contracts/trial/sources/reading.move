/// Reads one value that fills its bytes exactly, for tests of `0x1::bcs_stream`.
module trial::reading {
    use std::string::String;
    use aptos_std::bcs_stream::{Self, BCSStream};

    public fun read_bool(bytes: vector<u8>): bool {
        let stream = bcs_stream::new(bytes);
        let value = bcs_stream::deserialize_bool(&mut stream);
        finish(stream);
        value
    }

    public fun read_u8(bytes: vector<u8>): u8 {
        let stream = bcs_stream::new(bytes);
        let value = bcs_stream::deserialize_u8(&mut stream);
        finish(stream);
        value
    }

    public fun read_u16(bytes: vector<u8>): u16 {
        let stream = bcs_stream::new(bytes);
        let value = bcs_stream::deserialize_u16(&mut stream);
        finish(stream);
        value
    }

    public fun read_u32(bytes: vector<u8>): u32 {
        let stream = bcs_stream::new(bytes);
        let value = bcs_stream::deserialize_u32(&mut stream);
        finish(stream);
        value
    }

    public fun read_u64(bytes: vector<u8>): u64 {
        let stream = bcs_stream::new(bytes);
        let value = bcs_stream::deserialize_u64(&mut stream);
        finish(stream);
        value
    }

    public fun read_u128(bytes: vector<u8>): u128 {
        let stream = bcs_stream::new(bytes);
        let value = bcs_stream::deserialize_u128(&mut stream);
        finish(stream);
        value
    }

    public fun read_u256(bytes: vector<u8>): u256 {
        let stream = bcs_stream::new(bytes);
        let value = bcs_stream::deserialize_u256(&mut stream);
        finish(stream);
        value
    }

    public fun read_uleb128(bytes: vector<u8>): u64 {
        let stream = bcs_stream::new(bytes);
        let value = bcs_stream::deserialize_uleb128(&mut stream);
        finish(stream);
        value
    }

    public fun read_address(bytes: vector<u8>): address {
        let stream = bcs_stream::new(bytes);
        let value = bcs_stream::deserialize_address(&mut stream);
        finish(stream);
        value
    }

    public fun read_bytes(bytes: vector<u8>): vector<u8> {
        let stream = bcs_stream::new(bytes);
        let value = bcs_stream::deserialize_bytes(&mut stream);
        finish(stream);
        value
    }

    public fun read_string(bytes: vector<u8>): String {
        let stream = bcs_stream::new(bytes);
        let value = bcs_stream::deserialize_string(&mut stream);
        finish(stream);
        value
    }

    /// Byte strings one after the other, each with its length.
    public fun read_many(bytes: vector<u8>): vector<vector<u8>> {
        let stream = bcs_stream::new(bytes);
        let values = vector[];
        while (bcs_stream::has_remaining(&stream)) {
            std::vector::push_back(&mut values, bcs_stream::deserialize_bytes(&mut stream))
        };
        values
    }

    fun finish(stream: BCSStream) {
        bcs_stream::assert_finished(&stream)
    }
}
