/// The first state of a chain. The chain alone calls this, once, before its first block.
module aptos_framework::genesis {
    use aptos_framework::account;
    use aptos_framework::aptos_account;
    use aptos_framework::aptos_coin;
    use aptos_framework::block;
    use aptos_framework::chain_id;
    use aptos_framework::timestamp;
    use aptos_framework::transaction_fee;

    /// `framework` signs for 0x1. The whole supply of the native coin goes to `faucet`, whose
    /// account is made. `producers` take turns in this order. Fees go to the pool of `collector`.
    fun initialize(
        framework: signer,
        id: u8,
        time_microseconds: u64,
        faucet: address,
        producers: vector<address>,
        collector: address,
    ) {
        account::create_account(@aptos_framework);
        timestamp::initialize(&framework, time_microseconds);
        chain_id::initialize(&framework, id);
        block::initialize(&framework, time_microseconds, producers);
        transaction_fee::initialize(&framework, collector);
        aptos_account::deposit_coins(faucet, aptos_coin::initialize(&framework))
    }
}
