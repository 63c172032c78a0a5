/// What parallel chains are called: `user.p.NAME.`, NAME being 1 to 32 letters, digits, `-` and
/// `_`.
module paracross::title {
    use std::string::{Self, String};
    use std::vector;
    use paracross::errors;

    const PREFIX: vector<u8> = b"user.p.";
    const NAME_SIZE_MAX: u64 = 32;

    package fun check(title: &String) {
        assert!(is_title(string::bytes(title)), errors::invalid_title())
    }

    /// Aborts for bytes that are no title.
    package fun read(bytes: vector<u8>): String {
        assert!(is_title(&bytes), errors::invalid_title());
        string::utf8(bytes)
    }

    fun is_title(bytes: &vector<u8>): bool {
        let prefix = PREFIX;
        let start = vector::length(&prefix);
        let length = vector::length(bytes);
        if (length < start + 2 || length > start + NAME_SIZE_MAX + 1) return false;
        let i = 0;
        while (i < start) {
            if (*vector::borrow(bytes, i) != *vector::borrow(&prefix, i)) return false;
            i = i + 1
        };
        while (i < length - 1) {
            if (!is_name_byte(*vector::borrow(bytes, i))) return false;
            i = i + 1
        };
        *vector::borrow(bytes, i) == 0x2E
    }

    fun is_name_byte(byte: u8): bool {
        (byte >= 0x61 && byte <= 0x7A)
            || (byte >= 0x41 && byte <= 0x5A)
            || (byte >= 0x30 && byte <= 0x39)
            || byte == 0x2D
            || byte == 0x5F
    }
}
