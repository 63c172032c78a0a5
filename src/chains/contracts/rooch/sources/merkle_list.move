/// Lists of hashes under one root, as the sandbox's SPEC.md (SA1 to SA4) defines them: the history
/// of headers, the steps of a header.
module rooch::merkle_list {
    use std::bcs;
    use std::vector;
    use rooch::domain;
    use rooch::errors;

    const NODE: vector<u8> = x"0d63622155d40a2edb8318b6cdefb884db2aec6b2d78ef6209ce3ef35ae4b737";
    const ZERO: vector<u8> =
        x"0000000000000000000000000000000000000000000000000000000000000000";

    /// The root of a whole list.
    ///
    /// @param tag the prefix that says what kind of list it is.
    package fun root(tag: vector<u8>, hashes: &vector<vector<u8>>): vector<u8> {
        let count = vector::length(hashes);
        let top = if (count == 0) ZERO else top(hashes, 0, count);
        named(tag, count, top)
    }

    /// Aborts with E_BAD_PROOF unless `hash` stands at `index` of the list of so many hashes.
    ///
    /// @param path from its sibling up.
    package fun assert_contains(
        tag: vector<u8>,
        root: vector<u8>,
        count: u64,
        index: u64,
        hash: vector<u8>,
        path: vector<vector<u8>>,
    ) {
        assert!(index < count, errors::bad_proof());
        let top = climb(hash, index, count, &mut path);
        assert!(
            vector::is_empty(&path) && named(tag, count, top) == root,
            errors::bad_proof()
        )
    }

    /// The top of a list of `count` in which `hash` stands at `index`; takes the path from its end.
    fun climb(
        hash: vector<u8>,
        index: u64,
        count: u64,
        path: &mut vector<vector<u8>>,
    ): vector<u8> {
        if (count == 1) return hash;
        assert!(!vector::is_empty(path), errors::bad_proof());
        let sibling = vector::pop_back(path);
        let left = left_size(count);
        if (index < left) {
            node(climb(hash, index, left, path), sibling)
        } else {
            node(sibling, climb(hash, index - left, count - left, path))
        }
    }

    fun top(hashes: &vector<vector<u8>>, from: u64, to: u64): vector<u8> {
        if (from + 1 == to) return *vector::borrow(hashes, from);
        let middle = from + left_size(to - from);
        node(top(hashes, from, middle), top(hashes, middle, to))
    }

    /// The largest power of two below `size`, which is above one.
    fun left_size(size: u64): u64 {
        let left = 1;
        while (2 * left < size) left = 2 * left;
        left
    }

    fun node(left: vector<u8>, right: vector<u8>): vector<u8> {
        vector::append(&mut left, right);
        domain::digest(NODE, left)
    }

    fun named(tag: vector<u8>, count: u64, top: vector<u8>): vector<u8> {
        let bytes = bcs::to_bytes(&count);
        vector::append(&mut bytes, top);
        domain::digest(tag, bytes)
    }
}
