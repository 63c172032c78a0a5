/// The number that keeps transactions of different chains apart.
module aptos_framework::chain_id {
    struct ChainId has key {
        id: u8,
    }

    package fun initialize(framework: &signer, id: u8) {
        move_to(framework, ChainId { id })
    }

    #[view]
    public fun get(): u8 acquires ChainId {
        borrow_global<ChainId>(@aptos_framework).id
    }
}
