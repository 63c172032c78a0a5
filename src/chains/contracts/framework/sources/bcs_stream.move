/// Reads canonical BCS, value by value, in plain Move. It is how a contract takes field values out
/// of bytes: it learns values, never a struct. Anything but the one canonical encoding aborts.
module aptos_std::bcs_stream {
    use std::error;
    use std::string::{Self, String};
    use std::vector;
    use aptos_std::from_bcs;

    /// Not canonical: a boolean other than 0 and 1, a length with needless bytes or above 2^31 - 1.
    const EMALFORMED_DATA: u64 = 1;
    /// The bytes end inside a value.
    const EOUT_OF_BYTES: u64 = 2;
    /// Bytes are left where the value should have ended.
    const ETRAILING_BYTES: u64 = 3;

    const ADDRESS_SIZE: u64 = 32;
    /// The longest sequence that BCS allows.
    const LENGTH_MAX: u64 = 0x7FFFFFFF;
    /// Above this many bytes one native move beats reading byte by byte.
    const BULK_SIZE_MIN: u64 = 64;

    struct BCSStream has drop {
        /// What is read in bulk is moved out of here, so `cur` counts bytes that are still here.
        data: vector<u8>,
        cur: u64,
    }

    public fun new(data: vector<u8>): BCSStream {
        BCSStream { data, cur: 0 }
    }

    public fun has_remaining(self: &BCSStream): bool {
        self.cur < vector::length(&self.data)
    }

    /// How many bytes are left.
    public fun remaining(self: &BCSStream): u64 {
        vector::length(&self.data) - self.cur
    }

    /// Aborts unless every byte was read.
    public fun assert_finished(self: &BCSStream) {
        assert!(!has_remaining(self), error::invalid_argument(ETRAILING_BYTES));
    }

    /// A length or a variant: ULEB128 in its shortest form, at most 2^31 - 1.
    public fun deserialize_uleb128(self: &mut BCSStream): u64 {
        let value: u64 = 0;
        let shift: u8 = 0;
        loop {
            let byte = deserialize_u8(self);
            value = value | (((byte & 0x7F) as u64) << shift);
            assert!(value <= LENGTH_MAX, error::invalid_argument(EMALFORMED_DATA));
            if (byte & 0x80 == 0) {
                // A last byte of zero would say in two bytes what fits in one.
                assert!(byte != 0 || shift == 0, error::invalid_argument(EMALFORMED_DATA));
                return value
            };
            shift = shift + 7;
            assert!(shift < 35, error::invalid_argument(EMALFORMED_DATA));
        }
    }

    public fun deserialize_bool(self: &mut BCSStream): bool {
        let byte = deserialize_u8(self);
        assert!(byte <= 1, error::invalid_argument(EMALFORMED_DATA));
        byte == 1
    }

    public fun deserialize_u8(self: &mut BCSStream): u8 {
        assert!(has_remaining(self), error::out_of_range(EOUT_OF_BYTES));
        let byte = *vector::borrow(&self.data, self.cur);
        self.cur = self.cur + 1;
        byte
    }

    public fun deserialize_u16(self: &mut BCSStream): u16 {
        (little_endian(self, 2) as u16)
    }

    public fun deserialize_u32(self: &mut BCSStream): u32 {
        (little_endian(self, 4) as u32)
    }

    public fun deserialize_u64(self: &mut BCSStream): u64 {
        little_endian(self, 8)
    }

    public fun deserialize_u128(self: &mut BCSStream): u128 {
        let low = (little_endian(self, 8) as u128);
        low | ((little_endian(self, 8) as u128) << 64)
    }

    public fun deserialize_u256(self: &mut BCSStream): u256 {
        let low = (deserialize_u128(self) as u256);
        low | ((deserialize_u128(self) as u256) << 128)
    }

    public fun deserialize_address(self: &mut BCSStream): address {
        from_bcs::to_address(deserialize_fixed_bytes(self, ADDRESS_SIZE))
    }

    /// Exactly `length` bytes that carry no length of their own, such as a hash.
    public fun deserialize_fixed_bytes(self: &mut BCSStream, length: u64): vector<u8> {
        assert!(length <= remaining(self), error::out_of_range(EOUT_OF_BYTES));
        let bytes = vector::empty();
        if (length >= BULK_SIZE_MIN) {
            vector::move_range(&mut self.data, self.cur, length, &mut bytes, 0);
            return bytes
        };
        let end = self.cur + length;
        let i = self.cur;
        while (i < end) {
            vector::push_back(&mut bytes, *vector::borrow(&self.data, i));
            i = i + 1;
        };
        self.cur = end;
        bytes
    }

    /// A `vector<u8>`: its length and then that many bytes.
    public fun deserialize_bytes(self: &mut BCSStream): vector<u8> {
        let length = deserialize_uleb128(self);
        deserialize_fixed_bytes(self, length)
    }

    /// A `String`; aborts with `std::string`'s own code when the bytes are not UTF-8.
    public fun deserialize_string(self: &mut BCSStream): String {
        string::utf8(deserialize_bytes(self))
    }

    fun little_endian(self: &mut BCSStream, size: u8): u64 {
        assert!((size as u64) <= remaining(self), error::out_of_range(EOUT_OF_BYTES));
        let value: u64 = 0;
        let i = 0;
        let start = self.cur;
        while (i < size) {
            let byte = *vector::borrow(&self.data, start + (i as u64));
            value = value | ((byte as u64) << (i * 8));
            i = i + 1;
        };
        self.cur = start + (size as u64);
        value
    }
}
