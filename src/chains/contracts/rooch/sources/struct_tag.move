/// Names of struct types out of bytes, as `0x1::type_info::type_name` writes them.
module rooch::struct_tag {
    use std::string::{Self, String};
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use rooch::errors;

    /// Variant of a type tag that a struct follows, and of one that a vector's element type
    /// follows.
    const STRUCT: u64 = 7;
    const VECTOR: u64 = 6;
    /// Names of the other variants, in order.
    const PRIMITIVES: vector<vector<u8>> = vector[
        b"bool", b"u8", b"u64", b"u128", b"address", b"signer", b"vector", b"struct", b"u16",
        b"u32", b"u256",
    ];
    const DEPTH_MAX: u64 = 8;
    const ADDRESS_SIZE: u64 = 32;
    const HEX: vector<u8> = b"0123456789abcdef";

    /// Reads a struct tag: address, module, name, type arguments.
    package fun read(stream: &mut BCSStream): String {
        let text = vector[];
        write_struct(&mut text, stream, DEPTH_MAX);
        string::utf8(text)
    }

    fun write_struct(text: &mut vector<u8>, stream: &mut BCSStream, depth: u64) {
        assert!(depth > 0, errors::bad_proposal());
        write_address(text, bcs_stream::deserialize_fixed_bytes(stream, ADDRESS_SIZE));
        vector::append(text, b"::");
        vector::append(text, bcs_stream::deserialize_bytes(stream));
        vector::append(text, b"::");
        vector::append(text, bcs_stream::deserialize_bytes(stream));
        let count = bcs_stream::deserialize_uleb128(stream);
        if (count == 0) return;
        vector::append(text, b"<");
        for (i in 0..count) {
            if (i > 0) vector::append(text, b", ");
            write_type(text, stream, depth - 1);
        };
        vector::append(text, b">")
    }

    fun write_type(text: &mut vector<u8>, stream: &mut BCSStream, depth: u64) {
        assert!(depth > 0, errors::bad_proposal());
        let variant = bcs_stream::deserialize_uleb128(stream);
        if (variant == STRUCT) {
            write_struct(text, stream, depth - 1)
        } else if (variant == VECTOR) {
            vector::append(text, b"vector<");
            write_type(text, stream, depth - 1);
            vector::append(text, b">")
        } else {
            let names = PRIMITIVES;
            assert!(variant < vector::length(&names), errors::bad_proposal());
            vector::append(text, *vector::borrow(&names, variant))
        }
    }

    /// 0x0 to 0xf short, every other address with all its 64 digits.
    fun write_address(text: &mut vector<u8>, bytes: vector<u8>) {
        let digits = HEX;
        let first = if (is_special(&bytes)) 2 * ADDRESS_SIZE - 1 else 0;
        vector::append(text, b"0x");
        for (i in first..(2 * ADDRESS_SIZE)) {
            let byte = (*vector::borrow(&bytes, i / 2) as u64);
            let digit = if (i % 2 == 0) byte >> 4 else byte & 15;
            vector::push_back(text, *vector::borrow(&digits, digit))
        }
    }

    fun is_special(bytes: &vector<u8>): bool {
        let last = ADDRESS_SIZE - 1;
        for (i in 0..last) {
            if (*vector::borrow(bytes, i) != 0) return false
        };
        *vector::borrow(bytes, last) < 16
    }
}
