/// The chain's native coin: 4 decimals, a fixed supply that genesis makes and nobody can add to.
module aptos_framework::aptos_coin {
    use std::string;
    use aptos_framework::coin::{Self, Coin};

    const DECIMALS: u8 = 4;
    /// In units of 10^-4 coin.
    const SUPPLY_UNITS: u64 = 1_000_000_000_000_000;

    struct AptosCoin has key {}

    /// Makes the whole supply. The capabilities end here: genesis is the only mint.
    package fun initialize(framework: &signer): Coin<AptosCoin> {
        let name = string::utf8(b"Holdfast Coin");
        let symbol = string::utf8(b"HFC");
        let (burn_cap, freeze_cap, mint_cap) =
            coin::initialize<AptosCoin>(framework, name, symbol, DECIMALS, true);
        let supply = coin::mint(SUPPLY_UNITS, &mint_cap);
        coin::destroy_burn_cap(burn_cap);
        coin::destroy_freeze_cap(freeze_cap);
        coin::destroy_mint_cap(mint_cap);
        supply
    }
}
