/// Values of primitive types from their canonical bytes. No native turns bytes into a struct, so
/// nobody can make a coin or a capability out of bytes.
module aptos_std::from_bcs {
    /// The address that 32 bytes stand for. Aborts with 0x10001 for any other length.
    native public fun to_address(bytes: vector<u8>): address;
}
