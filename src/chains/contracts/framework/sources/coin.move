/// Coins of any type: values that cannot be copied or dropped, stores that hold them under an
/// account, and capabilities to make and destroy them.
module aptos_framework::coin {
    use std::error;
    use std::option::{Self, Option};
    use std::signer;
    use std::string::{Self, String};
    use aptos_std::type_info;
    use aptos_framework::account;
    use aptos_framework::create_signer;
    use aptos_framework::event;

    /// Only the account that published a coin's type may initialise it.
    const ECOIN_INFO_ADDRESS_MISMATCH: u64 = 1;
    /// The coin was initialized before.
    const ECOIN_INFO_ALREADY_PUBLISHED: u64 = 2;
    /// There is no such coin: nobody initialized it.
    const ECOIN_INFO_NOT_PUBLISHED: u64 = 3;
    /// The account cannot hold this coin: it must register first.
    const ECOIN_STORE_NOT_PUBLISHED: u64 = 5;
    /// Not enough coins to complete transaction
    const EINSUFFICIENT_BALANCE: u64 = 6;
    /// Coins that are worth something cannot be thrown away.
    const EDESTRUCTION_OF_NONZERO_TOKEN: u64 = 7;
    /// The coin store is frozen: nothing goes in or out.
    const EFROZEN: u64 = 10;
    /// A coin's name has at most 32 bytes.
    const ECOIN_NAME_TOO_LONG: u64 = 12;
    /// A coin's symbol has at most 10 bytes.
    const ECOIN_SYMBOL_TOO_LONG: u64 = 13;
    /// There is no such account.
    const EACCOUNT_DOES_NOT_EXIST: u64 = 15;

    const NAME_LENGTH_MAX: u64 = 32;
    const SYMBOL_LENGTH_MAX: u64 = 10;

    struct Coin<phantom CoinType> has store {
        /// In the coin's smallest unit.
        value: u64,
    }

    struct CoinStore<phantom CoinType> has key {
        coin: Coin<CoinType>,
        frozen: bool,
    }

    struct CoinInfo<phantom CoinType> has key {
        name: String,
        symbol: String,
        /// One coin is 10^decimals units.
        decimals: u8,
        /// All units in existence, where the coin tracks them.
        supply: Option<u128>,
    }

    struct MintCapability<phantom CoinType> has copy, store {}

    struct BurnCapability<phantom CoinType> has copy, store {}

    struct FreezeCapability<phantom CoinType> has copy, store {}

    #[event]
    struct CoinDeposit has drop, store {
        coin_type: String,
        account: address,
        amount: u64,
    }

    #[event]
    struct CoinWithdraw has drop, store {
        coin_type: String,
        account: address,
        amount: u64,
    }

    /// Brings a coin into existence, once, and hands its capabilities to the account that published
    /// its type.
    public fun initialize<CoinType>(
        account: &signer,
        name: String,
        symbol: String,
        decimals: u8,
        monitor_supply: bool,
    ): (BurnCapability<CoinType>, FreezeCapability<CoinType>, MintCapability<CoinType>) {
        let owner = signer::address_of(account);
        assert!(
            type_info::account_address(&type_info::type_of<CoinType>()) == owner,
            error::invalid_argument(ECOIN_INFO_ADDRESS_MISMATCH)
        );
        assert!(
            !exists<CoinInfo<CoinType>>(owner),
            error::already_exists(ECOIN_INFO_ALREADY_PUBLISHED)
        );
        assert!(
            string::length(&name) <= NAME_LENGTH_MAX,
            error::invalid_argument(ECOIN_NAME_TOO_LONG)
        );
        assert!(
            string::length(&symbol) <= SYMBOL_LENGTH_MAX,
            error::invalid_argument(ECOIN_SYMBOL_TOO_LONG)
        );
        let supply = if (monitor_supply) option::some(0) else option::none();
        move_to(account, CoinInfo<CoinType> { name, symbol, decimals, supply });
        (BurnCapability {}, FreezeCapability {}, MintCapability {})
    }

    public fun mint<CoinType>(
        amount: u64,
        _cap: &MintCapability<CoinType>,
    ): Coin<CoinType> acquires CoinInfo {
        let supply = &mut borrow_global_mut<CoinInfo<CoinType>>(coin_address<CoinType>()).supply;
        if (option::is_some(supply)) {
            let total = option::borrow_mut(supply);
            *total = *total + (amount as u128);
        };
        Coin { value: amount }
    }

    public fun burn<CoinType>(
        coin: Coin<CoinType>,
        _cap: &BurnCapability<CoinType>,
    ) acquires CoinInfo {
        let Coin { value } = coin;
        let supply = &mut borrow_global_mut<CoinInfo<CoinType>>(coin_address<CoinType>()).supply;
        if (option::is_some(supply)) {
            let total = option::borrow_mut(supply);
            *total = *total - (value as u128);
        }
    }

    public fun freeze_coin_store<CoinType>(
        account_addr: address,
        _cap: &FreezeCapability<CoinType>,
    ) acquires CoinStore {
        borrow_store_mut<CoinType>(account_addr).frozen = true
    }

    public fun unfreeze_coin_store<CoinType>(
        account_addr: address,
        _cap: &FreezeCapability<CoinType>,
    ) acquires CoinStore {
        borrow_store_mut<CoinType>(account_addr).frozen = false
    }

