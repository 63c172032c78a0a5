/// The channel's state root, as the sandbox's SPEC.md ("State root") defines it.
module rooch::state_root {
    use std::bcs;
    use std::hash;
    use std::string;
    use std::vector;
    use aptos_std::type_info;
    use rooch::domain;
    use rooch::errors;

    /// Variants of keys.
    const RESOURCE: u8 = 0;
    const TABLE_ITEM: u8 = 1;
    /// Variant of a type tag that a struct tag follows.
    const STRUCT_TAG: u8 = 7;
    /// The byte that begins a type's arguments in its name.
    const LESS_THAN: u8 = 60;

    /// The root of the state that a channel starts with: its one value, at the account of its
    /// module. Aborts with E_WRONG_TYPE for a generic type, whose key plain Move cannot write.
    package fun of_single<StateT>(state: &StateT): vector<u8> {
        leaf(key_hash(state_key<StateT>()), hash::sha2_256(bcs::to_bytes(state)))
    }

    package fun key_hash(key: vector<u8>): vector<u8> {
        domain::digest(domain::state_key(), key)
    }

    package fun leaf(key_hash: vector<u8>, value_hash: vector<u8>): vector<u8> {
        vector::append(&mut key_hash, value_hash);
        domain::digest(domain::state_leaf(), key_hash)
    }

    package fun inner(left: vector<u8>, right: vector<u8>): vector<u8> {
        vector::append(&mut left, right);
        domain::digest(domain::state_inner(), left)
    }

    /// BCS of the key of an account's resource.
    ///
    /// @param tag BCS of its struct tag.
    package fun resource_key(owner: address, tag: vector<u8>): vector<u8> {
        let key = vector[RESOURCE];
        vector::append(&mut key, bcs::to_bytes(&owner));
        vector::append(&mut key, tag);
        key
    }

    /// {@link resource_key} of what the channel parks under a name of its own,
    /// `0x0::channel::Parked<tag>`.
    package fun parked_key(owner: address, tag: vector<u8>): vector<u8> {
        let parked = bcs::to_bytes(&@0x0);
        vector::append(&mut parked, bcs::to_bytes(&string::utf8(b"channel")));
        vector::append(&mut parked, bcs::to_bytes(&string::utf8(b"Parked")));
        vector::append(&mut parked, vector[1, STRUCT_TAG]);
        vector::append(&mut parked, tag);
        resource_key(owner, parked)
    }

    /// BCS of the key of the channel's own record of a seat: an item of its table, whose handle is
    /// 0x0, under the seat's number.
    package fun seat_key(seat: u64): vector<u8> {
        let key = vector[TABLE_ITEM];
        vector::append(&mut key, bcs::to_bytes(&@0x0));
        let item = bcs::to_bytes(&seat);
        vector::append(&mut key, bcs::to_bytes(&item));
        key
    }

    /// BCS of the key: the account, then the struct's address, module, name and type arguments.
    fun state_key<StateT>(): vector<u8> {
        let type = type_info::type_of<StateT>();
        let name = type_info::struct_name(&type);
        assert!(!vector::contains(&name, &LESS_THAN), errors::wrong_type());
        let account = bcs::to_bytes(&type_info::account_address(&type));
        let key = vector[RESOURCE];
        vector::append(&mut key, account);
        vector::append(&mut key, account);
        vector::append(&mut key, bcs::to_bytes(&string::utf8(type_info::module_name(&type))));
        vector::append(&mut key, bcs::to_bytes(&string::utf8(name)));
        vector::push_back(&mut key, 0);
        key
    }
}
