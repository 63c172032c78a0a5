/// Which accounts are the system's own: those that only genesis publishes at.
module resource_model::accounts {
    use std::bcs;
    use std::vector;

    /// Leading zero bytes of a system account's address.
    const SYSTEM_ZEROS: u64 = 31;

    #[view]
    public fun is_system(account: address): bool {
        let bytes = bcs::to_bytes(&account);
        let i = 0;
        while (i < SYSTEM_ZEROS) {
            if (*vector::borrow(&bytes, i) != 0) return false;
            i = i + 1
        };
        true
    }
}
