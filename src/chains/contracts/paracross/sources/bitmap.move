/// Which transactions of a list took effect: bit i of a big-endian number without leading zeros is
/// transaction i. The count tells a list whose transactions all failed from one that is empty.
module paracross::bitmap {
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use paracross::errors;

    struct Bitmap has copy, drop, store {
        count: u32,
        bytes: vector<u8>,
    }

    /// Aborts for a bitmap that is not written as shortly as it can be, or has a bit at or above
    /// its count: the same results have one encoding only.
    package fun read(stream: &mut BCSStream): Bitmap {
        let count = bcs_stream::deserialize_u32(stream);
        let bytes = bcs_stream::deserialize_bytes(stream);
        let length = vector::length(&bytes);
        if (length > 0) {
            let first = *vector::borrow(&bytes, 0);
            let below = (length - 1) * 8;
            let room = if ((count as u64) > below) (count as u64) - below else 0;
            let fits = room >= 8 || first >> (room as u8) == 0;
            assert!(first != 0 && fits, errors::invalid_param())
        };
        Bitmap { count, bytes }
    }

    package fun count(self: &Bitmap): u64 {
        (self.count as u64)
    }

    /// Whether transaction `i` took effect; false beyond the count.
    package fun is_set(self: &Bitmap, i: u64): bool {
        let length = vector::length(&self.bytes);
        let from_end = i / 8;
        if (from_end >= length) return false;
        let byte = *vector::borrow(&self.bytes, length - 1 - from_end);
        (byte >> ((i % 8) as u8)) & 1 == 1
    }
}
