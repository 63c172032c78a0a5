/// UTF-8 text over four natives.
module std::string {
    use std::vector;

    const EINVALID_UTF8: u64 = 1;
    /// An index beyond the end or inside a character.
    const EINVALID_INDEX: u64 = 2;

    struct String has copy, drop, store {
        bytes: vector<u8>,
    }

    public fun utf8(bytes: vector<u8>): String {
        assert!(internal_check_utf8(&bytes), EINVALID_UTF8);
        String { bytes }
    }

    public fun is_utf8(bytes: &vector<u8>): bool {
        internal_check_utf8(bytes)
    }

    public fun bytes(self: &String): &vector<u8> {
        &self.bytes
    }

    public fun into_bytes(self: String): vector<u8> {
        let String { bytes } = self;
        bytes
    }

    public fun is_empty(self: &String): bool {
        vector::is_empty(&self.bytes)
    }

    /// Length in bytes.
    public fun length(self: &String): u64 {
        vector::length(&self.bytes)
    }

    public fun append(self: &mut String, r: String) {
        let String { bytes } = r;
        vector::append(&mut self.bytes, bytes)
    }

    public fun append_utf8(self: &mut String, bytes: vector<u8>) {
        append(self, utf8(bytes))
    }

    /// The text between byte `i` and byte `j`; both must be character boundaries.
    public fun sub_string(self: &String, i: u64, j: u64): String {
        let bytes = &self.bytes;
        assert!(i <= j && j <= vector::length(bytes), EINVALID_INDEX);
        assert!(internal_is_char_boundary(bytes, i), EINVALID_INDEX);
        assert!(internal_is_char_boundary(bytes, j), EINVALID_INDEX);
        String { bytes: internal_sub_string(bytes, i, j) }
    }

    /// Where `r` begins first; the length when it is not found.
    public fun index_of(self: &String, r: &String): u64 {
        internal_index_of(&self.bytes, &r.bytes)
    }

    native fun internal_check_utf8(v: &vector<u8>): bool;

    native fun internal_is_char_boundary(v: &vector<u8>, i: u64): bool;

    native fun internal_sub_string(v: &vector<u8>, i: u64, j: u64): vector<u8>;

    native fun internal_index_of(v: &vector<u8>, r: &vector<u8>): u64;
}
