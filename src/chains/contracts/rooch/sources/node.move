/// The keys with which an address takes part in channels. They are registered before joining; a
/// seat keeps those it joined with.
module rooch::node {
    use std::bcs;
    use std::hash;
    use std::signer;
    use std::vector;
    use aptos_std::ed25519;
    use rooch::domain;
    use rooch::errors;
    use rooch::registry;

    const KEY_SIZE: u64 = 32;
    const SIGNATURE_SIZE: u64 = 64;
    /// What an Ed25519 account's key is hashed with to give its address.
    const ED25519_SCHEME: u8 = 0;

    struct Node has key, copy, drop {
        /// Signs calls and departures: the account's own key.
        account_public_key: vector<u8>,
        /// Signs headers, acks, view changes and removals.
        node_public_key: vector<u8>,
        /// Tip of the chain of reveals from which chance is drawn while this node leads.
        reveal_tip: vector<u8>,
    }

    /// Registers the sender's keys, or replaces them for the channels that it joins from now on.
    /// The account key must be the one that the sender's address was made from, and is not the node
    /// key. `signature` is the node key's over this chain and the sender's address, so that nobody
    /// takes part under a key that is another's.
    package fun register(
        sender: &signer,
        account_public_key: vector<u8>,
        node_public_key: vector<u8>,
        reveal_tip: vector<u8>,
        signature: vector<u8>,
    ) acquires Node {
        assert!(
            vector::length(&account_public_key) == KEY_SIZE
                && vector::length(&node_public_key) == KEY_SIZE
                && vector::length(&reveal_tip) == KEY_SIZE
                && vector::length(&signature) == SIGNATURE_SIZE
                && account_public_key != node_public_key,
            errors::bad_key()
        );
        let addr = signer::address_of(sender);
        let preimage = account_public_key;
        vector::push_back(&mut preimage, ED25519_SCHEME);
        assert!(hash::sha3_256(preimage) == bcs::to_bytes(&addr), errors::bad_key());
        let owned = registry::genesis();
        vector::append(&mut owned, bcs::to_bytes(&addr));
        let message = domain::message(domain::node_owner(), owned);
        assert!(
            ed25519::verify_strict(signature, node_public_key, message),
            errors::bad_signature()
        );
        let node = Node { account_public_key, node_public_key, reveal_tip };
        if (exists<Node>(addr)) {
            *borrow_global_mut<Node>(addr) = node
        } else {
            move_to(sender, node)
        }
    }

    /// Account key, node key and reveal tip of an address. Aborts with E_NOT_REGISTERED when it has
    /// none.
    package fun keys(addr: address): (vector<u8>, vector<u8>, vector<u8>) acquires Node {
        assert!(exists<Node>(addr), errors::not_registered());
        let node = borrow_global<Node>(addr);
        (node.account_public_key, node.node_public_key, node.reveal_tip)
    }

    public fun is_registered(addr: address): bool {
        exists<Node>(addr)
    }
}
