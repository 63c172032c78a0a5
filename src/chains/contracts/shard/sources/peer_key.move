/// A peer's key is the Ed25519 key its node signs with, and the node acts on the root by that key's
/// own account: nobody else can speak for the peer.
module holdfast_shard::peer_key {
    use std::hash;
    use std::signer;
    use std::vector;
    use aptos_std::from_bcs;
    use holdfast_shard::errors;

    const KEY_SIZE: u64 = 32;
    /// The scheme byte behind a key in the preimage of its account's address.
    const SCHEME_ED25519: u8 = 0;

    /// The address of the key's account.
    package fun account_of(key: &vector<u8>): address {
        assert!(vector::length(key) == KEY_SIZE, errors::wrong_key());
        let preimage = *key;
        vector::push_back(&mut preimage, SCHEME_ED25519);
        from_bcs::to_address(hash::sha3_256(preimage))
    }

    package fun assert_is_of(key: &vector<u8>, account: &signer) {
        assert!(account_of(key) == signer::address_of(account), errors::wrong_key())
    }

    /// Whether `a` stands before `b`, both keys.
    package fun is_before(a: &vector<u8>, b: &vector<u8>): bool {
        let i = 0;
        while (i < KEY_SIZE) {
            let (x, y) = (*vector::borrow(a, i), *vector::borrow(b, i));
            if (x != y) return x < y;
            i = i + 1
        };
        false
    }
}
