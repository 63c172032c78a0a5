/// What every user transaction passes before and after its payload. The chain alone calls these
/// functions. The prologue's abort codes are plain numbers, one for each way in which a transaction
/// is refused.
module aptos_framework::transaction_validation {
    use std::bcs;
    use std::signer;
    use aptos_framework::account;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::chain_id;
    use aptos_framework::coin;
    use aptos_framework::timestamp;
    use aptos_framework::transaction_fee;

    const PROLOGUE_EINVALID_ACCOUNT_AUTH_KEY: u64 = 1001;
    const PROLOGUE_ESEQUENCE_NUMBER_TOO_OLD: u64 = 1002;
    const PROLOGUE_ESEQUENCE_NUMBER_TOO_NEW: u64 = 1003;
    const PROLOGUE_EACCOUNT_DOES_NOT_EXIST: u64 = 1004;
    const PROLOGUE_ECANT_PAY_GAS_DEPOSIT: u64 = 1005;
    const PROLOGUE_ETRANSACTION_EXPIRED: u64 = 1006;
    const PROLOGUE_EBAD_CHAIN_ID: u64 = 1007;
    const PROLOGUE_ESEQUENCE_NUMBER_TOO_BIG: u64 = 1008;

    const SEQUENCE_NUMBER_MAX: u64 = 18446744073709551615;

    /// Aborts unless the transaction may run now. Writes nothing. The first transaction of an
    /// address may come before its account, where somebody else pays: then its own bytes are its
    /// key.
    fun prologue(
        sender: signer,
        fee_payer: address,
        sequence_number: u64,
        authentication_key: vector<u8>,
        gas_unit_price: u64,
        max_gas_units: u64,
        expiration_seconds: u64,
        chain: u8,
    ) {
        assert!(
            timestamp::now_seconds() < expiration_seconds,
            PROLOGUE_ETRANSACTION_EXPIRED
        );
        assert!(chain_id::get() == chain, PROLOGUE_EBAD_CHAIN_ID);
        let addr = signer::address_of(&sender);
        let is_known = account::exists_at(addr);
        assert!(is_known || fee_payer != addr, PROLOGUE_EACCOUNT_DOES_NOT_EXIST);
        let key =
            if (is_known) account::get_authentication_key(addr) else bcs::to_bytes(&addr);
        assert!(authentication_key == key, PROLOGUE_EINVALID_ACCOUNT_AUTH_KEY);
        let expected = if (is_known) account::get_sequence_number(addr) else 0;
        assert!(sequence_number < SEQUENCE_NUMBER_MAX, PROLOGUE_ESEQUENCE_NUMBER_TOO_BIG);
        assert!(sequence_number >= expected, PROLOGUE_ESEQUENCE_NUMBER_TOO_OLD);
        assert!(sequence_number == expected, PROLOGUE_ESEQUENCE_NUMBER_TOO_NEW);
        let deposit = (gas_unit_price as u128) * (max_gas_units as u128);
        let balance = coin::balance<AptosCoin>(fee_payer);
        assert!(deposit <= (balance as u128), PROLOGUE_ECANT_PAY_GAS_DEPOSIT);
    }

    /// Ends a transaction, whether its payload took effect or not: takes the fee and moves the
    /// sequence number on. Aborts when the payer cannot pay, which after a prologue happens only
    /// where the payload itself spent the coins: then the payload is undone and the epilogue runs
    /// again.
    fun epilogue(
        sender: signer,
        fee_payer: address,
        gas_unit_price: u64,
        gas_units_used: u64,
    ) {
        transaction_fee::collect(fee_payer, gas_unit_price * gas_units_used);
        let addr = signer::address_of(&sender);
        account::create_account_if_does_not_exist(addr);
        account::increment_sequence_number(addr)
    }
}
