/// What a channel is bound to: everything signed in it names the hash of all this, so it counts in
/// no other channel, under no other settings and on no other chain.
module rooch::identity {
    use std::bcs;
    use std::hash;
    use std::string::String;
    use std::vector;
    use aptos_framework::account;
    use rooch::config::{Self, Config};
    use rooch::domain;
    use rooch::registry;

    struct Settings has drop {
        config: Config,
        state_type: String,
        asset_type: String,
        coin_type: String,
    }

    package fun new_settings(
        config: Config,
        state_type: String,
        asset_type: String,
        coin_type: String,
    ): Settings {
        Settings { config, state_type, asset_type, coin_type }
    }

    /// @param state BCS of the state that the channel starts with.
    package fun of_channel(
        id: u64,
        creator: address,
        state: vector<u8>,
        settings: &Settings,
    ): vector<u8> {
        let bytes = registry::genesis();
        vector::append(&mut bytes, bcs::to_bytes(&@rooch));
        vector::append(&mut bytes, bcs::to_bytes(&id));
        vector::append(&mut bytes, bcs::to_bytes(&creator));
        vector::append(&mut bytes, bcs::to_bytes(&account::get_sequence_number(creator)));
        vector::append(&mut bytes, config::execution_profile(&settings.config));
        vector::append(&mut bytes, hash::sha2_256(state));
        let settings_bytes = bcs::to_bytes(settings);
        vector::append(&mut bytes, bcs::to_bytes(&settings_bytes));
        domain::digest(domain::channel(), bytes)
    }
}
