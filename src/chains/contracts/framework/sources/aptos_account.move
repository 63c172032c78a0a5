/// Payments that make the receiver's account and coin store where they are missing, and tell those
/// who pay and are paid.
module aptos_framework::aptos_account {
    use std::bcs;
    use std::signer;
    use std::string;
    use aptos_std::type_info;
    use aptos_framework::account;
    use aptos_framework::action;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin::{Self, Coin};

    public entry fun create_account(auth_key: address) {
        account::create_account(auth_key);
        coin::register_address<AptosCoin>(auth_key)
    }

    public entry fun transfer(source: &signer, to: address, amount: u64) {
        deposit_coins(to, coin::withdraw<AptosCoin>(source, amount));
        notify_both(signer::address_of(source), to, amount, b"transfer", vector[])
    }

    public entry fun transfer_coins<CoinType>(from: &signer, to: address, amount: u64) {
        deposit_coins(to, coin::withdraw<CoinType>(from, amount));
        let coin_type = *string::bytes(&type_info::type_name<CoinType>());
        notify_both(
            signer::address_of(from),
            to,
            amount,
            b"transfer_coins",
            vector[coin_type],
        )
    }

    /// Tells both sides of a transfer: a contract that is paid may act on it.
    fun notify_both(
        from: address,
        to: address,
        amount: u64,
        function: vector<u8>,
        type_args: vector<vector<u8>>,
    ) {
        let args = vector[bcs::to_bytes(&from), bcs::to_bytes(&to), bcs::to_bytes(&amount)];
        action::notify(from, function, type_args, args);
        action::notify(to, function, type_args, args)
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
