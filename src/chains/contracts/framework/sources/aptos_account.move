/// Payments that make the receiver's account and coin store where they are missing.
module aptos_framework::aptos_account {
    use std::signer;
    use aptos_framework::account;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin::{Self, Coin};

    public entry fun create_account(auth_key: address) {
        account::create_account(auth_key);
        coin::register_address<AptosCoin>(auth_key)
    }

    public entry fun transfer(source: &signer, to: address, amount: u64) {
        transfer_coins<AptosCoin>(source, to, amount)
    }

    public entry fun transfer_coins<CoinType>(from: &signer, to: address, amount: u64) {
        deposit_coins(to, coin::withdraw<CoinType>(from, amount))
    }

    public fun deposit_coins<CoinType>(to: address, coins: Coin<CoinType>) {
        if (!account::exists_at(to)) create_account(to);
        coin::register_address<CoinType>(to);
        coin::deposit(to, coins)
    }

    /// Makes the signer able to hold the coin; does nothing where it already is.
    public entry fun register<CoinType>(account: &signer) {
        account::create_account_if_does_not_exist(signer::address_of(account));
        coin::register<CoinType>(account)
    }
}
