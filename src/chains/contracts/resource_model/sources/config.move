/// What the producers set together: prices of CPU, NET and RAM, and from which height on a rule
/// holds. A setting that nobody set has its default; reading it by its number gives nothing.
module resource_model::config {
    use std::option::{Self, Option};
    use std::signer;
    use std::string::{Self, String};
    use std::vector;
    use aptos_framework::block;
    use resource_model::errors;

    /// Microseconds of CPU that 0.01 coin buys.
    const CPU_FEE: vector<u8> = b"res.cpufee";
    /// Bytes of NET that 0.01 coin buys.
    const NET_FEE: vector<u8> = b"res.netfee";
    /// Bytes of RAM that every account has for nothing.
    const FREE_RAM: vector<u8> = b"res.freeram";
    /// Bytes of RAM for 100 coins of votes.
    const RAM_RENT: vector<u8> = b"res.ramrent";
    /// Most bytes of arguments that a transaction may carry.
    const TRANSACTION_SIZE: vector<u8> = b"res.trxsize";
    /// Height from which on RAM is limited.
    const RAM_GATE: vector<u8> = b"f.ram4vote";

    const DEFAULT_CPU_FEE: u64 = 200;
    const DEFAULT_NET_FEE: u64 = 500;
    const DEFAULT_FREE_RAM: u64 = 8_192;
    const DEFAULT_RAM_RENT: u64 = 10_240;
    const DEFAULT_TRANSACTION_SIZE: u64 = 102_400;

    /// Largest number that a price or size may be set to: products with it stay far from their
    /// bounds.
    const NUMBER_MAX: u64 = 1_000_000_000;

    struct Setting has copy, drop, store {
        typ: String,
        num: u64,
        /// An account that goes with the setting; no setting of this chain reads it.
        key: address,
        /// An amount that goes with the setting; no setting of this chain reads it.
        fee: u64,
    }

    struct Config has key {
        settings: vector<Setting>,
    }

    package fun initialize(owner: &signer) {
        let open = Setting { typ: string::utf8(RAM_GATE), num: 0, key: @0x0, fee: 0 };
        move_to(owner, Config { settings: vector[open] })
    }

    /// Only the producers together may call this: they do so by an executed proposal
    /// (`multisig`), which acts as this package's own account.
    entry fun setconfig(
        auth: &signer,
        typ: vector<u8>,
        num: u64,
        key: address,
        fee: u64,
    ) acquires Config {
        assert!(signer::address_of(auth) == @resource_model, errors::not_authorised());
        check(&typ, num);
        let setting = Setting { typ: string::utf8(typ), num, key, fee };
        let settings = &mut borrow_global_mut<Config>(@resource_model).settings;
        let place = find(settings, &setting.typ);
        if (place < vector::length(settings)) {
            *vector::borrow_mut(settings, place) = setting
        } else {
            vector::push_back(settings, setting)
        }
    }

    fun check(typ: &vector<u8>, num: u64) {
        if (*typ == RAM_GATE) return;
        let is_price = *typ == CPU_FEE || *typ == NET_FEE || *typ == RAM_RENT;
        let is_size = *typ == FREE_RAM || *typ == TRANSACTION_SIZE;
        assert!(is_price || is_size, errors::bad_name());
        assert!(num > 0 && num <= NUMBER_MAX, errors::bad_setting())
    }

    fun find(settings: &vector<Setting>, typ: &String): u64 {
        let i = 0;
        while (i < vector::length(settings) && &vector::borrow(settings, i).typ != typ) i = i + 1;
        i
    }

    #[view]
    /// What was set; none for what has its default.
    public fun get_num(typ: String): Option<u64> acquires Config {
        let settings = &borrow_global<Config>(@resource_model).settings;
        let place = find(settings, &typ);
        if (place == vector::length(settings)) return option::none();
        option::some(vector::borrow(settings, place).num)
    }

    fun get(typ: vector<u8>, default: u64): u64 acquires Config {
        let num = get_num(string::utf8(typ));
        if (option::is_some(&num)) *option::borrow(&num) else default
    }

    /// Whether the rule `typ` holds at this height.
    fun is_open(typ: vector<u8>): bool acquires Config {
        let num = get_num(string::utf8(typ));
        option::is_some(&num) && block::get_current_block_height() >= *option::borrow(&num)
    }

    #[view]
    public fun is_ram_limited(): bool acquires Config {
        is_open(RAM_GATE)
    }

    #[view]
    /// Microseconds that 0.01 coin buys.
    public fun cpu_fee(): u64 acquires Config {
        get(CPU_FEE, DEFAULT_CPU_FEE)
    }

    #[view]
    /// Bytes of NET that 0.01 coin buys.
    public fun net_fee(): u64 acquires Config {
        get(NET_FEE, DEFAULT_NET_FEE)
    }

    #[view]
    /// Bytes of RAM that everybody has for nothing.
    public fun free_ram(): u64 acquires Config {
        get(FREE_RAM, DEFAULT_FREE_RAM)
    }

    #[view]
    /// Bytes of RAM for 100 coins of votes.
    public fun ram_rent(): u64 acquires Config {
        get(RAM_RENT, DEFAULT_RAM_RENT)
    }

    #[view]
    /// Most bytes of arguments in a transaction.
    public fun transaction_size(): u64 acquires Config {
        get(TRANSACTION_SIZE, DEFAULT_TRANSACTION_SIZE)
    }
}
