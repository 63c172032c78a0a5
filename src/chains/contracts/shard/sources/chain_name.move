/// What a shard's committee binds its signatures to: the hash of the configuration that the shard's
/// genesis commits to. Every node makes that configuration from what the root has fixed; here the
/// root makes it too, so that it knows its own shards' signatures from any others.
module holdfast_shard::chain_name {
    use std::bcs;
    use std::hash;
    use std::vector;
    use aptos_framework::block;

    /// SHA-256("HOLDFAST::GenesisConfig").
    const DOMAIN: vector<u8> = x"ff47f4526eb3f83dd191e578c506ceb289e2a76f26d28fdbc2a00d62e4f10f7c";
    /// Shard i is the chain with id 10 + i.
    const CHAIN_ID_BASE: u64 = 10;
    /// Turns mean nothing to a committee; the configuration names their usual length.
    const SLOT_MS: u32 = 1_000;

    /// Keys are those of the shard's first committee.
    package fun of_shard(
        shard_id: u64,
        time_microseconds: u64,
        keys: &vector<vector<u8>>,
        epoch_blocks: u64,
        k: u32,
        c: u32,
    ): vector<u8> {
        let bytes = DOMAIN;
        vector::append(&mut bytes, bcs::to_bytes(&((CHAIN_ID_BASE + shard_id) as u8)));
        vector::append(&mut bytes, bcs::to_bytes(&time_microseconds));
        vector::append(&mut bytes, bcs::to_bytes(&@holdfast_shard));
        append_keys(&mut bytes, keys);
        vector::append(&mut bytes, bcs::to_bytes(&SLOT_MS));
        let facts = block::get_hash(0);
        vector::append(&mut facts, bcs::to_bytes(&shard_id));
        vector::append(&mut facts, bcs::to_bytes(&epoch_blocks));
        vector::append(&mut facts, bcs::to_bytes(&k));
        vector::append(&mut facts, bcs::to_bytes(&c));
        vector::append(&mut bytes, bcs::to_bytes(&facts));
        hash::sha2_256(bytes)
    }

    /// As a vector of keys, all of one size and so without lengths of their own. Seats are so few
    /// that their number takes one byte.
    fun append_keys(bytes: &mut vector<u8>, keys: &vector<vector<u8>>) {
        vector::push_back(bytes, (vector::length(keys) as u8));
        let i = 0;
        while (i < vector::length(keys)) {
            vector::append(bytes, *vector::borrow(keys, i));
            i = i + 1
        }
    }
}
