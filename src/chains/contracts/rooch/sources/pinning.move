/// The code that open channels pin: the modules of their state's type with everything they depend
/// on, and the hash of what executing them depends on. The chain computes both when a channel is
/// created, and lets nobody replace such a module while the channel is open: what members play by,
/// and what the judge runs again, stays the same.
module rooch::pinning {
    use std::string::String;
    use std::vector;
    use aptos_std::table::{Self, Table};
    use rooch::channel;
    use rooch::config;
    use rooch::errors;
    use rooch::registry;

    const NO_HASH: vector<u8> =
        x"0000000000000000000000000000000000000000000000000000000000000000";

    struct ModuleName has copy, drop, store {
        address: address,
        name: String,
    }

    struct Pin has copy, drop, store {
        profile: vector<u8>,
        modules: vector<ModuleName>,
    }

    struct Pins has key {
        /// By channel.
        pins: Table<u64, Pin>,
        /// How many open channels pin a module.
        holders: Table<ModuleName, u64>,
    }

    /// Runs once, when the package is published.
    fun init_module(rooch: &signer) {
        move_to(rooch, Pins { pins: table::new(), holders: table::new() })
    }

    /// Pins the code of a channel that was just created. Called by the chain. Aborts with
    /// E_BAD_CONFIG where the channel's contract named another profile.
    fun pin(
        channel: u64,
        profile: vector<u8>,
        addresses: vector<address>,
        names: vector<String>,
    ) acquires Pins {
        let config = channel::config(&registry::channel(channel));
        let named = config::execution_profile(&config);
        assert!(named == NO_HASH || named == profile, errors::bad_config());
        let all = borrow_global_mut<Pins>(@rooch);
        let modules = vector[];
        for (i in 0..vector::length(&addresses)) {
            let address = *vector::borrow(&addresses, i);
            let name = *vector::borrow(&names, i);
            let module_name = ModuleName { address, name };
            let count = held(&all.holders, module_name);
            table::upsert(&mut all.holders, module_name, count + 1);
            vector::push_back(&mut modules, module_name)
        };
        table::add(&mut all.pins, channel, Pin { profile, modules })
    }

    /// Lets go of the code of a channel that was just closed; its profile stays known. Called by
    /// the chain.
    fun release(channel: u64) acquires Pins {
        let all = borrow_global_mut<Pins>(@rooch);
        if (!table::contains(&all.pins, channel)) return;
        let modules = table::borrow(&all.pins, channel).modules;
        vector::for_each_ref(&modules, |module_name| {
            let module_name: &ModuleName = module_name;
            let count = held(&all.holders, *module_name);
            table::upsert(&mut all.holders, *module_name, count - 1)
        });
        table::borrow_mut(&mut all.pins, channel).modules = vector[]
    }

    fun held(holders: &Table<ModuleName, u64>, name: ModuleName): u64 {
        if (table::contains(holders, name)) *table::borrow(holders, name) else 0
    }

    #[view]
    /// Whether an open channel pins the module.
    public fun is_pinned(address: address, name: String): bool acquires Pins {
        held(&borrow_global<Pins>(@rooch).holders, ModuleName { address, name }) > 0
    }

    #[view]
    /// The execution profile of a channel: 32 bytes, zero where the chain pinned none.
    public fun get_profile(channel: u64): vector<u8> acquires Pins {
        let pins = &borrow_global<Pins>(@rooch).pins;
        if (table::contains(pins, channel)) table::borrow(pins, channel).profile else NO_HASH
    }
}
