/// Accounts: who may sign for an address, and how many transactions it has made.
module aptos_framework::account {
    use std::bcs;
    use std::error;
    use aptos_framework::create_signer;

    /// There is an account at this address.
    const EACCOUNT_ALREADY_EXISTS: u64 = 1;
    /// There is no account at this address.
    const EACCOUNT_DOES_NOT_EXIST: u64 = 2;
    /// The zero address stands for nobody and for what a channel reserves.
    const ECANNOT_RESERVED_ADDRESS: u64 = 5;

    struct Account has key {
        /// 32 bytes; at first the address itself.
        authentication_key: vector<u8>,
        /// The sequence number that the next transaction must carry.
        sequence_number: u64,
    }

    package fun create_account(new_address: address): signer {
        assert!(!exists_at(new_address), error::already_exists(EACCOUNT_ALREADY_EXISTS));
        assert!(new_address != @0x0, error::invalid_argument(ECANNOT_RESERVED_ADDRESS));
        let new_account = create_signer::create_signer(new_address);
        let authentication_key = bcs::to_bytes(&new_address);
        move_to(&new_account, Account { authentication_key, sequence_number: 0 });
        new_account
    }

    package fun create_account_if_does_not_exist(account_address: address) {
        if (!exists_at(account_address)) {
            create_account(account_address);
        }
    }

    package fun increment_sequence_number(addr: address) acquires Account {
        let sequence_number = &mut borrow_global_mut<Account>(addr).sequence_number;
        *sequence_number = *sequence_number + 1
    }

    #[view]
    public fun exists_at(addr: address): bool {
        exists<Account>(addr)
    }

    #[view]
    public fun get_sequence_number(addr: address): u64 acquires Account {
        assert!(exists_at(addr), error::not_found(EACCOUNT_DOES_NOT_EXIST));
        borrow_global<Account>(addr).sequence_number
    }

    #[view]
    public fun get_authentication_key(addr: address): vector<u8> acquires Account {
        assert!(exists_at(addr), error::not_found(EACCOUNT_DOES_NOT_EXIST));
        borrow_global<Account>(addr).authentication_key
    }
}
