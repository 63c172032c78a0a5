/// What holders of a coin's capabilities can do, for tests of `0x1::coin`.
module trial::coins {
    use std::signer;
    use std::string::utf8;
    use aptos_framework::coin::{Self, BurnCapability, FreezeCapability, MintCapability};

    struct Gold {}

    struct Caps has key {
        burn: BurnCapability<Gold>,
        freeze: FreezeCapability<Gold>,
        mint: MintCapability<Gold>,
    }

    public entry fun initialize(account: &signer, name: vector<u8>, symbol: vector<u8>) {
        let (burn, freeze, mint) =
            coin::initialize<Gold>(account, utf8(name), utf8(symbol), 2, true);
        move_to(account, Caps { burn, freeze, mint })
    }

    public entry fun register(account: &signer) {
        coin::register<Gold>(account)
    }

    public entry fun mint(account: &signer, to: address, amount: u64) acquires Caps {
        let caps = borrow_global<Caps>(signer::address_of(account));
        coin::deposit(to, coin::mint(amount, &caps.mint))
    }

    /// Burns coins of the holder of the capabilities.
    public entry fun burn(account: &signer, amount: u64) acquires Caps {
        let caps = borrow_global<Caps>(signer::address_of(account));
        coin::burn(coin::withdraw<Gold>(account, amount), &caps.burn)
    }

    public entry fun freeze_store(account: &signer, owner: address) acquires Caps {
        let caps = borrow_global<Caps>(signer::address_of(account));
        coin::freeze_coin_store(owner, &caps.freeze)
    }

    public entry fun unfreeze_store(account: &signer, owner: address) acquires Caps {
        let caps = borrow_global<Caps>(signer::address_of(account));
        coin::unfreeze_coin_store(owner, &caps.freeze)
    }

    /// Splits, merges and destroys; ends with what it began with.
    public entry fun handle(account: &signer, amount: u64, part: u64) {
        let coins = coin::withdraw<Gold>(account, amount);
        let taken = coin::extract(&mut coins, part);
        let rest = coin::extract_all(&mut coins);
        coin::destroy_zero(coins);
        coin::merge(&mut taken, rest);
        coin::deposit(signer::address_of(account), taken)
    }

    public entry fun destroy_some(account: &signer) {
        coin::destroy_zero(coin::withdraw<Gold>(account, 1))
    }
}
