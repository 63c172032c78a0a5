/// The canonical bytes of a value. There is no inverse for structs: see `bcs_stream`.
module std::bcs {
    native public fun to_bytes<MoveValue>(v: &MoveValue): vector<u8>;

    native public fun serialized_size<MoveValue>(v: &MoveValue): u64;
}