    /// Makes the account able to hold the coin; does nothing where it already is.
    public fun register<CoinType>(account: &signer) {
        let addr = signer::address_of(account);
        if (is_account_registered<CoinType>(addr)) return;
        assert!(account::exists_at(addr), error::not_found(EACCOUNT_DOES_NOT_EXIST));
        move_to(account, CoinStore<CoinType> { coin: zero(), frozen: false })
    }

    package fun register_address<CoinType>(addr: address) {
        register<CoinType>(&create_signer::create_signer(addr))
    }

    public fun withdraw<CoinType>(
        account: &signer,
        amount: u64,
    ): Coin<CoinType> acquires CoinStore {
        withdraw_from(signer::address_of(account), amount)
    }

    /// Takes coins without their owner's signature: for fees, which a signed transaction agreed to.
    package fun withdraw_from<CoinType>(
        addr: address,
        amount: u64,
    ): Coin<CoinType> acquires CoinStore {
        let store = borrow_store_mut<CoinType>(addr);
        assert!(!store.frozen, error::permission_denied(EFROZEN));
        let coin = extract(&mut store.coin, amount);
        let coin_type = type_info::type_name<CoinType>();
        event::emit(CoinWithdraw { coin_type, account: addr, amount });
        coin
    }

    public fun deposit<CoinType>(addr: address, coin: Coin<CoinType>) acquires CoinStore {
        let store = borrow_store_mut<CoinType>(addr);
        assert!(!store.frozen, error::permission_denied(EFROZEN));
        let coin_type = type_info::type_name<CoinType>();
        event::emit(CoinDeposit { coin_type, account: addr, amount: coin.value });
        merge(&mut store.coin, coin)
    }

    public entry fun transfer<CoinType>(
        from: &signer,
        to: address,
        amount: u64,
    ) acquires CoinStore {
        let coin = withdraw<CoinType>(from, amount);
        deposit(to, coin)
    }

    public fun zero<CoinType>(): Coin<CoinType> {
        Coin { value: 0 }
    }

    public fun value<CoinType>(coin: &Coin<CoinType>): u64 {
        coin.value
    }

    public fun merge<CoinType>(dst_coin: &mut Coin<CoinType>, source_coin: Coin<CoinType>) {
        let Coin { value } = source_coin;
        dst_coin.value = dst_coin.value + value
    }

    public fun extract<CoinType>(coin: &mut Coin<CoinType>, amount: u64): Coin<CoinType> {
        assert!(coin.value >= amount, error::invalid_argument(EINSUFFICIENT_BALANCE));
        coin.value = coin.value - amount;
        Coin { value: amount }
    }

    public fun extract_all<CoinType>(coin: &mut Coin<CoinType>): Coin<CoinType> {
        let amount = coin.value;
        extract(coin, amount)
    }

    public fun destroy_zero<CoinType>(zero_coin: Coin<CoinType>) {
        let Coin { value } = zero_coin;
        assert!(value == 0, error::invalid_argument(EDESTRUCTION_OF_NONZERO_TOKEN))
    }

    public fun destroy_mint_cap<CoinType>(cap: MintCapability<CoinType>) {
        let MintCapability {} = cap;
    }

    public fun destroy_burn_cap<CoinType>(cap: BurnCapability<CoinType>) {
        let BurnCapability {} = cap;
    }

    public fun destroy_freeze_cap<CoinType>(cap: FreezeCapability<CoinType>) {
        let FreezeCapability {} = cap;
    }

    #[view]
    /// Zero for an account that cannot hold the coin or does not exist.
    public fun balance<CoinType>(owner: address): u64 acquires CoinStore {
        if (!is_account_registered<CoinType>(owner)) return 0;
        borrow_global<CoinStore<CoinType>>(owner).coin.value
    }

    #[view]
    public fun is_balance_at_least<CoinType>(owner: address, amount: u64): bool acquires CoinStore {
        balance<CoinType>(owner) >= amount
    }

    #[view]
    public fun is_coin_initialized<CoinType>(): bool {
        exists<CoinInfo<CoinType>>(coin_address<CoinType>())
    }

    #[view]
    public fun is_account_registered<CoinType>(account_addr: address): bool {
        exists<CoinStore<CoinType>>(account_addr)
    }

    #[view]
    public fun is_coin_store_frozen<CoinType>(account_addr: address): bool acquires CoinStore {
        is_account_registered<CoinType>(account_addr)
            && borrow_global<CoinStore<CoinType>>(account_addr).frozen
    }

    #[view]
    public fun name<CoinType>(): String acquires CoinInfo {
        borrow_info<CoinType>().name
    }

    #[view]
    public fun symbol<CoinType>(): String acquires CoinInfo {
        borrow_info<CoinType>().symbol
    }

    #[view]
    public fun decimals<CoinType>(): u8 acquires CoinInfo {
        borrow_info<CoinType>().decimals
    }

    #[view]
    public fun supply<CoinType>(): Option<u128> acquires CoinInfo {
        borrow_info<CoinType>().supply
    }

    inline fun borrow_info<CoinType>(): &CoinInfo<CoinType> {
        assert!(is_coin_initialized<CoinType>(), error::not_found(ECOIN_INFO_NOT_PUBLISHED));
        borrow_global<CoinInfo<CoinType>>(coin_address<CoinType>())
    }

    inline fun borrow_store_mut<CoinType>(addr: address): &mut CoinStore<CoinType> {
        assert!(
            is_account_registered<CoinType>(addr),
            error::not_found(ECOIN_STORE_NOT_PUBLISHED)
        );
        borrow_global_mut<CoinStore<CoinType>>(addr)
    }

    fun coin_address<CoinType>(): address {
        type_info::account_address(&type_info::type_of<CoinType>())
    }
}
