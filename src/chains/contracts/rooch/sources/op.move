/// One operation of a change set on one value. Values are bytes (BCS): a contract reads their
/// fields with `0x1::bcs_stream` and writes them into the value it has borrowed.
module rooch::op {
    use aptos_std::bcs_stream::{Self, BCSStream};
    use rooch::errors;

    const NEW: u64 = 0;
    const MODIFY: u64 = 1;
    const DELETE: u64 = 2;

    struct OP has copy, drop {
        kind: u64,
        /// Empty for a new value.
        old: vector<u8>,
        /// Empty for a deleted one.
        value: vector<u8>,
    }

    package fun read(stream: &mut BCSStream): OP {
        let kind = bcs_stream::deserialize_uleb128(stream);
        assert!(kind <= DELETE, errors::bad_proposal());
        let old = if (kind == NEW) vector[] else bcs_stream::deserialize_bytes(stream);
        let value = if (kind == DELETE) vector[] else bcs_stream::deserialize_bytes(stream);
        OP { kind, old, value }
    }

    /// A change of what is in escrow. `old` is empty where the channel took the value from escrow
    /// itself.
    package fun new_modify(old: vector<u8>, value: vector<u8>): OP {
        OP { kind: MODIFY, old, value }
    }

    public fun is_new(self: &OP): bool { self.kind == NEW }

    public fun is_modify(self: &OP): bool { self.kind == MODIFY }

    public fun is_delete(self: &OP): bool { self.kind == DELETE }

    /// The value that takes the place of the old one.
    public fun modify(self: &OP): vector<u8> {
        assert!(is_modify(self), errors::not_applied());
        self.value
    }

    /// The value that comes where there was none.
    public fun new(self: &OP): vector<u8> {
        assert!(is_new(self), errors::not_applied());
        self.value
    }

    /// What was there before; empty for a new value.
    public fun old(self: &OP): vector<u8> { self.old }

    /// What is there after; empty for a deleted value.
    package fun value(self: &OP): vector<u8> { self.value }
}
