/// What a node says of one block of its parallel chain. Two nodes say the same when all bytes are
/// the same: a status is voted for by the hash of the whole, and what no rule needs later is kept
/// in that hash only.
module paracross::status {
    use std::hash;
    use std::string::String;
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use paracross::bitmap::{Self, Bitmap};
    use paracross::errors;
    use paracross::title;

    /// SHA-256("HOLDFAST::ParaStatus").
    const DOMAIN: vector<u8> =
        x"3d851dbef447919c0edf5b1a28a18988a3426056d768e13e8ef5087674bde609";
    const HASH_SIZE: u64 = 32;
    /// A block of a parallel chain stands on one block of the main chain, which holds no more
    /// crossings of a title.
    const CROSS_COUNT_MAX: u64 = 32;

    struct NodeStatus has copy, drop, store {
        /// Of all bytes of the status.
        hash: vector<u8>,
        main_block_hash: vector<u8>,
        main_block_height: u64,
        title: String,
        height: u64,
        pre_block_hash: vector<u8>,
        block_hash: vector<u8>,
        state_hash: vector<u8>,
        tx_counts: u32,
        tx_result: Bitmap,
        cross_tx_result: Bitmap,
        cross_tx_hashes: vector<vector<u8>>,
    }

    /// Reads a status and checks what can be seen from it alone. The block at height 0 needs no
    /// more than its title and its own hash.
    package fun decode(bytes: vector<u8>): NodeStatus {
        let digest = DOMAIN;
        vector::append(&mut digest, bytes);
        let stream = bcs_stream::new(bytes);
        let s = &mut stream;
        let main_block_hash = bcs_stream::deserialize_bytes(s);
        let main_block_height = bcs_stream::deserialize_u64(s);
        let title = title::read(bcs_stream::deserialize_bytes(s));
        let height = bcs_stream::deserialize_u64(s);
        let pre_block_hash = bcs_stream::deserialize_bytes(s);
        let block_hash = bcs_stream::deserialize_bytes(s);
        let pre_state_hash = bcs_stream::deserialize_bytes(s);
        let state_hash = bcs_stream::deserialize_bytes(s);
        let tx_counts = bcs_stream::deserialize_u32(s);
        let tx_result = bitmap::read(s);
        let tx_hashes = read_hashes(s);
        let cross_tx_result = bitmap::read(s);
        let cross_tx_hashes = read_hashes(s);
        let cross_count = vector::length(&cross_tx_hashes);
        assert!(cross_count <= CROSS_COUNT_MAX, errors::invalid_param());
        bcs_stream::assert_finished(s);
        assert!(is_hash(&block_hash), errors::invalid_param());
        check_hash(&main_block_hash, height);
        check_hash(&pre_block_hash, height);
        check_hash(&pre_state_hash, height);
        check_hash(&state_hash, height);
        let is_counted = bitmap::count(&tx_result) == (tx_counts as u64)
            && vector::length(&tx_hashes) == (tx_counts as u64)
            && bitmap::count(&cross_tx_result) == cross_count;
        assert!(is_counted, errors::invalid_param());
        NodeStatus {
            hash: hash::sha2_256(digest),
            main_block_hash,
            main_block_height,
            title,
            height,
            pre_block_hash,
            block_hash,
            state_hash,
            tx_counts,
            tx_result,
            cross_tx_result,
            cross_tx_hashes,
        }
    }

    fun read_hashes(s: &mut BCSStream): vector<vector<u8>> {
        let left = bcs_stream::deserialize_uleb128(s);
        let hashes = vector[];
        while (left > 0) {
            let hash = bcs_stream::deserialize_bytes(s);
            assert!(is_hash(&hash), errors::invalid_param());
            vector::push_back(&mut hashes, hash);
            left = left - 1
        };
        hashes
    }

    fun is_hash(bytes: &vector<u8>): bool {
        vector::length(bytes) == HASH_SIZE
    }

    fun check_hash(bytes: &vector<u8>, height: u64) {
        let is_missing = height == 0 && vector::is_empty(bytes);
        assert!(is_missing || is_hash(bytes), errors::invalid_param())
    }

    package fun hash(self: &NodeStatus): vector<u8> { self.hash }

    package fun main_block_hash(self: &NodeStatus): vector<u8> { self.main_block_hash }

    package fun main_block_height(self: &NodeStatus): u64 { self.main_block_height }

    package fun title(self: &NodeStatus): String { self.title }

    package fun height(self: &NodeStatus): u64 { self.height }

    package fun pre_block_hash(self: &NodeStatus): vector<u8> { self.pre_block_hash }

    package fun block_hash(self: &NodeStatus): vector<u8> { self.block_hash }

    package fun state_hash(self: &NodeStatus): vector<u8> { self.state_hash }

    package fun tx_counts(self: &NodeStatus): u32 { self.tx_counts }

    package fun tx_result(self: &NodeStatus): Bitmap { self.tx_result }

    package fun cross_tx_result(self: &NodeStatus): Bitmap { self.cross_tx_result }

    package fun cross_tx_hashes(self: &NodeStatus): vector<vector<u8>> { self.cross_tx_hashes }
}
