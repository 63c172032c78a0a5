/// What a type is called, at run time.
module aptos_std::type_info {
    use std::string::String;

    struct TypeInfo has copy, drop, store {
        account_address: address,
        module_name: vector<u8>,
        struct_name: vector<u8>,
    }

    public fun account_address(self: &TypeInfo): address {
        self.account_address
    }

    public fun module_name(self: &TypeInfo): vector<u8> {
        self.module_name
    }

    /// With its type arguments, as text.
    public fun struct_name(self: &TypeInfo): vector<u8> {
        self.struct_name
    }

    /// Aborts unless `T` is a struct.
    native public fun type_of<T>(): TypeInfo;

    /// As `0x1::coin::Coin<0x1::aptos_coin::AptosCoin>`: addresses without leading zeros, type
    /// arguments parted by a comma and a space.
    native public fun type_name<T>(): String;
}
